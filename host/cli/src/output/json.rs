//! `--format json`: every part by its name, and the expiry as RFC 3339 has it.

use vestibule_app::broker::release::Released;
use vestibule_core::Result;

use super::{Document, put_json};
use crate::view::time;

pub(super) fn write(released: &Released, document: &mut Document) -> Result<()> {
    document.push(b'{');
    for name in released.names() {
        document.extend_from_slice(format!("\"{name}\":").as_bytes());
        put_json(released, name, document)?;
        document.push(b',');
    }
    document.extend_from_slice(
        format!(
            "\"expires_at\":\"{}\"}}",
            time::rfc3339(released.expires_at())
        )
        .as_bytes(),
    );
    Ok(())
}
