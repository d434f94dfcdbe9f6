//! `cargo xtask bench`: criterion inside the processes, hyperfine around them, in one run on one machine.

mod contenders;
mod issuer;
mod oidc_agent;
mod whole_process;

use std::path::Path;

use anyhow::{Result, ensure};

use self::contenders::Arena;
use crate::process::find_program;
use crate::progress::Progress;
use crate::workspace::{Metadata, Workspace};
use crate::{apt, demo};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measure `vestibule token TENANT` with the grant that this user has for TENANT, not with a practice tenant
    #[arg(long)]
    tenant: Option<String>,
    /// Measure whole processes only
    #[arg(long)]
    skip_criterion: bool,
}

/// The tools that are measured or that measure, and the Debian packages that bring them.
const TOOLS: &[(&str, &str)] = &[
    ("hyperfine", "hyperfine"),
    ("time", "time"),
    ("oidc-token", "oidc-agent-cli"),
    ("gh", "gh"),
    ("cc", "gcc"),
];

/// Measures everything and prints one table.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut progress = Progress::new(if args.skip_criterion { 3 } else { 4 });
    progress.phase("installing the tools to compare with", install)?;
    progress.phase("building vestibule as it is released", || {
        demo::build(workspace, demo::Profile::Release)
    })?;
    if !args.skip_criterion {
        progress.phase("benchmarks inside the process", || criterion(workspace))?;
    }
    let table = progress.phase("whole processes, side by side", || {
        let arena = Arena::prepare(workspace, args.tenant.as_deref())?;
        whole_process::measure(&arena)
    })?;
    println!("{table}");
    Ok(())
}

fn install() -> Result<()> {
    let missing: Vec<&str> = TOOLS
        .iter()
        .filter(|(program, _)| find_program(program).is_none())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        apt::install(&missing, "compare whole processes")
    }
}

/// Runs every criterion benchmark: those of the workspace, and those of the plugins, natively.
fn criterion(workspace: &Workspace) -> Result<()> {
    crate::wasm::run(workspace)?;
    let compiler = demo::Profile::Release.compiler(workspace);
    let mut found = false;
    for (package, bench) in benches(&workspace.path("Cargo.toml"))? {
        found = true;
        workspace
            .cargo("bench")
            .args(["--package", &package, "--bench", &bench])
            .env("VESTIBULE_COMPILE", &compiler)
            .run()?;
    }
    for satellite in workspace.satellites() {
        for (package, bench) in benches(satellite.manifest())? {
            satellite
                .cargo("bench")
                .args(["--package", &package, "--bench", &bench])
                .run()?;
        }
    }
    ensure!(found, "no package of the workspace has a benchmark");
    Ok(())
}

/// Package and name of every benchmark of a workspace.
fn benches(manifest: &Path) -> Result<Vec<(String, String)>> {
    let metadata = Metadata::of(manifest)?;
    let is_bench = |kinds: &[String]| kinds.iter().any(|kind| kind == "bench");
    let mut found = Vec::new();
    for package in &metadata.packages {
        let benches = package
            .targets
            .iter()
            .filter(|target| is_bench(&target.kind));
        found.extend(benches.map(|bench| (package.name.clone(), bench.name.clone())));
    }
    Ok(found)
}
