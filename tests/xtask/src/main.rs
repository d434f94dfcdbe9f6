//! `cargo xtask`: builds, runs and checks Vestibule on a machine that has Rust and nothing else.
//!
//! Two commands are all that a newcomer needs: `cargo xtask demo` and `cargo xtask test`. Each installs what it
//! lacks where it may (Debian, as root), and says exactly what to type where it may not.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build tool: reading files and the environment and talking to the person in front of it is its job"
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod apt;
mod attacks;
mod bench;
mod demo;
mod node;
mod process;
mod progress;
mod requirements;
mod setup;
mod soak;
mod tenant_file;
mod test;
mod tools;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, runs and checks Vestibule.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and run `vestibule demo`: a sign-in against the practice provider, step by step
    Demo(demo::Args),
    /// Install what the tests need, build everything, run every check
    Test(test::Args),
    /// Build the plugins into target/plugins and the hostile guests into target/guests
    Plugins,
    /// Install what the tests need; does nothing where it is there already
    Setup,
    /// Say which requirements are proven by a test, and refuse claims that prove nothing
    Requirements(requirements::Args),
    /// Print the reference of the tenant file, from the types that read it
    TenantFile(tenant_file::Args),
    /// Print the table of attacks: what each tries, what stops it, what that proves
    Attacks(attacks::Args),
    /// Measure, beside the tools that a user would take instead
    Bench(bench::Args),
    /// Run the jobs that take too long for every change
    Soak(soak::Args),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let workspace = Workspace::locate()?;
    match command {
        Command::Demo(args) => demo::run(&workspace, &args),
        Command::Test(args) => test::run(&workspace, &args),
        Command::Plugins => wasm::run(&workspace).map(|()| ExitCode::SUCCESS),
        Command::Setup => setup::run(&workspace).map(|()| ExitCode::SUCCESS),
        Command::Requirements(args) => requirements::run(&workspace, &args),
        Command::TenantFile(args) => {
            tenant_file::run(&workspace, &args).map(|()| ExitCode::SUCCESS)
        }
        Command::Attacks(args) => attacks::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Command::Bench(args) => bench::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Command::Soak(args) => soak::run(&workspace, &args),
    }
}
