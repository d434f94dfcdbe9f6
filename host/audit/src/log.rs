//! The log itself: records are added at its end, and read from its beginning.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use vestibule_core::Result;
use vestibule_core::limits::{AUDIT_BYTES, AUDIT_FILE_BYTES, AUDIT_FILES, AUDIT_RECORD_BYTES};

use crate::broken;
use crate::detect::Unusual;
use crate::files::{self, CURRENT};
use crate::folder::Folder;
use crate::key::Keys;
use crate::line::{self, Record};

/// The audit log of one installation.
pub struct Log<'a> {
    pub(crate) folder: &'a dyn Folder,
    pub(crate) keys: &'a dyn Keys,
    /// Bytes of one file.
    pub(crate) file_bytes: u64,
    /// Bytes of all files.
    pub(crate) bytes: u64,
    /// Full files, however small.
    pub(crate) files: u64,
}

/// A record that was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its number.
    pub seq: u64,
    /// Whether it can be verified later. It cannot if no key store outlives the process.
    pub keyed: bool,
    /// What is unusual about when it happened, as far as the head of the log can tell. The rest is [`Log::unusual`].
    pub unusual: Vec<Unusual>,
}

/// A line of the log as it lies there.
pub(crate) struct Line {
    /// Its bytes without the line break.
    pub(crate) bytes: Vec<u8>,
    /// Whether a line break ends it.
    pub(crate) whole: bool,
}

impl<'a> Log<'a> {
    /// The log in this folder. Nothing is opened yet.
    #[must_use]
    pub fn new(folder: &'a dyn Folder, keys: &'a dyn Keys) -> Self {
        Self {
            folder,
            keys,
            file_bytes: AUDIT_FILE_BYTES,
            bytes: AUDIT_BYTES,
            files: AUDIT_FILES,
        }
    }

    /// The same, keeping so many bytes of records instead of [`AUDIT_BYTES`].
    #[must_use]
    pub fn keeping(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Visits all records, the oldest first. Gives the number of lines that are none.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn for_each(&self, visit: &mut dyn FnMut(Record)) -> Result<u64> {
        let _lock = self.folder.lock()?;
        let mut unreadable = 0;
        for name in self.names()? {
            self.for_each_line(&name, &mut |line| {
                match line::read(&line.bytes) {
                    Ok(record) if line.whole => visit(record),
                    Ok(_) | Err(_) => unreadable += 1,
                }
                Ok(())
            })?;
        }
        Ok(unreadable)
    }

    /// The names of the files, the oldest first.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        let numbered = files::numbers(self.folder)?;
        let names = numbered.into_iter().map(files::numbered);
        Ok(names.chain([CURRENT.to_owned()]).collect())
    }

    /// Visits the lines of a file. One that is longer than a record may be comes in pieces.
    pub(crate) fn for_each_line(
        &self,
        name: &str,
        visit: &mut dyn FnMut(Line) -> Result<()>,
    ) -> Result<()> {
        let mut lines = self.lines(name)?;
        while let Some(line) = lines.next()? {
            visit(line)?;
        }
        Ok(())
    }

    /// The lines of a file; none if it is not there.
    pub(crate) fn lines<'n>(&self, name: &'n str) -> Result<Lines<'n>> {
        let file = self.folder.open(name)?;
        Ok(Lines {
            name,
            reader: file.map(BufReader::new),
            offset: 0,
        })
    }
}

/// The lines of a file, one after the other.
pub(crate) struct Lines<'n> {
    name: &'n str,
    reader: Option<BufReader<File>>,
    offset: u64,
}

impl Lines<'_> {
    /// Where the next one begins, in bytes.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes on with the one that begins here.
    pub(crate) fn skip_to(&mut self, offset: u64) -> Result<()> {
        if let Some(reader) = &mut self.reader {
            reader
                .seek(SeekFrom::Start(offset))
                .map_err(|problem| broken("read", self.name, &problem))?;
        }
        self.offset = offset;
        Ok(())
    }

    /// The next one; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line>> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        reader
            .by_ref()
            .take(AUDIT_RECORD_BYTES as u64)
            .read_until(b'\n', &mut bytes)
            .map_err(|problem| broken("read", self.name, &problem))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.offset = self.offset.saturating_add(bytes.len() as u64);
        let whole = bytes.pop_if(|last| *last == b'\n').is_some();
        Ok(Some(Line { bytes, whole }))
    }
}
