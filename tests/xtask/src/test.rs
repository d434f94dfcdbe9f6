//! `cargo xtask test`: every check, in the order in which a mistake is cheapest to find.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::process::Cmd;
use crate::progress::Progress;
use crate::wasm::{self, Toolchain};
use crate::workspace::Workspace;
use crate::{attacks, demo, node, requirements, setup, tenant_file, tools};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out what needs installed programs or minutes: linting, the end-to-end tests, doc tests, licences
    #[arg(long)]
    fast: bool,
    /// Say which phases there are
    #[arg(long)]
    list: bool,
    /// Run this phase alone (may be given more than once)
    #[arg(long, value_name = "PHASE", conflicts_with = "fast")]
    only: Vec<String>,
}

/// One phase of the checks.
struct Phase {
    /// The word for `--only`.
    name: &'static str,
    /// What the progress line says.
    what: &'static str,
    /// Whether `--fast` runs it.
    fast: bool,
    run: fn(&Workspace, Scope) -> Result<()>,
}

/// How much of each phase is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Everything,
    Fast,
}

const PHASES: &[Phase] = &[
    Phase {
        name: "format",
        what: "checking the format",
        fast: true,
        run: format,
    },
    Phase {
        name: "requirements",
        what: "checking the claims of proof",
        fast: true,
        run: claims,
    },
    Phase {
        name: "setup",
        what: "installing what the tests need",
        fast: false,
        run: install,
    },
    Phase {
        name: "licences",
        what: "checking licences and sources of dependencies",
        fast: false,
        run: licences,
    },
    Phase {
        name: "plugins",
        what: "building the plugins and the hostile guests",
        fast: true,
        run: guests,
    },
    Phase {
        name: "host",
        what: "building vestibule and the plugin compiler",
        fast: true,
        run: host,
    },
    Phase {
        name: "plugin-tests",
        what: "testing plugins and SDK on this machine",
        fast: true,
        run: plugin_tests,
    },
    Phase {
        name: "tests",
        what: "testing the host",
        fast: true,
        run: host_tests,
    },
    Phase {
        name: "doc-tests",
        what: "testing the examples of the documentation",
        fast: false,
        run: doc_tests,
    },
    Phase {
        name: "lint",
        what: "linting",
        fast: false,
        run: lint,
    },
];

/// Runs the phases that were asked for and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    if args.list {
        for phase in PHASES {
            println!(
                "{:<14} {}{}",
                phase.name,
                phase.what,
                if phase.fast { "" } else { " (not with --fast)" }
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    let scope = if args.fast {
        Scope::Fast
    } else {
        Scope::Everything
    };
    let phases = chosen(args)?;
    let mut progress = Progress::new(phases.len());
    for (passed, phase) in phases.iter().enumerate() {
        progress
            .phase(phase.what, || (phase.run)(workspace, scope))
            .inspect_err(|_| {
                println!(
                    "phases: {passed} passed, 1 failed, in {}",
                    progress.total_time()
                )
            })
            .with_context(|| {
                format!(
                    "phase `{0}` failed; run it alone by `cargo xtask test --only {0}`",
                    phase.name
                )
            })?;
    }
    println!(
        "phases: {} passed, 0 failed, in {}",
        phases.len(),
        progress.total_time()
    );
    Ok(ExitCode::SUCCESS)
}

fn chosen(args: &Args) -> Result<Vec<&'static Phase>> {
    if let Some(unknown) = args
        .only
        .iter()
        .find(|name| !PHASES.iter().any(|phase| phase.name == **name))
    {
        bail!("there is no phase `{unknown}`; `cargo xtask test --list` lists them");
    }
    let wanted = |phase: &&Phase| {
        if args.only.is_empty() {
            phase.fast || !args.fast
        } else {
            args.only.iter().any(|name| name == phase.name)
        }
    };
    Ok(PHASES.iter().filter(wanted).collect())
}

