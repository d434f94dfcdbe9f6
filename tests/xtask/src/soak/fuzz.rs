//! Fuzz targets, built with the instruments of libFuzzer by the toolchain in use: a pass of LLVM that the stable compiler can be told
//! to run, and a runtime that the crate `libfuzzer-sys` compiles. No sanitizer: there is next to no unsafe code to watch.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::Cmd;
use crate::workspace::Workspace;

/// How long a target runs, in seconds.
const TIME: u32 = 600;

/// What cargo-fuzz would say, without a sanitizer.
const INSTRUMENTS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The names of all targets.
pub(super) fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path("tests/fuzz/fuzz_targets");
    let mut targets = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let file = entry?.path();
        targets.extend(
            file.file_stem()
                .and_then(|name| name.to_str())
                .map(ToOwned::to_owned),
        );
    }
    targets.sort();
    Ok(targets)
}

/// Runs a target from its seeds, and from what earlier runs have found worth keeping. An input that breaks it is kept.
pub(super) fn run(workspace: &Workspace, target: &str) -> Result<()> {
    let triple = host_triple()?;
    let build = workspace.target().join("fuzz");
    workspace
        .cargo("build")
        .args(["--release", "--bin", target, "--target", &triple])
        .arg("--manifest-path")
        .arg(workspace.path("tests/fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&build)
        .env("RUSTFLAGS", INSTRUMENTS)
        .run()?;
    let seeds = build.join("seeds");
    workspace
        .cargo("run")
        .args(["--quiet", "--package", "vestibule-fuzz"])
        .args(["--example", "seeds", "--"])
        .arg(&seeds)
        .run()?;
    let corpus = folder(build.join("corpus").join(target))?;
    let artifacts = folder(build.join("artifacts").join(target))?;
    let ended = Cmd::new(build.join(&triple).join("release").join(target))
        .arg(format!("-max_total_time={TIME}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args([
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=65536",
            "-print_final_stats=1",
        ])
        .arg(&corpus)
        .arg(seeds.join(target))
        .dir(&artifacts)
        .run_quietly();
    if ended.is_err() {
        bail!(
            "something does not hold; the input is in {}",
            artifacts.display()
        );
    }
    Ok(())
}

fn folder(path: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&path).with_context(|| format!("could not make {}", path.display()))?;
    Ok(path)
}

/// The machine that rustc runs on. With a `--target`, what runs while building gets no instruments.
fn host_triple() -> Result<String> {
    let version = Cmd::new("rustc").arg("-vV").read()?;
    let triple = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(triple.context("rustc does not say its host")?.to_owned())
}
