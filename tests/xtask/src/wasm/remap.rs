//! Panic messages carry the paths of sources. A plugin is known by its digest, so these paths must not depend on the
//! machine, the user or the checkout that built it.

use std::env;
use std::path::{Path, PathBuf};

use crate::workspace::Workspace;

/// Compiler flags for a guest.
pub(crate) fn all(workspace: &Workspace) -> Vec<String> {
    let mut flags = vec![flag(&workspace.path(""), "/vestibule/")];
    flags.extend(cargo_home());
    flags
}

/// Compiler flags for crates from a registry.
pub(crate) fn cargo_home() -> Vec<String> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")));
    home.iter().map(|home| flag(home, "/cargo")).collect()
}

fn flag(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}
