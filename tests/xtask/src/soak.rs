//! `cargo xtask soak`: jobs that take too long for every change. The summary of the last run stays in the target
//! folder.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::process::Cmd;
use crate::progress::Progress;
use crate::workspace::Workspace;
use crate::{test, tools};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Say which jobs there are
    #[arg(long)]
    list: bool,
    /// Run this job alone (may be given more than once)
    #[arg(long, value_name = "JOB")]
    only: Vec<String>,
}

/// A long job.
struct Job {
    name: &'static str,
    what: &'static str,
    work: Work,
}

enum Work {
    /// Checks of cargo-deny.
    Deny(&'static [&'static str]),
    /// The tests of `package` whose names contain `filter`, over and over: what fails once in a thousand runs is a
    /// race, and a sign-in that fails once in a thousand is a broken one.
    Repeat {
        package: &'static str,
        filter: &'static str,
        runs: u32,
    },
}

const JOBS: &[Job] = &[
    Job {
        name: "deny",
        what: "licences, bans and sources of dependencies",
        work: Work::Deny(&["licenses", "bans", "sources"]),
    },
    Job {
        name: "advisories",
        what: "known vulnerabilities of dependencies; their database is fetched from the internet",
        work: Work::Deny(&["advisories"]),
    },
    Job {
        name: "listener",
        what: "the loopback listener, 1,000 times",
        work: Work::Repeat {
            package: "vestibule-broker",
            filter: "loopback",
            runs: 1000,
        },
    },
    Job {
        name: "store",
        what: "the store of grants, 1,000 times",
        work: Work::Repeat {
            package: "vestibule-store",
            filter: "",
            runs: 1000,
        },
    },
];

/// Runs the jobs that were asked for; a failed one does not stop the next.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    if let Some(unknown) = args
        .only
        .iter()
        .find(|name| !JOBS.iter().any(|job| job.name == **name))
    {
        bail!("there is no job `{unknown}`; `cargo xtask soak --list` lists them");
    }
    if args.list {
        for job in JOBS {
            println!("{:<10} {}", job.name, job.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = |job: &&Job| args.only.is_empty() || args.only.iter().any(|name| name == job.name);
    let jobs: Vec<&Job> = JOBS.iter().filter(chosen).collect();
    let mut progress = Progress::new(jobs.len());
    let mut summary = String::new();
    let mut failed = 0_usize;
    for job in &jobs {
        let outcome = match progress.phase(job.what, || job.work.run(workspace)) {
            Ok(()) => "passed".to_owned(),
            Err(error) => {
                failed += 1;
                format!("FAILED: {error:#}")
            }
        };
        let _infallible = writeln!(summary, "{:<10} {outcome}", job.name);
    }
    let _infallible = writeln!(
        summary,
        "{} jobs passed, {failed} failed, in {}",
        jobs.len() - failed,
        progress.total_time()
    );
    let file = workspace.target().join("soak-summary.txt");
    std::fs::write(&file, &summary)
        .with_context(|| format!("could not write {}", file.display()))?;
    print!("{summary}");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Work {
    fn run(&self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Deny(checks) => {
                test::deny_check(workspace, &tools::cargo_deny(workspace)?, checks)
            }
            Self::Repeat {
                package,
                filter,
                runs,
            } => repeat(workspace, package, filter, *runs),
        }
    }
}

/// Builds the tests of `package` once and starts them `runs` times.
fn repeat(workspace: &Workspace, package: &str, filter: &str, runs: u32) -> Result<()> {
    let programs = test_programs(workspace, package)?;
    let mut ever_ran = false;
    for run in 1..=runs {
        for TestProgram { executable, folder } in &programs {
            let printed = Cmd::new(executable)
                .arg(filter)
                .dir(folder)
                .env("CARGO_MANIFEST_DIR", folder)
                .read()
                .with_context(|| format!("run {run} of {runs} failed"))?;
            ever_ran |= !printed.contains("running 0 tests");
        }
        ensure!(ever_ran, "no test of {package} has `{filter}` in its name");
        if run.is_multiple_of(runs.div_ceil(10)) {
            eprintln!("    {run} of {runs}");
        }
    }
    Ok(())
}

/// A compiled test, and the folder in which cargo would start it.
struct TestProgram {
    executable: PathBuf,
    folder: PathBuf,
}

/// The line of `cargo test --message-format=json` that is read here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
}

fn test_programs(workspace: &Workspace, package: &str) -> Result<Vec<TestProgram>> {
    let messages = workspace
        .cargo("test")
        .args([
            "--package",
            package,
            "--lib",
            "--tests",
            "--no-run",
            "--message-format=json",
        ])
        .read()?;
    let program = |line: &str| {
        let message: Message = serde_json::from_str(line).ok()?;
        let folder = message.manifest_path?.parent()?.to_path_buf();
        Some(TestProgram {
            executable: message.executable?,
            folder,
        })
    };
    Ok(messages.lines().filter_map(program).collect())
}
