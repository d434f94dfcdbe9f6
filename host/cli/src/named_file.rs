//! Files that somebody named on this command line. They are read once, whole and bounded; where they lie never counts again (POL-08).

use std::fs::{File, OpenOptions};
use std::io::{Read, Write as _, stdin};
use std::path::{Path, PathBuf};

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

/// A file that is about to be written. Opened before anything happens, so that a path that cannot be written is known in time.
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
    file: File,
}

impl Destination {
    /// Opens a file for writing, for this user alone. What was in it is gone.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(path)
            .map_err(|problem| unwritable(path, &problem))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(mut self, text: &str) -> Result<()> {
        self.file
            .write_all(text.as_bytes())
            .map_err(|problem| unwritable(&self.path, &problem))
    }
}

fn unwritable(path: &Path, problem: &std::io::Error) -> Error {
    Error::user(
        "file.write",
        format!("{} cannot be written: {problem}", path.display()),
    )
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
