//! What is seen of this machine for the probe (`vestibule_app::probe`): variables, a few files, the kernel, the terminal, the users.

use std::collections::BTreeSet;
use std::path::Path;

use vestibule_app::Probe;
use vestibule_app::broker::browser::SystemBrowser;
use vestibule_app::config::Config;
use vestibule_app::probe::{FILES, Platform, Surroundings, VARIABLES};
use vestibule_core::event::Person as _;

use crate::environment::Environment;
use crate::terminal::Terminal;

/// What this machine is like.
#[must_use]
pub fn probe(config: &Config) -> Probe {
    let configured = config.browser.command.as_deref().and_then(<[_]>::first);
    let opener = match configured {
        Some(program) => Some(program.clone()),
        None => SystemBrowser::new(Environment::all())
            .opener()
            .map(|program| program.display().to_string()),
    };
    Probe::of(&Surroundings {
        platform: platform(),
        variables: Environment::set_among(VARIABLES),
        files: FILES
            .iter()
            .filter(|file| Path::new(file).exists())
            .map(|file| (*file).to_owned())
            .collect::<BTreeSet<_>>(),
        kernel: kernel(),
        terminal: Terminal.is_present(),
        users: users(),
        opener,
        configured: configured.is_some(),
    })
}

fn platform() -> Platform {
    if cfg!(windows) {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::MacOs
    } else {
        Platform::Unix
    }
}

#[cfg(unix)]
fn kernel() -> String {
    rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned()
}

#[cfg(not(unix))]
fn kernel() -> String {
    String::new()
}

/// The user that this runs as, and the one whose login it descends from: Linux remembers that across `su` and `sudo`.
#[cfg(target_os = "linux")]
#[allow(
    clippy::disallowed_methods,
    reason = "the kernel's own word, in no directory of anybody's"
)]
fn users() -> Option<(u32, u32)> {
    let own = rustix::process::geteuid().as_raw();
    let login = std::fs::read_to_string("/proc/self/loginuid").ok()?;
    Some((own, login.trim().parse().ok()?))
}

#[cfg(not(target_os = "linux"))]
fn users() -> Option<(u32, u32)> {
    None
}
