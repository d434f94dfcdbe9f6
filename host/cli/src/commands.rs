//! The commands, one file each.

pub mod audit;
pub mod completions;
pub mod demo;
pub mod doctor;
pub mod login;
pub mod logout;
pub mod man;
pub mod plugin;
pub mod status;
pub mod step_up;
pub mod tenant;
pub mod token;

use std::process::ExitCode;

use vestibule_core::Result;

use crate::cli::Command;
use crate::session::Session;

/// Runs a command.
///
/// # Errors
/// Those of the command.
pub fn run(command: Command, session: &Session) -> Result<ExitCode> {
    match command {
        Command::Login(args) => login::run(args, session),
        Command::Token(args) => token::run(args, session),
        Command::StepUp(args) => step_up::run(args, session),
        Command::Logout(args) => return logout::run(args, session),
        Command::Status(args) => status::run(&args, session),
        Command::Doctor(args) => return doctor::run(args, session),
        Command::Audit(args) => return audit::run(args, session),
        Command::Tenant(args) => tenant::run(args, session),
        Command::Plugin(args) => plugin::run(args, session),
        Command::Demo(args) => demo::run(&args, session),
        Command::Completions(args) => completions::run(&args, session),
        Command::Man(args) => man::run(&args, session),
    }?;
    Ok(ExitCode::SUCCESS)
}
