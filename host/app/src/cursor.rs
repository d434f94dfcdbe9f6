//! How far the audit log was exported, under a name: so that an export that runs again goes on where it stopped.

use std::fs::{File, TryLockError};
use std::io::Read as _;

use vestibule_audit::Mark;
use vestibule_core::limits::{CURSOR_BYTES, CURSOR_CHARS};
use vestibule_core::{Error, Result, Shown};
use vestibule_store::PrivateFolder;

/// A cursor that this process alone moves.
pub(crate) struct Cursor {
    folder: PrivateFolder,
    name: String,
    /// Held until it is dropped.
    _lock: File,
}

impl Cursor {
    /// Takes the cursor of this name.
    ///
    /// # Errors
    /// `export.cursor_name` if it is no name, `export.busy_cursor` if another process exports under it now.
    pub(crate) fn take(folder: PrivateFolder, name: &str) -> Result<Self> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > CURSOR_CHARS || !name.bytes().all(legal) {
            return Err(Error::user(
                "export.cursor_name",
                format!(
                    "\"{}\" is no name of a cursor: lowercase letters, digits and hyphens, at most {CURSOR_CHARS}",
                    Shown::new(name)
                ),
            ));
        }
        let lock = folder.open_or_create(&format!("cursor-{name}.lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                folder,
                name: format!("cursor-{name}"),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::user(
                "export.busy_cursor",
                format!("another process exports under the cursor \"{name}\" now"),
            )),
            Err(TryLockError::Error(problem)) => Err(Error::host(
                "audit.io",
                format!("\"audit/cursor-{name}.lock\" cannot be locked: {problem}"),
            )),
        }
    }

    /// Where it is; none if nothing was exported under it yet.
    ///
    /// # Errors
    /// `export.cursor` if what is there is none.
    pub(crate) fn read(&self) -> Result<Option<Mark>> {
        let Some(file) = self.folder.open(&self.name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.take(CURSOR_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|problem| {
                let name = &self.name;
                Error::host(
                    "audit.io",
                    format!("\"audit/{name}\" cannot be read: {problem}"),
                )
            })?;
        let mark = serde_json::from_slice(&bytes);
        mark.map(Some).map_err(|_| {
            Error::host(
                "export.cursor",
                format!("\"audit/{}\" says nothing that can be read", self.name),
            )
            .hint("export all of the log once more: --restart")
        })
    }

    /// Moves it, durably.
    pub(crate) fn write(&self, mark: &Mark) -> Result<()> {
        let mut text = serde_json::to_vec(mark)
            .map_err(|_| Error::host("host.json", "a cursor cannot be written as JSON"))?;
        text.push(b'\n');
        self.folder.replace(&self.name, &text)
    }
}
