//! `vestibule audit`: what was issued, handed out, refused, revoked and changed here, and whether the log of it is whole.

mod show;
mod verify;

use clap::Subcommand;
use vestibule_core::Result;

use crate::session::Session;

/// Read the audit log, and verify it
///
/// Every token that was issued, renewed, handed out or revoked has a record there, and so has everything that was refused or
/// changed. It holds no secret: a token is known by a keyed digest.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(show::Args),
    Verify(verify::Args),
}

pub(crate) fn run(args: Args, session: &Session) -> Result<()> {
    match args.command {
        Command::Show(args) => show::run(&args, session),
        Command::Verify(args) => verify::run(&args, session),
    }
}
