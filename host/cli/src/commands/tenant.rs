//! `vestibule tenant`: which providers there are, and what their plugins may do.

mod add;
mod approve;
mod check;
mod list;
mod remove;
mod secret;
mod show;

use clap::Subcommand;
use vestibule_core::Result;

use crate::session::Session;

/// Add, show, approve and remove tenants
///
/// A tenant is one file, tenants.d/NAME.toml: a plugin, its settings, and what is allowed. Nothing is done for a tenant before
/// somebody has approved what its plugin may do.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(add::Args),
    List(list::Args),
    Show(show::Args),
    Approve(approve::Args),
    Secret(secret::Args),
    Remove(remove::Args),
    Check(check::Args),
}

pub(crate) fn run(args: Args, session: &Session) -> Result<()> {
    match args.command {
        Command::Add(args) => add::run(args, session),
        Command::List(args) => list::run(&args, session),
        Command::Show(args) => show::run(&args, session),
        Command::Approve(args) => approve::run(&args, session),
        Command::Secret(args) => secret::run(&args, session),
        Command::Remove(args) => remove::run(&args, session),
        Command::Check(args) => check::run(&args, session),
    }
}
