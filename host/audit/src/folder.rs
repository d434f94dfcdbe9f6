//! The folder that the log is in, as whoever opened it lets this crate use it.

use std::fs::File;

use vestibule_core::Result;

/// A lock that is held until it is dropped.
pub trait Locked {}

/// Whether something survives a power cut before it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It does.
    Durable,
    /// It survives the process, and what the system has not written when the machine stops is lost: for what is too frequent.
    Quick,
}

/// A folder of this user alone. Names are plain names; nothing is followed that leads out of it.
pub trait Folder {
    /// Waits for the lock of the log.
    fn lock(&self) -> Result<Box<dyn Locked + '_>>;

    /// Opens a file for reading; none if it is not there.
    fn open(&self, name: &str) -> Result<Option<File>>;

    /// Opens a file for reading and writing, and makes it first if it is not there.
    fn open_or_create(&self, name: &str) -> Result<File>;

    /// Replaces a file as a whole.
    fn replace(&self, name: &str, bytes: &[u8], durability: Durability) -> Result<()>;

    /// Gives a file another name, durably.
    fn rename(&self, from: &str, to: &str) -> Result<()>;

    /// Removes a file, durably.
    fn remove(&self, name: &str) -> Result<()>;

    /// What tells this start of the machine from every other one; none where that cannot be told. What was written since then is not
    /// lost by a stop.
    fn boot(&self) -> Option<String>;

    /// The names of all files.
    fn names(&self) -> Result<Vec<String>>;
}
