//! `vestibule audit`: what was issued, handed out, refused, revoked and changed here, and whether the log of it is whole.

mod alerts;
mod export;
mod schema;
mod show;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;
use vestibule_app::Vestibule;
use vestibule_core::{Result, Shown};

use crate::session::Session;

/// Read, verify, export the audit log; look for what is unusual
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
    Alerts(alerts::Args),
    Export(export::Args),
    Schema(schema::Args),
}

pub(crate) fn run(args: Args, session: &Session) -> Result<ExitCode> {
    match args.command {
        Command::Show(args) => show::run(&args, session),
        Command::Verify(args) => verify::run(&args, session),
        Command::Export(args) => export::run(&args, session),
        Command::Alerts(args) => return alerts::run(&args, session),
        Command::Schema(args) => schema::run(&args, session),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Says beside what was read that it is not what was written.
fn warn_of_tampering(vestibule: &Vestibule, unreadable: u64, session: &Session) -> Result<()> {
    if unreadable > 0 {
        session.printer.warn(&format!(
            "{unreadable} lines of the audit log are no records; run: vestibule audit verify"
        ));
    } else if let Some(problem) = vestibule.verify_audit()?.error() {
        session.printer.warn(&format!(
            "{}; run: vestibule audit verify",
            Shown::whole(problem.message())
        ));
    }
    Ok(())
}
