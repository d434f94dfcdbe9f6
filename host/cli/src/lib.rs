//! The command line of Vestibule: what is typed, what is shown, and the exit code. Everything else is `vestibule-app`.
//!
//! Results go to standard output, talk to standard error, questions to the controlling terminal; only [`printer`] and
//! [`terminal`] write. The environment is read in [`environment`], and nowhere else.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod cli;
pub mod commands;
pub mod environment;
pub mod forward;
pub mod named_file;
pub mod output;
pub mod printer;
pub mod progress;
pub mod runtime;
pub mod session;
pub mod stack;
pub mod surroundings;
pub mod talker;
pub mod terminal;
pub mod values;
pub mod view;

use std::process::ExitCode;

use vestibule_core::Result;

use crate::cli::{Cli, Parsed};
use crate::environment::Environment;
use crate::printer::Printer;
use crate::session::Session;

/// Runs the program from its arguments to its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let look = Environment::look();
    let arguments: Vec<_> = std::env::args_os().collect();
    let cli = match cli::parse(&arguments, look.color_stderr) {
        Parsed::Cli(cli) => *cli,
        Parsed::Answered(printer, answer) => return printer.answer(&answer),
    };
    let printer = Printer::new(&cli.global, look.color_stderr);
    match run(cli, printer) {
        Ok(code) => code,
        Err(problem) => printer.error(&problem),
    }
}

fn run(cli: Cli, printer: Printer) -> Result<ExitCode> {
    let session = Session::new(Environment::read()?, printer);
    commands::run(cli.command, &session)
}
