//! `--format env`: one `NAME='VALUE'` line for each part, quoted for a POSIX shell.

use vestibule_app::broker::release::Released;
use vestibule_core::Result;
use zeroize::Zeroizing;

use super::{Document, ROOM, put_part};

pub(super) fn write(released: &Released, document: &mut Document) -> Result<()> {
    for (index, name) in released.names().enumerate() {
        if index > 0 {
            document.push(b'\n');
        }
        document.extend_from_slice(variable(name).as_bytes());
        document.extend_from_slice(b"='");
        let mut value = Zeroizing::new(Vec::with_capacity(ROOM));
        put_part(released, name, &mut value)?;
        for byte in value.iter() {
            match byte {
                // A quote ends the quoting, stands escaped, and begins it anew.
                b'\'' => document.extend_from_slice(b"'\\''"),
                byte => document.push(*byte),
            }
        }
        document.push(b'\'');
    }
    Ok(())
}

/// The variable that programs expect for a part.
fn variable(name: &str) -> String {
    match name {
        "access_key_id" | "secret_access_key" | "session_token" => {
            format!("AWS_{}", name.to_ascii_uppercase())
        }
        other => other.to_ascii_uppercase(),
    }
}
