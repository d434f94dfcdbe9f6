//! What a machine keeps: every file below a folder, looked at from outside.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder, with its content. A file that has gone meanwhile is none.
#[must_use]
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found
}

/// Whether any file below a folder holds this text.
#[must_use]
pub fn holds(folder: &Path, text: &str) -> bool {
    files(folder).iter().any(|(_, bytes)| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

/// The sealed files below a folder: grants, registrations, secrets.
#[must_use]
pub fn sealed(folder: &Path) -> Vec<PathBuf> {
    let files = files(folder).into_iter().map(|(path, _)| path);
    files
        .filter(|path| path.extension().is_some_and(|end| end == "sealed"))
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path, bytes));
        }
    }
}
