//! A folder, and keys that come and go.

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use tempfile::TempDir;
use vestibule_core::{Error, Result};
use zeroize::Zeroizing;

use crate::{Durability, Entry, Event, Folder, Key, Keys, Locked, Log, Outcome, Record, Verdict};

/// A folder of the test.
pub(super) struct Shelf {
    dir: TempDir,
    pub(super) full: bool,
}

struct Unlocked;
impl Locked for Unlocked {}

impl Shelf {
    pub(super) fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            full: false,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(super) fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.text("log.jsonl")
            .lines()
            .map(|line| format!("{line}\n"))
            .collect()
    }
}

fn io<T>(result: std::io::Result<T>) -> Result<T> {
    result.map_err(|problem| Error::host("test.io", problem.to_string()))
}

impl Folder for Shelf {
    fn lock(&self) -> Result<Box<dyn Locked + '_>> {
        Ok(Box::new(Unlocked))
    }

    fn open(&self, name: &str) -> Result<Option<File>> {
        Ok(File::open(self.path(name)).ok())
    }

    fn open_or_create(&self, name: &str) -> Result<File> {
        if self.full {
            return Err(Error::host("test.full", "the disk is full"));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        io(options.open(self.path(name)))
    }

    fn replace(&self, name: &str, bytes: &[u8], _durability: Durability) -> Result<()> {
        io(fs::write(self.path(name), bytes))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        io(fs::rename(self.path(from), self.path(to)))
    }

    fn remove(&self, name: &str) -> Result<()> {
        io(fs::remove_file(self.path(name)))
    }

    fn names(&self) -> Result<Vec<String>> {
        let entries = io(fs::read_dir(self.dir.path()))?;
        Ok(entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect())
    }
}

/// A key store that holds one key, or none.
pub(super) struct Keeper(pub(super) RefCell<Option<u8>>);

impl Keeper {
    pub(super) fn with(byte: u8) -> Self {
        Self(RefCell::new(Some(byte)))
    }
}

impl Keys for Keeper {
    fn find(&self, keeper: &str, _id: &str) -> Result<Option<Key>> {
        assert_eq!(keeper, "test");
        let byte = *self.0.borrow();
        Ok(byte.map(|byte| Key::new("test", Zeroizing::new([byte; 32]))))
    }

    fn current(&self) -> Result<Key> {
        Ok(self.find("test", "")?.unwrap_or_else(Key::none))
    }

    fn all(&self) -> Vec<Key> {
        self.find("test", "").unwrap().into_iter().collect()
    }
}

/// An entry that says who.
pub(super) fn entry(subject: &str) -> Entry {
    Entry {
        subject: Some(subject.to_owned()),
        ..Entry::new(Event::Release, Outcome::Done)
    }
}

/// A log with so many records after the one that says that it begins.
pub(super) fn filled(shelf: &Shelf, keys: &Keeper, count: u64, durability: Durability) {
    let log = Log::new(shelf, keys);
    for at in 0..count {
        log.append(100 + at, &entry(&format!("person {at}")), durability)
            .unwrap();
    }
}

pub(super) fn records(shelf: &Shelf, keys: &Keeper) -> Vec<Record> {
    let mut all = Vec::new();
    let log = Log::new(shelf, keys);
    let unreadable = log.for_each(&mut |record| all.push(record)).unwrap();
    assert_eq!(unreadable, 0);
    all
}

pub(super) fn verdict(shelf: &Shelf, keys: &Keeper) -> Verdict {
    Log::new(shelf, keys).verify().unwrap()
}
