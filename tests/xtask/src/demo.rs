//! `cargo xtask demo`: builds everything and runs `vestibule demo` in this terminal.

use std::path::PathBuf;
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

/// How the programs of the host are built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Shares every dependency with the tests; a cold build takes a fraction of the other's time.
    Development,
    /// What users get, and what is measured.
    Release,
}

impl Profile {
    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Development => &[],
            Self::Release => &["--release"],
        }
    }

    /// The command line program after `build`.
    pub(crate) fn program(self, workspace: &Workspace) -> PathBuf {
        self.built(workspace, "vestibule")
    }

    /// The compiling program after `build`.
    pub(crate) fn compiler(self, workspace: &Workspace) -> PathBuf {
        self.built(workspace, "vestibule-compile")
    }

    fn built(self, workspace: &Workspace, program: &str) -> PathBuf {
        let folder = match self {
            Self::Development => "debug",
            Self::Release => "release",
        };
        workspace
            .target()
            .join(folder)
            .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// Builds and runs the demonstration; its exit code is this command's.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let mut progress = Progress::new(3);
    let toolchain = progress.phase("looking for a compiler to WebAssembly", Toolchain::prepare)?;
    progress.phase("building the plugins", || {
        wasm::build_plugins(workspace, &toolchain)
    })?;
    progress.phase("building vestibule", || {
        build(workspace, Profile::Development)
    })?;
    eprintln!("ready after {}\n", progress.total_time());

    let status = Cmd::new(Profile::Development.program(workspace))
        .arg("demo")
        .arg("--plugins")
        .arg(workspace.path(wasm::PLUGINS))
        .args(&args.demo)
        .foreground()?;
    // An interrupted demonstration has no code of its own; shells say 130.
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(130);
    Ok(ExitCode::from(code))
}

/// Builds `vestibule` and, beside it, the program that compiles plugins: a build graph of its own keeps that
/// compiler out of the host.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    if let Some(compiler) = workspace.compiler() {
        compiler.cargo("build").args(profile.flags()).run()?;
    }
    workspace
        .cargo("build")
        .args(["--package", "vestibule"])
        .args(profile.flags())
        .run()
}
