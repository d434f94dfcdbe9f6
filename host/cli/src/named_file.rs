//! Files that somebody named on this command line. They are read once, whole and bounded; where they lie never counts again (POL-08).

use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use vestibule_core::{Error, Result};

/// Reads a file, or standard input for `-`. Of one that is larger than `limit` one byte more is read, so that whoever judges it sees.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let unreadable = |problem: std::io::Error| {
        Error::user(
            "file.read",
            format!("{} cannot be read: {problem}", path.display()),
        )
    };
    let mut bytes = Vec::new();
    open(path)
        .and_then(|source| source.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    Ok(bytes)
}

#[allow(
    clippy::disallowed_methods,
    reason = "a path that a person typed is what there is to go by"
)]
fn open(path: &Path) -> std::io::Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        Ok(Box::new(stdin()))
    } else {
        Ok(Box::new(File::open(path)?))
    }
}
