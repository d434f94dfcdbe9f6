//! `--format aws`: the document of AWS `credential_process`, version 1. `Expiration` is always there, because credentials without it
//! count as long-term ones and are not renewed (HELP-06).

use vestibule_app::broker::release::Released;
use vestibule_core::Result;

use super::{Document, put_json};
use crate::view::time;

/// Members of the document, and the parts that fill them.
const MEMBERS: [(&str, &str); 3] = [
    ("AccessKeyId", "access_key_id"),
    ("SecretAccessKey", "secret_access_key"),
    ("SessionToken", "session_token"),
];

pub(super) fn write(released: &Released, document: &mut Document) -> Result<()> {
    document.extend_from_slice(b"{\"Version\":1,");
    for (member, part) in MEMBERS {
        document.extend_from_slice(format!("\"{member}\":").as_bytes());
        put_json(released, part, document)?;
        document.push(b',');
    }
    document.extend_from_slice(
        format!(
            "\"Expiration\":\"{}\"}}",
            time::rfc3339(released.expires_at())
        )
        .as_bytes(),
    );
    Ok(())
}
