//! `cargo xtask demo`: builds everything and runs `vestibule demo` in this terminal.

use std::process::ExitCode;

use anyhow::Result;

use crate::process::Cmd;
use crate::progress::Progress;
use crate::wasm::{self, Toolchain};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed on to `vestibule demo`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    demo: Vec<String>,
}

/// Builds and runs the demonstration; its exit code is this command's.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let mut progress = Progress::new(4);
    let toolchain = progress.phase("looking for a compiler to WebAssembly", Toolchain::prepare)?;
    progress.phase("building the plugins", || wasm::build_plugins(workspace, &toolchain))?;
    progress.phase("building the plugin compiler", || compiler(workspace))?;
    progress.phase("building vestibule", || host(workspace))?;
    eprintln!("ready after {}\n", progress.total_time());

    let status = Cmd::new(vestibule(workspace))
        .arg("demo")
        .args(&args.demo)
        .env("VESTIBULE_PLUGINS", workspace.path("target/plugins"))
        .foreground()?;
    // An interrupted demonstration has no code of its own; shells say 130.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(130);
    Ok(ExitCode::from(code))
}

/// Builds `host/compile` beside the host, where the host looks for it. A build graph of its own keeps the compiler
/// out of the host.
pub(crate) fn compiler(workspace: &Workspace) -> Result<()> {
    for satellite in workspace.satellites().iter().filter(|satellite| satellite.name == "host/compile") {
        satellite.cargo("build").run()?;
    }
    Ok(())
}

/// Builds the programs of the host, in the development profile: it shares every dependency with the tests, and a
/// cold build takes a fraction of the release profile's.
pub(crate) fn host(workspace: &Workspace) -> Result<()> {
    workspace.cargo("build").args(["--package", "vestibule"]).run()
}

/// The program that `host` built.
fn vestibule(workspace: &Workspace) -> std::path::PathBuf {
    workspace.target().join("debug").join(format!("vestibule{}", std::env::consts::EXE_SUFFIX))
}
