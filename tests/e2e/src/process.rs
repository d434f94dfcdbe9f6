//! A process with a time limit, and all that it said.

use std::io::{Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
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
    stdout: Option<Stream>,
    stderr: Option<Stream>,
}

/// What a stream has brought so far, and who reads it.
struct Stream {
    read: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
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
        Self::start_reading(command, Stdio::null())
    }

    /// Starts it, with an input that stays open.
    #[must_use]
    pub fn start_with_input(command: &mut Command) -> Self {
        Self::start_reading(command, Stdio::piped())
    }

    fn start_reading(command: &mut Command, input: Stdio) -> Self {
        let words = format!("{command:?}");
        let mut child = command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|why| panic!("{words}: {why}; `cargo xtask test` builds it"));
        let stdout = child.stdout.take().map(Stream::collect);
        let stderr = child.stderr.take().map(Stream::collect);
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

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The address to sign in at, once it is printed.
    ///
    /// # Panics
    /// If it ends without one.
    #[must_use]
    #[track_caller]
    pub fn address(&self) -> String {
        self.address_or_end().unwrap_or_else(|| {
            panic!(
                "no address to sign in at: {}",
                self.stderr.as_ref().map(Stream::so_far).unwrap_or_default()
            )
        })
    }

    /// The address to sign in at, once it is printed; none if it ends without one.
    #[must_use]
    pub fn address_or_end(&self) -> Option<String> {
        let address = || {
            let said = self.stderr.as_ref().map(Stream::so_far)?;
            let (_, rest) = said.split_once("Sign in at this address:\n\n  ")?;
            rest.split_once('\n').map(|(url, _)| url.to_owned())
        };
        wait_for(LIMIT, || {
            let ended = self.has_ended();
            let address = address();
            (ended || address.is_some()).then_some(address)
        })
        .flatten()
    }

    /// Waits until what it has said so far, on either stream, has something that `look` finds.
    ///
    /// # Panics
    /// If it ends, or time is up, without that.
    #[must_use]
    #[track_caller]
    pub fn wait_to_say<T>(&self, mut look: impl FnMut(&str) -> Option<T>) -> T {
        let found = wait_for(LIMIT, || {
            let ended = self.has_ended();
            let found = look(&self.said_so_far());
            (ended || found.is_some()).then_some(found)
        });
        found
            .flatten()
            .unwrap_or_else(|| panic!("it does not say it: {}", self.said_so_far()))
    }

    /// The address at which a device code is entered, and the code, once they are shown.
    ///
    /// # Panics
    /// If it ends without them.
    #[must_use]
    #[track_caller]
    pub fn device_code(&self) -> (String, String) {
        let word = |line: String| {
            line.split_whitespace()
                .last()
                .unwrap_or_default()
                .to_owned()
        };
        let code = word(self.said_line("  code     "));
        (word(self.said_line("  at       ")), code)
    }

    /// The first whole line that begins like this, once it is there: of standard error, or of a terminal.
    ///
    /// # Panics
    /// If it ends without one.
    #[must_use]
    #[track_caller]
    pub fn said_line(&self, begin: &str) -> String {
        let line = || {
            let said = self.said_so_far();
            let mut whole = said
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n'));
            whole
                .find(|line| line.starts_with(begin))
                .map(str::to_owned)
        };
        let found = wait_for(LIMIT, || {
            let ended = self.has_ended();
            let line = line();
            (ended || line.is_some()).then_some(line)
        });
        let found = found.flatten();
        found.unwrap_or_else(|| panic!("it never said \"{begin}\": {}", self.said_so_far()))
    }

    fn said_so_far(&self) -> String {
        let streams = [&self.stderr, &self.stdout].into_iter().flatten();
        streams.map(Stream::so_far).collect()
    }

    /// Whether it has ended. It is not waited for. Linux only.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        // Behind the name in brackets, `Z`: what has ended and was not waited for.
        state.map_or(true, |line| {
            line.rsplit_once(") ")
                .is_some_and(|(_, rest)| rest.starts_with(['Z', 'X']))
        })
    }

    /// Types `answer` once its output has `question`, and goes on.
    ///
    /// # Panics
    /// If it never asks, or has no input.
    #[track_caller]
    pub fn reply(&mut self, question: &str, answer: &str) {
        let () = self.wait_to_say(|said| said.contains(question).then_some(()));
        let input = self.child.stdin.as_mut().expect("it has an input");
        let typed = input.write_all(answer.as_bytes());
        typed.expect("somebody reads it");
    }

    /// Types `answer` once its output has `question`, and waits for its end.
    ///
    /// # Panics
    /// If it never asks.
    #[must_use]
    #[track_caller]
    pub fn answer(mut self, question: &str, answer: &str) -> Outcome {
        let mut input = self.child.stdin.take().expect("it has an input");
        let asked = wait_for(LIMIT, || {
            let said = self.stdout.as_ref().map(Stream::so_far)?;
            let ended = self.child.try_wait().ok().flatten().is_some();
            (ended || said.contains(question)).then_some(said)
        });
        let asked = asked.unwrap_or_default();
        assert!(
            asked.contains(question),
            "it does not ask \"{question}\": {}",
            self.finish()
        );
        let _ = input.write_all(answer.as_bytes());
        let outcome = self.finish();
        drop(input);
        outcome
    }

    /// Writes to its input, closes it, and waits for its end.
    ///
    /// # Panics
    /// As [`Self::finish`].
    #[must_use]
    #[track_caller]
    pub fn write(mut self, text: &str) -> Outcome {
        if let Some(mut input) = self.child.stdin.take() {
            // One that reads nothing may be gone by now.
            let _ = input.write_all(text.as_bytes());
        }
        self.finish()
    }

    /// The most memory that it has had in use so far, in bytes. Linux only.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kibibytes << 10)
    }

    /// Waits for its end and looks at its memory all the while.
    ///
    /// # Panics
    /// As [`Self::finish`].
    #[must_use]
    #[track_caller]
    pub fn finish_watching_memory(mut self) -> (Outcome, u64) {
        let mut peak = 0;
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline && !matches!(self.child.try_wait(), Ok(Some(_))) {
            peak = self.peak_memory().unwrap_or(0).max(peak);
            thread::sleep(Duration::from_micros(500));
        }
        (self.finish(), peak)
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
        let text = |stream: Option<Stream>| stream.map(Stream::finish).unwrap_or_default();
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

impl Stream {
    fn collect(mut stream: impl Read + Send + 'static) -> Self {
        let read = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&read);
        let reader = thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut piece) {
                into.lock()
                    .expect("nobody panics with it")
                    .extend_from_slice(&piece[..count]);
            }
        });
        Self { read, reader }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.read.lock().expect("nobody panics with it")).into_owned()
    }

    fn finish(self) -> String {
        let Self { read, reader } = self;
        let _ = reader.join();
        let bytes = std::mem::take(&mut *read.lock().expect("nobody panics with it"));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
