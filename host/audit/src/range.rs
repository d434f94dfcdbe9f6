//! Reading on from a place: the records behind one that was read before, and no others.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use vestibule_core::{Error, Result};

use crate::code;
use crate::line::{self, Record};
use crate::log::{Line, Log};

/// A place in the log: behind this record. It stays the same place when files get other names, or go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The number of the record; 0 before the first.
    pub seq: u64,
    /// Its code. Empty if it is not known: then any record of the number will do.
    pub code: String,
    /// Where its line was, so that it need not be searched for. What is found there counts only if it is this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
}

/// Where a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The number of the first record of its file, whatever the file is called.
    first: u64,
    /// Where in the file it begins, in bytes.
    offset: u64,
}

impl Mark {
    /// Before the first record.
    #[must_use]
    pub fn start() -> Self {
        Self {
            seq: 0,
            code: code::NONE.to_owned(),
            spot: None,
        }
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Behind the last record that was read.
    pub to: Mark,
    /// How many records there were.
    pub records: u64,
    /// Whether more may be behind it.
    pub more: bool,
    /// The first and last record of those that should have been there and were removed for their age.
    pub gone: Option<(u64, u64)>,
    /// Lines that are no records.
    pub unreadable: u64,
}

impl Log<'_> {
    /// Visits the records behind a place, each with its line, until the visitor has enough.
    ///
    /// # Errors
    /// `audit.another_log` if the record of the place is another one now, or there are not so many. Otherwise if a file cannot be read.
    pub fn for_each_behind(
        &self,
        from: &Mark,
        visit: &mut dyn FnMut(&str, Record) -> ControlFlow<()>,
    ) -> Result<Range> {
        let _lock = self.folder.lock()?;
        self.read_behind(from, visit)
    }

    /// The same under a lock that is held.
    pub(crate) fn read_behind(
        &self,
        from: &Mark,
        visit: &mut dyn FnMut(&str, Record) -> ControlFlow<()>,
    ) -> Result<Range> {
        let mut range = Range {
            to: from.clone(),
            records: 0,
            more: false,
            gone: None,
            unreadable: 0,
        };
        let mut met = from.seq == 0;
        for (name, first) in self.names_from(from.seq)? {
            let mut lines = self.lines(&name)?;
            if let (Some(spot), Some(first)) = (from.spot, first)
                && spot.first == first
                && self.is_at(&name, spot.offset, from)?
            {
                lines.skip_to(spot.offset)?;
            }
            loop {
                let offset = lines.offset();
                let Some(Line { bytes, whole }) = lines.next()? else {
                    break;
                };
                if line::number(&bytes).is_some_and(|seq| seq < from.seq) {
                    continue;
                }
                let Ok(record) = line::read(&bytes) else {
                    // What is being written, or was when its process was killed, is not there yet.
                    range.unreadable += u64::from(whole);
                    continue;
                };
                if !whole {
                    continue;
                }
                if record.seq == from.seq {
                    if !from.code.is_empty() && record.code != from.code {
                        return Err(another_log(from));
                    }
                    met = true;
                    continue;
                }
                if !met {
                    range.gone = Some((from.seq.saturating_add(1), record.seq.saturating_sub(1)));
                    range.gone = range.gone.filter(|(first, last)| first <= last);
                    met = true;
                }
                range.to = Mark {
                    seq: record.seq,
                    code: record.code.clone(),
                    spot: first.map(|first| Spot { first, offset }),
                };
                range.records += 1;
                // A line that could be read is text.
                let text = String::from_utf8_lossy(&bytes);
                if visit(&text, record).is_break() {
                    range.more = true;
                    return Ok(range);
                }
            }
        }
        if met {
            Ok(range)
        } else {
            Err(another_log(from))
        }
    }

    /// Whether the line that begins here is that of a record.
    fn is_at(&self, name: &str, offset: u64, mark: &Mark) -> Result<bool> {
        let mut lines = self.lines(name)?;
        // No file is so long that there is such a place.
        if lines.skip_to(offset).is_err() {
            return Ok(false);
        }
        let line = lines.next()?;
        Ok(line.is_some_and(|line| {
            line.whole
                && line::number(&line.bytes) == Some(mark.seq)
                && line::read(&line.bytes).is_ok()
        }))
    }

    /// The names of the files that can hold what is behind this record, the oldest first, each with the number of its first record.
    fn names_from(&self, seq: u64) -> Result<Vec<(String, Option<u64>)>> {
        let mut files = Vec::new();
        for name in self.names()? {
            let first = self.lines(&name)?.next()?;
            files.push((name, first.and_then(|line| line::number(&line.bytes))));
        }
        // One that begins with what is no record says nothing.
        let begins = |first: &Option<u64>| first.is_some_and(|first| first <= seq);
        let at = files.iter().rposition(|(_, first)| begins(first));
        Ok(files.split_off(at.unwrap_or(0)))
    }
}

fn another_log(from: &Mark) -> Error {
    Error::host(
        "audit.another_log",
        format!(
            "record {} of the audit log is not the one that was read before: it is another log, or was altered",
            from.seq
        ),
    )
    .hint("run: vestibule audit verify")
}
