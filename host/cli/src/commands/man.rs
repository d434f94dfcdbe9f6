//! `vestibule man`

use std::path::PathBuf;

use clap::CommandFactory as _;
use vestibule_core::{Error, Result};

use crate::cli::Cli;
use crate::session::Session;

/// Write the manual pages into a directory
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory, which must be there
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub(crate) fn run(args: &Args, session: &Session) -> Result<()> {
    let written = clap_mangen::generate_to(Cli::command(), &args.directory);
    written.map_err(|problem| {
        Error::user(
            "man.write",
            format!("the manual pages cannot be written there: {problem}"),
        )
    })?;
    session
        .printer
        .say(&format!("Written to {}.", args.directory.display()));
    Ok(())
}
