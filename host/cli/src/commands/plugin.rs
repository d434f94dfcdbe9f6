//! `vestibule plugin`: components, judged before they are trusted.

mod inspect;
mod install;
mod list;
mod remove;

use clap::Subcommand;
use vestibule_core::Result;

use crate::session::Session;

/// Inspect, install, list and remove plugins
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(inspect::Args),
    Install(install::Args),
    List(list::Args),
    Remove(remove::Args),
}

pub(crate) fn run(args: Args, session: &Session) -> Result<()> {
    match args.command {
        Command::Inspect(args) => inspect::run(args, session),
        Command::Install(args) => install::run(&args, session),
        Command::List(args) => list::run(&args, session),
        Command::Remove(args) => remove::run(&args, session),
    }
}
