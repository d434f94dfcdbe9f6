//! Starting other programs: what was started is said when it fails, and nothing waits for a key press.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// A command about to be run, and the words for it in an error message.
pub(crate) struct Cmd {
    inner: Command,
}

impl Cmd {
    /// A program found on the search path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            inner: Command::new(program),
        }
    }

    /// The cargo that runs this program.
    pub(crate) fn cargo(subcommand: &str) -> Self {
        let mut cmd =
            Self::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).arg(subcommand);
        // Cargo describes *this* package to the programs it runs; a build script further down must not see it.
        for (key, _) in env::vars_os() {
            let described = key.to_str().is_some_and(|key| {
                key.starts_with("CARGO_PKG_")
                    || key.starts_with("CARGO_MANIFEST_")
                    || key == "CARGO_BIN_NAME"
            });
            if described {
                cmd.inner.env_remove(&key);
            }
        }
        cmd
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.inner.arg(arg);
        self
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.inner.args(args);
        self
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(key, value);
        self
    }

    pub(crate) fn env_remove(mut self, key: &str) -> Self {
        self.inner.env_remove(key);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.inner.current_dir(dir);
        self
    }

    /// Runs it with its output on this terminal; an error says how it ended.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self
            .inner
            .stdin(Stdio::null())
            .status()
            .with_context(|| self.cannot_start())?;
        self.check(status)
    }

    /// Runs it with its output hidden, unless it fails.
    pub(crate) fn run_quietly(mut self) -> Result<()> {
        let output = self
            .inner
            .stdin(Stdio::null())
            .output()
            .with_context(|| self.cannot_start())?;
        if !output.status.success() {
            eprintln!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        self.check(output.status)
    }

    /// Runs it in the foreground, with this terminal's input, and returns how it ended.
    pub(crate) fn foreground(mut self) -> Result<ExitStatus> {
        self.inner.status().with_context(|| self.cannot_start())
    }

    /// Runs it and returns what it printed; if it fails, that is shown.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self
            .inner
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| self.cannot_start())?;
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stdout));
        }
        self.check(output.status)?;
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` did not print text", self.words()))
    }

    /// Whether it runs and succeeds, seen by nobody.
    pub(crate) fn succeeds(mut self) -> bool {
        self.inner
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// For callers that need to keep the process in their hands.
    pub(crate) fn into_std(self) -> Command {
        self.inner
    }

    fn check(&self, status: ExitStatus) -> Result<()> {
        if !status.success() {
            bail!("`{}` ended with {status}", self.words());
        }
        Ok(())
    }

    fn cannot_start(&self) -> String {
        format!("could not start `{}`", self.words())
    }

    fn words(&self) -> String {
        let words: Vec<&OsStr> = std::iter::once(self.inner.get_program())
            .chain(self.inner.get_args())
            .collect();
        words.join(OsStr::new(" ")).to_string_lossy().into_owned()
    }
}

/// Where `program` stands on the search path.
pub(crate) fn find_program(program: &str) -> Option<PathBuf> {
    let path: OsString = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|dir| dir.join(format!("{program}{}", env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}
