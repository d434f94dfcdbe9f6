//! `vestibule demo`
use vestibule_core::Result;
use crate::session::Session;
/// Watch a sign-in from the browser to the token and back out
#[derive(Debug, clap::Args)]
pub struct Args {}
pub(crate) fn run(_args: &Args, _session: &Session) -> Result<()> {
    Ok(())
}
