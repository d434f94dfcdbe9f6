//! A log of a million records: what verifying it costs, and whether it finds the one byte, the one line and the one end that is not
//! what was written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::demo::Profile;
use crate::process::Cmd;
use crate::workspace::Workspace;

/// Fills a log, and verifies it whole and altered. Prints what each took.
pub(super) fn run(workspace: &Workspace, records: u64) -> Result<()> {
    workspace
        .cargo("build")
        .args(["--release", "--package", "vestibule", "--bin", "vestibule"])
        .args(["--package", "vestibule-e2e", "--bin", "fill-audit-log"])
        .run()?;
    let home = workspace.target().join("soak-audit");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(home.join("config"))?;
    fs::write(
        home.join("config/config.toml"),
        "[keystore]\nuse_only = \"kernel-keyring\"\n",
    )?;
    let desk = Desk {
        program: Profile::Release.program(workspace),
        fill: workspace.target().join("release/fill-audit-log"),
        home,
    };
    let ended = desk.verify_all(records);
    desk.fill("forget").run()?;
    fs::remove_dir_all(&desk.home)?;
    ended
}

struct Desk {
    program: PathBuf,
    fill: PathBuf,
    home: PathBuf,
}

/// What `audit verify --json` says.
#[derive(Debug, Deserialize)]
struct Verdict {
    good: bool,
    records: u64,
    breaks: Vec<Break>,
}

#[derive(Debug, Deserialize)]
struct Break {
    file: String,
    line: u64,
    problem: String,
}

/// What one run of `audit verify` said, and took.
struct Told {
    verdict: Verdict,
    seconds: f64,
    /// Of the processor.
    busy: f64,
    kilobytes: f64,
}

impl Desk {
    fn state(&self) -> PathBuf {
        self.home.join("state")
    }

    fn fill(&self, what: &str) -> Cmd {
        Cmd::new(&self.fill).arg(self.state()).arg(what)
    }

    fn verify_all(&self, records: u64) -> Result<()> {
        let started = Instant::now();
        self.fill(&records.to_string()).run()?;
        let bytes = self.bytes()?;
        println!(
            "    {records} records, {} MB, written in {:.0} s",
            bytes / 1_000_000,
            started.elapsed().as_secs_f64()
        );
        let told = self.verify("whole")?;
        ensure!(told.good, "it is not whole: {told:?}");
        // The one that says that the log begins is the first.
        ensure!(told.records == records + 1, "{told:?}");

        let mut names: Vec<PathBuf> = fs::read_dir(self.state().join("audit"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        names.retain(|name| name.to_string_lossy().contains("log-"));
        names.sort();
        let middle = names.get(names.len() / 2).context("there are full files")?;
        let last = self.state().join("audit/log.jsonl");

        self.altered(middle, "one byte flipped", |bytes| {
            let at = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(at) {
                // Another printable character, so that the line is still one.
                *byte = if *byte == b'x' { b'y' } else { b'x' };
            }
        })?;
        self.altered(middle, "one line removed", |bytes| {
            let at = bytes.len() / 2;
            let end = |from: usize| {
                let rest = bytes.iter().skip(from);
                from + rest.take_while(|byte| **byte != b'\n').count() + 1
            };
            let from = end(at);
            let to = end(from);
            bytes.drain(from..to);
        })?;
        self.altered(&last, "three lines cut off", |bytes| {
            let mut breaks = bytes.iter().enumerate().rev();
            let fourth = breaks.by_ref().filter(|(_, byte)| **byte == b'\n').nth(3);
            if let Some(at) = fourth.map(|(at, _)| at) {
                bytes.truncate(at + 1);
            }
        })
    }

    /// Alters a file, sees that it is found in this very file, and puts it back.
    fn altered(&self, file: &Path, what: &str, alter: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let good = fs::read(file)?;
        let mut bad = good.clone();
        alter(&mut bad);
        ensure!(bad != good, "{what}: nothing was altered");
        let line = 1 + good
            .iter()
            .zip(&bad)
            .take_while(|(good, bad)| good == bad)
            .filter(|(byte, _)| **byte == b'\n')
            .count();
        fs::write(file, bad)?;
        let told = self.verify(what);
        fs::write(file, good)?;
        let told = told?;
        let found = told.breaks.first().context("nothing was found")?;
        let name = file.file_name().and_then(|name| name.to_str());
        ensure!(
            !told.good && Some(found.file.as_str()) == name,
            "{what}: {told:?}"
        );
        // A cut shows in no line.
        ensure!(
            found.line == line as u64 || found.line == 0,
            "{what}: {found:?}, not line {line}"
        );
        println!(
            "        found: {}, line {}: {}",
            found.file, found.line, found.problem
        );
        Ok(())
    }

    fn verify(&self, what: &str) -> Result<Verdict> {
        let told = self.timed()?;
        println!(
            "    {what}: {:.1} s ({:.1} s of the processor), {:.1} MiB",
            told.seconds,
            told.busy,
            told.kilobytes / 1024.0
        );
        Ok(told.verdict)
    }

    fn timed(&self) -> Result<Told> {
        let memory = self.home.join("memory");
        let mut command = Command::new("time");
        command
            .args(["--quiet", "--format=%M %U %S", "--output"])
            .arg(&memory)
            .arg(&self.program)
            .args(["audit", "verify", "--json"]);
        for (variable, folder) in [
            ("VESTIBULE_CONFIG_DIR", "config"),
            ("VESTIBULE_DATA_DIR", "data"),
            ("VESTIBULE_STATE_DIR", "state"),
            ("VESTIBULE_CACHE_DIR", "cache"),
        ] {
            command.env(variable, self.home.join(folder));
        }
        let started = Instant::now();
        let output = command.output().context("GNU time is not installed")?;
        let seconds = started.elapsed().as_secs_f64();
        let text = String::from_utf8_lossy(&output.stderr);
        let verdict = serde_json::from_slice(&output.stdout).with_context(|| text.into_owned())?;
        let printed = fs::read_to_string(memory)?;
        let numbers: Vec<f64> = printed
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [kilobytes, user, system] = numbers[..] else {
            bail!("`time` printed {printed:?}");
        };
        Ok(Told {
            verdict,
            seconds,
            busy: user + system,
            kilobytes,
        })
    }

    fn bytes(&self) -> Result<u64> {
        let mut sum = 0;
        for entry in fs::read_dir(self.state().join("audit"))? {
            sum += entry?.metadata()?.len();
        }
        Ok(sum)
    }
}
