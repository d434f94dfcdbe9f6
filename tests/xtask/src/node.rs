//! The Node packages of `tests/idps/`: real identity providers, at the versions of their lock files.

use std::fs;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::process::Cmd;
use crate::workspace::Workspace;

const PROVIDERS: &[&str] = &["tests/idps/oidc-provider"];

/// Runs `npm ci` where the installed packages are not those of the lock file.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    for provider in PROVIDERS {
        let dir = workspace.path(provider);
        let lock = fs::read(dir.join("package-lock.json"))
            .with_context(|| format!("{provider} has no package-lock.json"))?;
        let wanted = format!("{:?}", Sha256::digest(&lock));
        // Inside node_modules, so that it goes when the packages go.
        let stamp = dir.join("node_modules/.installed-from");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            continue;
        }
        eprintln!("installing the packages of {provider}");
        Cmd::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .dir(&dir)
            .run_quietly()
            .with_context(|| format!("npm could not install the packages of {provider}"))?;
        fs::write(&stamp, wanted)?;
    }
    Ok(())
}
