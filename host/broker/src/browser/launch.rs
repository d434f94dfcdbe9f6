//! Starting a launcher, and learning whether it started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout_at};
use vestibule_core::limits::BROWSER_START_TIME;
use vestibule_core::{Error, Result};

use super::browser_url::BrowserUrl;
use super::environment::Environment;

/// A program that opens a URL, given as the argument after the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Launcher {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Launcher {
    pub(super) fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self { program, arguments }
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Starts it beside us: no terminal to read or write, no signal from our Ctrl-C, no working directory to look for files in.
    fn start(&self, environment: &Environment, url: &BrowserUrl) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .arg(url.as_str())
            .env_clear()
            .envs(environment.inherited())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        command.current_dir("/").process_group(0);
        command.spawn()
    }
}

/// Tries one launcher after the other, until one exits with success or is still at work when the time is up: some launchers are
/// the browser itself and stay.
pub(super) async fn first_that_starts(
    launchers: &[Launcher],
    environment: &Environment,
    url: &BrowserUrl,
) -> Result<()> {
    let deadline = Instant::now() + BROWSER_START_TIME;
    for launcher in launchers {
        let Ok(mut child) = launcher.start(environment, url) else {
            continue;
        };
        match timeout_at(deadline, child.wait()).await {
            Ok(Ok(status)) if status.success() => return Ok(()),
            Ok(_) => {}
            Err(_still_running) => return Ok(()),
        }
    }
    Err(
        Error::host("browser.not_started", "a browser would not start")
            .hint("open the URL above in a browser on this machine"),
    )
}
