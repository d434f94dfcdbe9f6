//! The seeds of a target: files that can be read, and what is made here because nobody could read it.

use std::path::PathBuf;

use vestibule_core::TenantName;
use vestibule_guests::{Guest, core_module, plain_component};
use vestibule_store::fuzzing::sealed;

/// All seeds of this target.
pub(crate) fn of(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = made(target);
    for file in files(target) {
        seeds.push(std::fs::read(file).expect("a seed can be read"));
    }
    seeds
}

fn files(target: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../seeds");
    let Ok(entries) = std::fs::read_dir(folder.join(target)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be read").path())
        .collect();
    files.sort();
    files
}

fn made(target: &str) -> Vec<Vec<u8>> {
    match target {
        "admission" => vec![
            Guest::honest().component(),
            plain_component("(component (import \"wasi:cli/environment@0.2.0\" (instance)))"),
            plain_component("(component (core module (func (export \"f\"))) (component))"),
            core_module(),
        ],
        "sealed" => {
            let tenant = TenantName::parse("work").expect("a legal name");
            // A payload that is a record: its head with one part, and the part.
            let head = br#"{"label":{"kind":"grant","tenant":"work","issuer":"https://idp.example","client_id":"cli","subject":"alice","derived_for":""},"facts":{"primary":"oauth","method":"browser","account":null,"scopes":["openid"],"signed_in_at":1,"renewed_at":1,"expires_at":2,"ends_at":3,"plugin":"sha256:0","approval":"sha256:0","id_token":null,"client_id":null},"parts":[{"name":"access_token","kind":"access_token"}]}"#;
            let mut payload = Vec::new();
            for piece in [head.as_slice(), b"a token"] {
                let length = u32::try_from(piece.len()).expect("a short piece");
                payload.extend_from_slice(&length.to_be_bytes());
                payload.extend_from_slice(piece);
            }
            let mut file = sealed(tenant, &payload).expect("a payload can be sealed");
            // Without its tag: what does not open must not become openable by chance.
            let tag = file.len() - 16;
            file[tag..].fill(0);
            vec![payload, file]
        }
        _ => Vec::new(),
    }
}
