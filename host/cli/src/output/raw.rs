//! `--format raw`: the token itself.

use vestibule_app::broker::release::Released;
use vestibule_core::Result;

use super::{Document, only_part, put_part};

pub(super) fn write(released: &Released, document: &mut Document) -> Result<()> {
    put_part(released, only_part(released)?, document)
}