fn format(workspace: &Workspace, _: Scope) -> Result<()> {
    workspace.cargo("fmt").args(["--all", "--check"]).run()?;
    for satellite in workspace.satellites() {
        satellite
            .cargo_without_target("fmt")
            .args(["--all", "--check"])
            .run()?;
    }
    Ok(())
}

fn claims(workspace: &Workspace, _: Scope) -> Result<()> {
    requirements::check(workspace)?;
    tenant_file::check(workspace)?;
    attacks::check(workspace)
}

fn install(workspace: &Workspace, _: Scope) -> Result<()> {
    setup::programs()?;
    node::install(workspace)
}

fn licences(workspace: &Workspace, _: Scope) -> Result<()> {
    let deny = tools::cargo_deny(workspace)?;
    deny_check(workspace, &deny, &["licenses", "bans", "sources"])
}

/// Runs cargo-deny over every lock file. Advisories need a database from the internet, the others need nothing.
pub(crate) fn deny_check(
    workspace: &Workspace,
    deny: &std::path::Path,
    checks: &[&str],
) -> Result<()> {
    let manifests = [
        "Cargo.toml",
        "host/compile/Cargo.toml",
        "plugins/Cargo.toml",
        "tests/fuzz/Cargo.toml",
    ];
    for manifest in manifests
        .iter()
        .filter(|manifest| workspace.path(manifest).is_file())
    {
        Cmd::new(deny)
            .arg("--manifest-path")
            .arg(workspace.path(manifest))
            .arg("--config")
            .arg(workspace.path("deny.toml"))
            .args(["check", "--hide-inclusion-graph"])
            .args(checks)
            .run()
            .with_context(|| format!("the dependencies of {manifest} break a rule of deny.toml"))?;
    }
    Ok(())
}

fn guests(workspace: &Workspace, _: Scope) -> Result<()> {
    let toolchain = Toolchain::prepare()?;
    wasm::build_plugins(workspace, &toolchain)?;
    wasm::build_hostile_guests(workspace, &toolchain)
}

fn host(workspace: &Workspace, _: Scope) -> Result<()> {
    demo::build(workspace, demo::Profile::Development)
}

/// The plugins' own tests need neither wasm nor network; the compiler is tested in its own build graph.
fn plugin_tests(workspace: &Workspace, _: Scope) -> Result<()> {
    for satellite in workspace.satellites() {
        satellite.cargo("test").arg("--workspace").run()?;
    }
    Ok(())
}

fn host_tests(workspace: &Workspace, scope: Scope) -> Result<()> {
    let runner = if tools::has_nextest() {
        workspace
            .cargo("nextest")
            .args(["run", "--workspace", "--no-fail-fast"])
    } else {
        workspace.cargo("test").args([
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
            "--no-fail-fast",
        ])
    };
    let runner = match scope {
        Scope::Everything => runner,
        Scope::Fast => runner.args(["--exclude", "vestibule-e2e"]),
    };
    // Tests that need the compiling program would build it themselves, a second time.
    let compiler = demo::Profile::Development.compiler(workspace);
    let runner = if compiler.is_file() {
        runner.env("VESTIBULE_COMPILE", compiler)
    } else {
        runner
    };
    // A changed snapshot is a failed test, never a file written on the side.
    runner.env("INSTA_UPDATE", "no").run()
}

fn doc_tests(workspace: &Workspace, _: Scope) -> Result<()> {
    workspace.cargo("test").args(["--workspace", "--doc"]).run()
}

fn lint(workspace: &Workspace, _: Scope) -> Result<()> {
    workspace
        .cargo("clippy")
        .args(["--workspace", "--all-targets", "--", "--deny", "warnings"])
        .run()?;
    for satellite in workspace.satellites() {
        satellite
            .cargo("clippy")
            .args(["--workspace", "--all-targets", "--", "--deny", "warnings"])
            .run()?;
    }
    Ok(())
}
