//! `vestibule plugin`: components, judged before they are trusted.

mod inspect;
mod install;
mod list;

use clap::Subcommand;
use vestibule_core::Result;

use crate::session::Session;

/// Inspect, install and list plugins
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
}

pub(crate) fn run(args: Args, session: &Session) -> Result<()> {
    match args.command {
        Command::Inspect(args) => inspect::run(args, session),
        Command::Install(args) => install::run(&args, session),
        Command::List(args) => list::run(&args, session),
    }
}
