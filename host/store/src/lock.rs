//! One at a time, over all processes of the user (CRASH-03, CRASH-04).
//!
//! A lock is an advisory lock of the kernel on an open file, so it ends with the process that holds it, however that ends. Lock
//! files stay: a file that were removed could be locked by one process while the next one locks its successor.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::sync::OnceLock;

use cap_std::fs::Dir;
use tokio::time::Instant;
use vestibule_core::limits::{LOCK_POLL, LOCK_WAIT};
use vestibule_core::{Error, Result, TenantName};

use crate::private;
use crate::record_name::RecordName;

/// What is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockName {
    /// One record: a refresh, a sign-in, a sign-out.
    Record(RecordName),
    /// A tenant as a whole: its file and its approval.
    Tenant(TenantName),
    /// What is remembered of an issuer.
    Issuer(RecordName),
    /// The master key of this installation.
    Key,
    /// The id of this installation.
    Installation,
    /// The audit log.
    Audit,
}

impl LockName {
    fn file(&self) -> String {
        match self {
            Self::Record(name) => format!("record-{name}"),
            Self::Tenant(name) => format!("tenant-{name}"),
            Self::Issuer(name) => format!("issuer-{name}"),
            Self::Key => "key".to_owned(),
            Self::Installation => "installation".to_owned(),
            Self::Audit => "audit".to_owned(),
        }
    }
}

/// What another process is doing while it holds the lock.
impl fmt::Display for LockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(_) => f.write_str("another process that renews or ends the same sign-in"),
            Self::Tenant(tenant) => write!(f, "another process that changes the tenant {tenant}"),
            Self::Issuer(_) => f.write_str("another process that talks to the same provider"),
            Self::Audit => f.write_str("another process that writes to the audit log"),
            Self::Key | Self::Installation => {
                f.write_str("another process that uses the store for the first time")
            }
        }
    }
}

/// A lock that is held. It ends when this is dropped, and with the process at the latest.
#[derive(Debug)]
#[must_use = "a lock that is dropped at once protects nothing"]
pub struct Guard {
    name: LockName,
    _file: File,
}

impl Guard {
    /// What is locked.
    #[must_use]
    pub fn name(&self) -> &LockName {
        &self.name
    }
}

/// The directory of the locks.
#[derive(Debug)]
pub(crate) struct Locks {
    dir: Dir,
    /// Whether locks exclude anybody on this file system; found out with the first one.
    proven: OnceLock<()>,
    /// The system call; another one in tests of file systems that this machine has not.
    take: fn(&File) -> Result<(), TryLockError>,
}

impl Locks {
    pub(crate) fn new(dir: Dir) -> Self {
        Self {
            dir,
            proven: OnceLock::new(),
            take: File::try_lock,
        }
    }

    /// Takes the lock if it is free.
    pub(crate) fn try_lock(&self, name: &LockName) -> Result<Option<Guard>> {
        let file_name = name.file();
        loop {
            let file = private::open_or_create_file(&self.dir, &file_name)?.into_std();
            if !self.take(&file)? {
                return Ok(None);
            }
            // Whoever cleans up by hand may have taken the file away since it was opened.
            if !private::same_file(&file, &self.dir, &file_name) {
                continue;
            }
            if self.proven.get().is_none() {
                let second = private::open_or_create_file(&self.dir, &file_name)?.into_std();
                // Some file systems grant every lock to everybody. A second open file must not get what the first one holds.
                if self.take(&second)? {
                    return Err(no_locks("it grants the same lock twice"));
                }
                let _ = self.proven.set(());
            }
            return Ok(Some(Guard {
                name: name.clone(),
                _file: file,
            }));
        }
    }

    /// Whether the lock on this file is ours now; `false` if somebody else has it.
    fn take(&self, file: &File) -> Result<bool> {
        match (self.take)(file) {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => Ok(false),
            Err(TryLockError::Error(error)) => Err(no_locks(&error.to_string())),
        }
    }

    /// Waits for the lock, at most `limits::LOCK_WAIT`. `waiting` is told once, if it comes to that. Dropping the future ends
    /// the waiting.
    pub(crate) async fn lock(
        &self,
        name: &LockName,
        waiting: impl FnOnce(&LockName),
    ) -> Result<Guard> {
        let deadline = Instant::now() + LOCK_WAIT;
        let mut waiting = Some(waiting);
        loop {
            if let Some(guard) = self.try_lock(name)? {
                return Ok(guard);
            }
            if Instant::now() >= deadline {
                return Err(timed_out(name));
            }
            if let Some(tell) = waiting.take() {
                tell(name);
            }
            tokio::time::sleep(LOCK_POLL).await;
        }
    }

    /// Waits, and the thread with it, for a lock that is held while a file or two are written, or a key store answers.
    pub(crate) fn lock_blocking(&self, name: &LockName) -> Result<Guard> {
        let deadline = std::time::Instant::now() + LOCK_WAIT;
        loop {
            if let Some(guard) = self.try_lock(name)? {
                return Ok(guard);
            }
            if std::time::Instant::now() >= deadline {
                return Err(timed_out(name));
            }
            std::thread::sleep(LOCK_POLL);
        }
    }
}

fn no_locks(why: &str) -> Error {
    Error::config(
        "store.no_locks",
        format!(
            "the file system of the state directory has no working locks ({}); without them two processes could spend one refresh token",
            vestibule_core::Shown::new(why)
        ),
    )
    .hint("set VESTIBULE_STATE_DIR to a directory on a local file system")
}

fn timed_out(name: &LockName) -> Error {
    Error::host(
        "store.locked",
        format!("waited {} s for {name}", LOCK_WAIT.as_secs()),
    )
    .hint("try again; if no such process is doing anything useful, end it")
}

#[cfg(all(test, unix))]
mod tests;
