//! A folder, and keys that come and go.

use std::cell::{Cell, RefCell};
use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use tempfile::TempDir;
use vestibule_core::{Error, Result};
use zeroize::Zeroizing;

use crate::head::{Head, Place};
use crate::{
    Durability, Entry, Event, Folder, Key, Keys, Locked, Log, Note, Outcome, Record, Verdict, line,
};

/// A folder of the test.
pub(super) struct Shelf {
    dir: TempDir,
    pub(super) full: bool,
    /// So many times a file can still not be replaced.
    pub(super) stuck: Cell<u32>,
    /// So many things can still be done, before nothing can any more.
    pub(super) left: Cell<u32>,
    /// How often the machine was started; 0 where that cannot be told.
    pub(super) boot: Cell<u32>,
}

struct Unlocked;
impl Locked for Unlocked {}

impl Shelf {
    pub(super) fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            full: false,
            stuck: Cell::new(0),
            left: Cell::new(u32::MAX),
            boot: Cell::new(1),
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

    fn act(&self) -> Result<()> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.unwrap_or(0));
        left.map(drop)
            .ok_or_else(|| Error::host("test.killed", "nothing can be done any more"))
    }

    /// The machine stops and starts again.
    pub(super) fn restart(&self) {
        self.boot.set(self.boot.get() + 1);
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
        self.act()?;
        if self.full {
            return Err(Error::host("test.full", "the disk is full"));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        io(options.open(self.path(name)))
    }

    fn replace(&self, name: &str, bytes: &[u8], _durability: Durability) -> Result<()> {
        self.act()?;
        if let Some(left) = self.stuck.get().checked_sub(1) {
            self.stuck.set(left);
            return Err(Error::host("test.stuck", "it cannot be replaced"));
        }
        io(fs::write(self.path(name), bytes))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.act()?;
        io(fs::rename(self.path(from), self.path(to)))
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.act()?;
        io(fs::remove_file(self.path(name)))
    }

    fn boot(&self) -> Option<String> {
        let boot = self.boot.get();
        (boot > 0).then(|| format!("boot {boot}"))
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
        if keeper != "test" {
            return Ok(None);
        }
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

/// The head that is there, whether it is genuine or not.
pub(super) fn head(shelf: &Shelf) -> Head {
    Head::read(shelf.text("head").as_bytes()).unwrap()
}

/// A head as somebody writes it who has no key.
pub(super) fn forge(shelf: &Shelf, head: &Head) {
    let json = serde_json::to_string(head).unwrap();
    let body = json.strip_suffix('}').unwrap();
    let code = "5".repeat(64);
    shelf.put("head", format!("{body},\"code\":\"{code}\"}}\n"));
}

/// Adds a line behind the last one, under any key, and a head of that key.
pub(super) fn add(shelf: &Shelf, entry: &Entry, key: &Key) {
    let lines = shelf.lines();
    let last = line::read(lines.last().unwrap().trim_end().as_bytes()).unwrap();
    let seq = match &entry.log {
        Some(Note::Lost { to, .. }) => to + 1,
        _ => last.seq + 1,
    };
    let (line, code) = line::write(seq, 1, entry, &last.code, key).unwrap();
    let text = lines.concat() + &line;
    let mut head = head(shelf);
    head.last = Place {
        seq,
        code,
        offset: text.len() as u64,
    };
    head.durable = head.last.clone();
    head.key = key.id().to_owned();
    head.keeper = key.keeper().to_owned();
    shelf.put("log.jsonl", text);
    shelf.put("head", head.write(key).unwrap());
}
