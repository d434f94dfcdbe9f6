//! `vestibule completions`

use clap::CommandFactory as _;
use clap_complete::Shell;
use vestibule_core::Result;

use crate::cli::Cli;
use crate::session::Session;

/// Write completions for a shell
///
/// For example: vestibule completions bash > ~/.local/share/bash-completion/completions/vestibule
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args, session: &Session) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "vestibule", &mut script);
    session.printer.bytes(&script)
}
