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
}

impl Mark {
    /// Before the first record.
    #[must_use]
    pub fn start() -> Self {
        Self {
            seq: 0,
            code: code::NONE.to_owned(),
        }
    }

    /// Behind this record.
    #[must_use]
    pub fn behind(record: &Record) -> Self {
        Self {
            seq: record.seq,
            code: record.code.clone(),
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
        for name in self.names_from(from.seq)? {
            let mut lines = self.lines(&name)?;
            while let Some(Line { bytes, whole }) = lines.next()? {
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
                range.to = Mark::behind(&record);
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

    /// The names of the files that can hold what is behind this record, the oldest first.
    fn names_from(&self, seq: u64) -> Result<Vec<String>> {
        let mut names = self.names()?;
        let mut at = 0;
        for (index, name) in names.iter().enumerate().skip(1) {
            let first = self.lines(name)?.next()?;
            match first.and_then(|line| line::number(&line.bytes)) {
                Some(first) if first > seq => break,
                // One that begins with what is no record says nothing.
                Some(_) => at = index,
                None => {}
            }
        }
        Ok(names.split_off(at))
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
