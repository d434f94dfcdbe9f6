//! Wall time, CPU time and memory of whole processes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::contenders::{Arena, BASELINE};
use crate::process::Cmd;

const RUNS: &str = "500";
const WARMUP: &str = "50";

/// What hyperfine writes, in seconds.
#[derive(Deserialize)]
struct Export {
    results: Vec<Timing>,
}

#[derive(Deserialize)]
struct Timing {
    min: f64,
    median: f64,
    user: f64,
    system: f64,
}

/// One line of the table.
struct Row {
    name: &'static str,
    timing: Timing,
    /// Peak resident memory in KiB.
    memory: u64,
}

/// Measures every contender in one run and returns the table.
pub(crate) fn measure(arena: &Arena) -> Result<String> {
    let timings = hyperfine(arena)?;
    ensure!(
        timings.len() == arena.contenders.len(),
        "hyperfine left a contender out"
    );
    let mut rows = Vec::new();
    for (contender, timing) in arena.contenders.iter().zip(timings) {
        rows.push(Row {
            name: contender.name,
            timing,
            memory: peak_memory(arena, &contender.command)?,
        });
    }
    table(&rows)
}

fn hyperfine(arena: &Arena) -> Result<Vec<Timing>> {
    let file = std::env::temp_dir().join(format!("vestibule-bench-{}.json", std::process::id()));
    let commands = arena.contenders.iter().map(|contender| {
        // Hyperfine splits words as a shell does.
        let quoted: Vec<String> = contender
            .command
            .iter()
            .map(|word| format!("'{word}'"))
            .collect();
        quoted.join(" ")
    });
    let hyperfine = Cmd::new("hyperfine")
        .args([
            "--shell=none",
            "--style=basic",
            "--warmup",
            WARMUP,
            "--runs",
            RUNS,
            "--export-json",
        ])
        .arg(&file)
        .args(commands);
    in_environment(hyperfine, &arena.environment).run()?;
    let json = std::fs::read_to_string(&file)?;
    std::fs::remove_file(&file)?;
    let export: Export =
        serde_json::from_str(&json).context("hyperfine wrote something unexpected")?;
    Ok(export.results)
}

fn peak_memory(arena: &Arena, command: &[String]) -> Result<u64> {
    let file = std::env::temp_dir().join(format!("vestibule-bench-{}.rss", std::process::id()));
    let time = Cmd::new("time")
        .args(["--format=%M", "--output"])
        .arg(&file)
        .args(command);
    in_environment(time, &arena.environment).read()?;
    let printed = std::fs::read_to_string(&file)?;
    std::fs::remove_file(Path::new(&file))?;
    printed.trim().parse().context("`time` printed no number")
}

fn in_environment(cmd: Cmd, environment: &[(&'static str, PathBuf)]) -> Cmd {
    environment
        .iter()
        .fold(cmd, |cmd, (key, value)| cmd.env(key, value))
}

fn table(rows: &[Row]) -> Result<String> {
    let baseline = rows
        .iter()
        .find(|row| row.name == BASELINE)
        .context("nothing to compare with")?;
    let mut table = format!(
        "\n{:<18}{:>9}{:>11}{:>9}{:>9}   of {BASELINE}\n",
        "", "min ms", "median ms", "CPU ms", "MiB"
    );
    for Row {
        name,
        timing,
        memory,
    } in rows
    {
        let cpu = timing.user + timing.system;
        let _infallible = writeln!(
            table,
            "{name:<18}{:>9.2}{:>11.2}{:>9.2}{:>9.1}   {:.2} x min, {:.2} x median",
            timing.min * 1e3,
            timing.median * 1e3,
            cpu * 1e3,
            *memory as f64 / 1024.0,
            timing.min / baseline.timing.min,
            timing.median / baseline.timing.median,
        );
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, min: f64, memory: u64) -> Row {
        Row {
            name,
            timing: Timing {
                min,
                median: 2.0 * min,
                user: 0.001,
                system: 0.000_5,
            },
            memory,
        }
    }

    #[test]
    fn the_table_compares_with_the_nearest_peer() {
        let table = table(&[
            row("vestibule token", 0.003, 4096),
            row(BASELINE, 0.002, 2048),
        ])
        .unwrap();
        assert!(
            table.contains("vestibule token        3.00       6.00     1.50      4.0   1.50 x min, 1.50 x median\n"),
            "{table}"
        );
    }

    #[test]
    fn a_table_without_the_peer_is_refused() {
        assert!(table(&[row("vestibule token", 0.003, 1)]).is_err());
    }
}
