//! A process with a time limit, and all that it said.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::wait::wait_for;

/// Longer than anything takes that works, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(120);

/// A process that runs.
pub struct Running {
    child: Child,
    words: String,
    started: Instant,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

/// A process that has ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit code, or nothing if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
    words: String,
}

impl Running {
    /// Starts it. Its standard input is empty.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let words = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|why| panic!("{words}: {why}; `cargo xtask test` builds it"));
        let stdout = child.stdout.take().map(collect);
        let stderr = child.stderr.take().map(collect);
        Self {
            child,
            words,
            started: Instant::now(),
            stdout,
            stderr,
        }
    }

    /// What Ctrl-C does.
    ///
    /// # Panics
    /// If it is gone already.
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "it has ended before"
        );
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it takes longer than anything should. It is ended first.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        let status = wait_for(LIMIT, || self.child.try_wait().ok().flatten());
        if status.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let text = |reader: Option<JoinHandle<String>>| {
            reader
                .and_then(|reader| reader.join().ok())
                .unwrap_or_default()
        };
        let outcome = Outcome {
            code: status.and_then(|status| status.code()),
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
            took: self.started.elapsed(),
            words: std::mem::take(&mut self.words),
        };
        assert!(status.is_some(), "it did not end: {outcome}");
        outcome
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Outcome {
    /// Itself, if it succeeded.
    ///
    /// # Panics
    /// Otherwise, with all that it said.
    #[must_use]
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// What it printed, without the line's end: a token.
    #[must_use]
    pub fn line(&self) -> &str {
        self.stdout.trim_end_matches('\n')
    }

    /// What it printed, as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("{why}: {self}"))
    }

    /// The error that `--json` puts on standard error: the last line that is an object with an `error`.
    #[must_use]
    #[track_caller]
    pub fn error(&self) -> Value {
        let objects = serde_json::Deserializer::from_str(json_part(&self.stderr)).into_iter();
        let error = objects
            .filter_map(|value: Result<Value, _>| value.ok()?.get("error").cloned())
            .last();
        error.unwrap_or_else(|| panic!("it names no error: {self}"))
    }

    /// Asserts how it failed: by which stable code, by whose fault, with which exit code.
    #[track_caller]
    pub fn failed(&self, code: &str, blame: &str, exit: i32) {
        let error = self.error();
        assert_eq!(error["code"], code, "{self}");
        assert_eq!(error["blame"], blame, "{self}");
        assert_eq!(self.code, Some(exit), "{self}");
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            code,
            stdout,
            stderr,
            took,
            words,
        } = self;
        write!(
            f,
            "{words}\nexit code {code:?} after {took:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

/// From the first line that begins an object on.
fn json_part(text: &str) -> &str {
    let start = text
        .match_indices("{")
        .map(|(at, _)| at)
        .find(|at| *at == 0 || text[..*at].ends_with('\n'));
    start.map_or("", |start| &text[start..])
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
