//! The environment, read in this one place.
//!
//! | variable | what it says |
//! |---|---|
//! | `VESTIBULE_CONFIG_DIR` | where `config.toml` and `tenants.d/` are; else `$XDG_CONFIG_HOME/vestibule`, else `~/.config/vestibule` |
//! | `VESTIBULE_DATA_DIR` | where `plugins/` is; else `$XDG_DATA_HOME/vestibule`, else `~/.local/share/vestibule` |
//! | `VESTIBULE_STATE_DIR` | where sealed grants and approvals are; else `$XDG_STATE_HOME/vestibule`, else `~/.local/state/vestibule` |
//! | `VESTIBULE_CACHE_DIR` | where compiled plugins are; else `$XDG_CACHE_HOME/vestibule`, else `~/.cache/vestibule` |
//! | `HOME` | what the defaults above are relative to |
//! | `DBUS_SESSION_BUS_ADDRESS`, `XDG_RUNTIME_DIR` | where the desktop's key store answers |
//! | `NO_COLOR`, `TERM=dumb` | no colour |
//! | `LC_ALL`, `LC_CTYPE`, `LANG` | whether the terminal draws more than ASCII |
//! | `BROWSER`, `DISPLAY`, `WAYLAND_DISPLAY`, `PATH`, … | how the system's browser is found; see `vestibule doctor` |
//! | `SSH_CONNECTION`, `CI`, `CODESPACES`, `WSL_DISTRO_NAME`, `SUDO_USER`, … | where this runs, and who could see a browser; see `vestibule doctor` |
//! | `USER`, `LOGNAME` | the name in the `ssh` line that forwards a port |
//! | those that `[workload.sources]` of a tenant names, and those that CI systems and clouds fill for a workload | an assertion, or where it is had; see `host/WORKLOADS.md` |
//! | `TMPDIR` | where `demo` puts what it removes at its end |
//!
//! None of them can relax a rule: exceptions stand in the configuration file or in a tenant's (POL-09). Proxy variables count for nothing.
#![allow(clippy::disallowed_methods, reason = "this is the one place")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, stderr};
use std::path::PathBuf;

use vestibule_app::broker::subject_token::Variables;
use vestibule_app::{Places, SessionBus};
use vestibule_core::{Result, Secret};

/// What the environment says.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Where this user's files are.
    pub places: Places,
    /// Where the session's bus is.
    pub bus: SessionBus,
}

/// What can be drawn on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Canvas {
    /// Columns and rows of the terminal; none if it is none, or one that only appends.
    pub size: Option<(usize, usize)>,
    /// Whether it draws more than ASCII.
    pub unicode: bool,
}

/// How to look: what is needed before anything can be said, an error included.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether standard error takes colour.
    pub color_stderr: bool,
}

/// The variables that a workload's sources ask for, each at the moment in which it is needed.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfThisProcess;

impl Variables for OfThisProcess {
    fn read(&self, name: &str) -> Option<Secret> {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        Some(Secret::new(value))
    }
}

impl Environment {
    /// Reads what every command needs.
    ///
    /// # Errors
    /// If there is no place for the user's files.
    pub fn read() -> Result<Self> {
        Ok(Self {
            places: Places::from_environment(&|name| std::env::var_os(name))?,
            bus: SessionBus {
                address: std::env::var("DBUS_SESSION_BUS_ADDRESS")
                    .ok()
                    .filter(|address| !address.is_empty()),
                runtime_dir: std::env::var_os("XDG_RUNTIME_DIR")
                    .map(PathBuf::from)
                    .filter(|path| path.is_absolute()),
            },
        })
    }

    /// Reads how to look.
    #[must_use]
    pub fn look() -> Look {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Look {
            color_stderr: !no_color && !dumb && stderr().is_terminal(),
        }
    }

    /// Everything, for the one who starts a browser and passes on only what it needs.
    #[must_use]
    pub fn all() -> Vec<(OsString, OsString)> {
        std::env::vars_os().collect()
    }

    /// Those of these variables that are set and not empty.
    #[must_use]
    pub fn set_among(names: &[&str]) -> BTreeMap<String, String> {
        let set = names.iter().filter_map(|name| {
            let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
            Some(((*name).to_owned(), value))
        });
        set.collect()
    }

    /// The name under which this user logs in, as far as the environment says it.
    #[must_use]
    pub fn user_name() -> Option<String> {
        ["USER", "LOGNAME"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// What can be drawn on standard error.
    #[must_use]
    pub fn canvas() -> Canvas {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        // POSIX, 8.2: the first of these that is set and not empty.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(text);
        let unicode = locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let size = terminal_size::terminal_size_of(stderr());
        let dumb = text("TERM").is_none_or(|term| term == "dumb");
        Canvas {
            size: size
                .filter(|_| stderr().is_terminal() && !dumb)
                .map(|(width, height)| (usize::from(width.0), usize::from(height.0))),
            unicode: unicode || cfg!(any(windows, target_os = "macos")),
        }
    }

    /// Where temporary files go.
    #[must_use]
    pub fn temporary() -> PathBuf {
        std::env::temp_dir()
    }
}
