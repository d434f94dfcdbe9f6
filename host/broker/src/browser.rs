//! The hand-over to the system browser (RFC 8252 section 8.12): an external program, started without a shell, with one URL that
//! this program built. Nothing else is ever opened, and never in a view of our own.

#[cfg_attr(target_os = "macos", path = "browser/macos.rs")]
#[cfg_attr(windows, path = "browser/windows.rs")]
#[cfg_attr(not(any(target_os = "macos", windows)), path = "browser/linux.rs")]
mod platform;

mod browser_url;
mod environment;
mod launch;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use vestibule_core::{Error, Result, Shown};

use environment::Environment;
use launch::Launcher;

pub use browser_url::BrowserUrl;

/// Resolves once it is known whether the browser started: to an error if it did not, and otherwise within
/// [`vestibule_core::limits::BROWSER_START_TIME`]. The browser lives on when it is dropped.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Where a person meets the provider.
pub trait Browser: Send + Sync {
    /// Shows the URL.
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a>;
}

/// The browser that this desktop opens for a link.
#[derive(Debug)]
pub struct SystemBrowser {
    environment: Environment,
    launchers: Vec<Launcher>,
}

impl SystemBrowser {
    /// Looks for the ways to open a browser here. `environment` is this process's; of it, a browser inherits only what it needs to
    /// find the person's screen and home, so that a secret in a variable goes no further.
    #[must_use]
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let environment = Environment::new(environment);
        Self {
            launchers: platform::launchers(&environment),
            environment,
        }
    }

    /// The program that is tried first, if there is any.
    #[must_use]
    pub fn opener(&self) -> Option<&Path> {
        self.launchers.first().map(Launcher::program)
    }
}

impl Browser for SystemBrowser {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        Box::pin(launch::first_that_starts(
            &self.launchers,
            &self.environment,
            url,
        ))
    }
}

/// A program that the operator named in the configuration file.
#[derive(Debug)]
pub struct CommandBrowser {
    environment: Environment,
    launcher: Launcher,
}

impl CommandBrowser {
    /// `program` is an absolute path, `arguments` are passed as they are, and the URL follows as the last one.
    pub fn new(
        program: &Path,
        arguments: Vec<OsString>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self> {
        if !program.is_absolute() {
            return Err(Error::config(
                "config.browser",
                format!(
                    "the browser \"{}\" is not an absolute path",
                    Shown::new(&program.to_string_lossy())
                ),
            ));
        }
        Ok(Self {
            environment: Environment::new(environment),
            launcher: Launcher::new(PathBuf::from(program), arguments),
        })
    }
}

impl Browser for CommandBrowser {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        Box::pin(launch::first_that_starts(
            std::slice::from_ref(&self.launcher),
            &self.environment,
            url,
        ))
    }
}
