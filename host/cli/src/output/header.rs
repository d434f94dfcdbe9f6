//! `--format header`: `Authorization: Bearer …` (RFC 6750 section 2.1), for `curl -H @-`.

use vestibule_app::broker::release::Released;
use vestibule_core::Result;

use super::{Document, only_part, put_part};

pub(super) fn write(released: &Released, document: &mut Document) -> Result<()> {
    let token = only_part(released)?;
    document.extend_from_slice(b"Authorization: Bearer ");
    put_part(released, token, document)
}
