//! `cargo xtask soak`: jobs that take too long for every change. The summary of the last run stays in the target
//! folder.

mod audit;
mod fuzz;
mod mutants;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::process::Cmd;
use crate::progress::Progress;
use crate::workspace::{Target, Workspace};
use crate::{demo, test, tools};

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
    name: String,
    what: String,
    work: Work,
}

enum Work {
    /// Checks of cargo-deny.
    Deny(&'static [&'static str]),
    /// A fuzz target, for ten minutes.
    Fuzz(String),
    /// The taint test, with so many cases.
    Taint(u32),
    /// An audit log of so many records, verified whole and altered.
    Audit(u64),
    /// cargo-mutants on these packages, with the exclusions of `.cargo/mutants.toml`.
    Mutants(&'static [&'static str]),
    /// The tests of `package` whose names, or whose files' names, contain `filter`, over and over: what fails once in a thousand runs is a
    /// race, and a sign-in that fails once in a thousand is a broken one.
    Repeat {
        package: &'static str,
        filter: &'static str,
        runs: u32,
    },
}

/// All jobs. A fuzz target is one because it is there.
fn jobs(workspace: &Workspace) -> Result<Vec<Job>> {
    let job = |name: &str, what: &str, work| Job {
        name: name.to_owned(),
        what: what.to_owned(),
        work,
    };
    let repeated = |package, filter| Work::Repeat {
        package,
        filter,
        runs: 1000,
    };
    let mut jobs = vec![
        job(
            "deny",
            "licences, bans and sources of dependencies",
            Work::Deny(&["licenses", "bans", "sources"]),
        ),
        job(
            "advisories",
            "known vulnerabilities of dependencies; their database is fetched from the internet",
            Work::Deny(&["advisories"]),
        ),
        job(
            "listener",
            "the loopback listener, 1,000 times",
            repeated("vestibule-broker", "loopback"),
        ),
        job(
            "store",
            "the store of grants, 1,000 times",
            repeated("vestibule-store", ""),
        ),
        job(
            "taint",
            "100,000 random providers and plugins, each played twice",
            Work::Taint(100_000),
        ),
        job(
            "audit-million",
            "a log of 1,000,000 records: time and memory of `audit verify`, and what was altered is found",
            Work::Audit(1_000_000),
        ),
        job(
            "mutants",
            "mistakes put into policy and the broker's pure parts, each of which a test must notice",
            Work::Mutants(&["vestibule-policy", "vestibule-broker"]),
        ),
    ];
    jobs.extend(fuzz::targets(workspace)?.into_iter().map(|target| Job {
        name: format!("fuzz-{target}"),
        what: format!("ten minutes of libFuzzer: {target}"),
        work: Work::Fuzz(target),
    }));
    Ok(jobs)
}

/// Runs the jobs that were asked for; a failed one does not stop the next.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let jobs = jobs(workspace)?;
    if let Some(unknown) = args
        .only
        .iter()
        .find(|name| !jobs.iter().any(|job| job.name == **name))
    {
        bail!("there is no job `{unknown}`; `cargo xtask soak --list` lists them");
    }
    if args.list {
        for job in &jobs {
            println!("{:<16} {}", job.name, job.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = |job: &&Job| args.only.is_empty() || args.only.contains(&job.name);
    let jobs: Vec<&Job> = jobs.iter().filter(chosen).collect();
    let batches = batches(&jobs);
    let mut progress = Progress::new(batches.len());
    let mut summary = String::new();
    let mut failed = 0_usize;
    for batch in batches {
        let what: Vec<&str> = batch.iter().map(|job| job.what.as_str()).collect();
        let mut outcomes = Vec::new();
        // Each job has its own line in the summary; the phase only says that it was not all good.
        let _told_below = progress.phase(&what.join(" and "), || {
            outcomes = side_by_side(workspace, &batch);
            ensure!(outcomes.iter().all(Result::is_ok), "see the summary");
            Ok(())
        });
        for (job, outcome) in batch.iter().zip(outcomes) {
            let outcome = match outcome {
                Ok(()) => "passed".to_owned(),
                Err(error) => {
                    failed += 1;
                    format!("FAILED: {error:#}")
                }
            };
            let _infallible = writeln!(summary, "{:<16} {outcome}", job.name);
        }
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

/// Fuzz targets two by two, since each keeps one core busy; all other jobs alone.
fn batches<'a>(jobs: &[&'a Job]) -> Vec<Vec<&'a Job>> {
    let is_fuzz = |job: &Job| matches!(job.work, Work::Fuzz(_));
    jobs.chunk_by(|one, next| is_fuzz(one) && is_fuzz(next))
        .flat_map(|run| run.chunks(2).map(<[&Job]>::to_vec))
        .collect()
}

fn side_by_side(workspace: &Workspace, jobs: &[&Job]) -> Vec<Result<()>> {
    std::thread::scope(|scope| {
        let running: Vec<_> = jobs
            .iter()
            .map(|job| scope.spawn(|| job.work.run(workspace)))
            .collect();
        running
            .into_iter()
            .map(|job| job.join().unwrap_or_else(|_| bail!("the job panicked")))
            .collect()
    })
}

impl Work {
    fn run(&self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Deny(checks) => {
                test::deny_check(workspace, &tools::cargo_deny(workspace)?, checks)
            }
            Self::Fuzz(target) => fuzz::run(workspace, target),
            Self::Taint(cases) => workspace
                .cargo("test")
                .args(["--package", "vestibule-attacks", "--test", "taint"])
                .args(["--", "--nocapture"])
                .env("PROPTEST_CASES", cases.to_string())
                .env(
                    "VESTIBULE_COMPILE",
                    demo::Profile::Development.compiler(workspace),
                )
                .run(),
            Self::Audit(records) => audit::run(workspace, *records),
            Self::Mutants(packages) => mutants::run(workspace, packages),
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
        for TestProgram {
            name,
            executable,
            folder,
        } in &programs
        {
            let all = name.contains(filter);
            let printed = Cmd::new(executable)
                .args((!all).then_some(filter))
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
    /// The crate's name, or that of the file below `tests/`.
    name: String,
    executable: PathBuf,
    folder: PathBuf,
}

/// The line of `cargo test --message-format=json` that is read here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
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
            name: message.target?.name,
            executable: message.executable?,
            folder,
        })
    };
    Ok(messages.lines().filter_map(program).collect())
}
