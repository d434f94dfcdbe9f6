//! Secrets that an operator keeps in a file of their own.

use std::path::Path;

use vestibule_core::limits::SECRET_FILE_BYTES;
use vestibule_core::{Error, Result, Secret, Shown};
use zeroize::Zeroizing;

use crate::files;

/// Reads the first line of a file that nobody else can read.
///
/// # Errors
/// If the path is relative (a file in the working directory never counts), or the file is missing, empty, or open to others.
pub(crate) fn read(path: &Path, setting: &str) -> Result<Secret> {
    let bytes = bytes(path, setting)?;
    let line = bytes
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    text(path, setting, line)
}

/// Reads all of such a file: a private key has many lines.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_all(path: &Path, setting: &str) -> Result<Secret> {
    text(path, setting, bytes(path, setting)?.trim_ascii())
}

/// When such a file was last changed, in Unix seconds, as far as it is known.
pub(crate) fn modified(path: &Path) -> Option<u64> {
    let folder = files::open_dir(path.parent()?).ok()??;
    let changed = folder.metadata(path.file_name()?).ok()?.modified().ok()?;
    let since = changed.into_std().duration_since(std::time::UNIX_EPOCH);
    Some(since.ok()?.as_secs())
}

fn problem(path: &Path, setting: &str, what: &str) -> Error {
    Error::config(
        "tenant.secret_file",
        format!(
            "the file of the secret \"{setting}\", \"{}\", {what}",
            Shown::new(&path.display().to_string())
        ),
    )
}

fn text(path: &Path, setting: &str, bytes: &[u8]) -> Result<Secret> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| problem(path, setting, "is not UTF-8 text"))?;
    if text.is_empty() {
        return Err(problem(path, setting, "is empty"));
    }
    Ok(Secret::new(text.to_owned()))
}

fn bytes(path: &Path, setting: &str) -> Result<Zeroizing<Vec<u8>>> {
    let problem = |what: &str| problem(path, setting, what);
    if !path.is_absolute() {
        return Err(problem("is not given by an absolute path"));
    }
    let (Some(folder), Some(name)) = (
        path.parent(),
        path.file_name().and_then(|name| name.to_str()),
    ) else {
        return Err(problem("has no name"));
    };
    let folder = files::open_dir(folder)?.ok_or_else(|| problem("is missing"))?;
    files::check_private(&folder, name).map_err(problem)?;
    files::read(&folder, name, SECRET_FILE_BYTES)?
        .map(Zeroizing::new)
        .ok_or_else(|| problem("is missing"))
}
