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
    let problem = |what: &str| {
        Error::config(
            "tenant.secret_file",
            format!(
                "the file of the secret \"{setting}\", \"{}\", {what}",
                Shown::new(&path.display().to_string())
            ),
        )
    };
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
    let bytes = Zeroizing::new(
        files::read(&folder, name, SECRET_FILE_BYTES)?.ok_or_else(|| problem("is missing"))?,
    );
    let line = bytes
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| problem("is not UTF-8 text"))?;
    if line.is_empty() {
        return Err(problem("is empty"));
    }
    Ok(Secret::new(line.to_owned()))
}
