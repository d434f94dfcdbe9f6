//! Debian packages, installed where that is allowed and named exactly where it is not.

use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::process::{Cmd, find_program};

/// Installs `packages`, or fails with the line that a person has to type.
///
/// `why` completes the sentence "… is needed to".
pub(crate) fn install(packages: &[&str], why: &str) -> Result<()> {
    let names = packages.join(" ");
    if find_program("apt-get").is_none() {
        bail!(
            "{names} (by the names of Debian) needed to {why}: install them with your package manager"
        );
    }
    if !is_root() {
        bail!(
            "{names} needed to {why}; this user may not install packages. Type:\n\n    sudo apt-get install --no-install-recommends {names}\n"
        );
    }
    eprintln!("installing {names}, to {why}");
    update_once()?;
    apt_get()
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .run_quietly()
        .with_context(|| format!("Debian's package manager could not install {names}"))
}

/// Whether this process may install packages.
pub(crate) fn is_root() -> bool {
    Cmd::new("id")
        .arg("-u")
        .read()
        .is_ok_and(|uid| uid.trim() == "0")
}

/// Fetches the package lists, once in this process: a bare machine has none, or old ones.
fn update_once() -> Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        apt_get().arg("update").run_quietly()?;
        let _first = UPDATED.set(());
    }
    Ok(())
}

/// `apt-get` that asks nothing and waits for another run to let go of the lock.
fn apt_get() -> Cmd {
    Cmd::new("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args([
            "-qq",
            "-o",
            "DPkg::Lock::Timeout=600",
            "-o",
            "Acquire::Retries=3",
        ])
}
