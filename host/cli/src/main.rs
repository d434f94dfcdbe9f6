//! The program.

use std::process::ExitCode;

fn main() -> ExitCode {
    vestibule_cli::main()
}
