//! The installation: a random id that tells two state directories apart, in one key store and in every digest.

use vestibule_core::{Error, Result};

use crate::disk::{Disk, Folder};
use crate::lock::{LockName, Locks};
use crate::random;

/// The file in the state directory.
const FILE: &str = "installation";

/// What stands before the id. A later format says so here, and this program refuses it (CRASH-10).
const PREFIX: &str = "vestibule-installation 1 ";

/// A random id, drawn once for each state directory. No secret: it names, it does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstallationId([u8; 16]);

impl InstallationId {
    /// Reads the id, or draws one.
    pub(crate) fn of(disk: &Disk, locks: &Locks) -> Result<Self> {
        if let Some(id) = Self::read(disk)? {
            return Ok(id);
        }
        let _guard = locks.lock_blocking(&LockName::Installation)?;
        if let Some(id) = Self::read(disk)? {
            return Ok(id);
        }
        let id = Self(random::bytes()?);
        let line = format!("{PREFIX}{}\n", random::hex(&id.0));
        disk.write(&Folder::Root, FILE, line.as_bytes())?;
        Ok(id)
    }

    fn read(disk: &Disk) -> Result<Option<Self>> {
        let Some(bytes) = disk.read(&Folder::Root, FILE)? else {
            return Ok(None);
        };
        let id = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.strip_prefix(PREFIX))
            .and_then(|text| text.strip_suffix('\n'))
            .and_then(random::from_hex);
        match id {
            Some(id) => Ok(Some(Self(id))),
            None => Err(Error::config(
                "store.installation",
                "the file \"installation\" of the state directory is damaged or of a newer release; without it no stored sign-in can be found",
            )
            .hint("use the newer release, or move the state directory away and sign in again")),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn hex(&self) -> String {
        random::hex(&self.0)
    }
}
