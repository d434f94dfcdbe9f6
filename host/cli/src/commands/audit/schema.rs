//! `vestibule audit schema`

use vestibule_app::AUDIT_SCHEMA;
use vestibule_core::Result;

use crate::session::Session;

/// Print the JSON Schema of a record: which fields each event has
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, session: &Session) -> Result<()> {
    session.printer.bytes(AUDIT_SCHEMA.as_bytes())
}
