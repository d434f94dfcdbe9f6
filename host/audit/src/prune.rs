//! Removing the oldest records, once there are too many.
//!
//! That they are gone is written down under the key. So what is removed must be what the log has: files that follow each other from the
//! first record that is left, and not what somebody else has put there or taken away.

use vestibule_core::Result;

use crate::entry::Note;
use crate::files::{self, CURRENT};
use crate::head::{Full, Head};
use crate::key::Key;
use crate::line::{self, Record};
use crate::log::Log;
use crate::tampered;

/// A file that was gone over.
struct Ends {
    first: Record,
    last: Record,
    bytes: u64,
}

impl Log<'_> {
    /// Removes the oldest files beyond the limit, and says so first.
    ///
    /// # Errors
    /// If the oldest records are not what was written: then nothing is removed, and nothing is said.
    pub(crate) fn prune(&self, head: &mut Head, key: &Key, now: u64) -> Result<()> {
        let much = |left: &Full, head: &Head| {
            left.files > self.files || left.bytes.saturating_add(head.last.offset) > self.bytes
        };
        if !much(&head.full, head) {
            return Ok(());
        }
        // A head that was taken over from a key that is gone may say anything.
        if head.pruned >= head.last.seq {
            return Err(tampered("its head says that all records are removed"));
        }
        let numbers = files::numbers(self.folder)?.into_iter();
        let mut full = numbers
            .filter(|number| *number < head.file)
            .map(files::numbered);
        let mut left = head.full;
        let mut gone: Vec<String> = Vec::new();
        let mut before: Option<Record> = None;
        let first = loop {
            let name = full.next().unwrap_or_else(|| CURRENT.to_owned());
            let ends = self.ends(&name, key)?;
            let said = ends.last.seq <= head.pruned;
            let follows = match &before {
                Some(before) => ends.first.follows(before.seq, &before.code),
                None => head.pruned.checked_add(1) == Some(ends.first.seq),
            };
            if !said && !follows {
                return Err(tampered(
                    "its oldest records are not those that were written",
                ));
            }
            if !said && (!much(&left, head) || name == CURRENT) {
                break ends.first;
            }
            if said {
                // Its process was killed before it was gone.
                self.folder.remove(&name)?;
                continue;
            }
            left.remove(ends.bytes);
            before = Some(ends.last);
            gone.push(name);
        };
        if gone.is_empty() {
            return Ok(());
        }
        head.full = left;
        head.pruned = first.seq.saturating_sub(1);
        let to = head.pruned;
        self.note(head, key, now, Note::Pruned { to })?;
        for name in gone {
            self.folder.remove(&name)?;
        }
        Ok(())
    }

    /// Goes over a file, all of whose lines must follow each other. Those of this key are verified; those of a key that is gone cannot be.
    fn ends(&self, name: &str, key: &Key) -> Result<Ends> {
        let mut first: Option<Record> = None;
        let mut last: Option<Record> = None;
        let mut bytes = 0;
        self.for_each_line(name, &mut |line| {
            let record = line::read(&line.bytes).map_err(tampered)?;
            let verified = record.key != key.id() || line::verifies(&line.bytes, key);
            let follows = last
                .as_ref()
                .is_none_or(|last| record.follows(last.seq, &last.code));
            if !line.whole || !verified || !follows {
                return Err(tampered(
                    "its oldest records are not those that were written",
                ));
            }
            bytes += line.bytes.len() as u64 + 1;
            first.get_or_insert_with(|| record.clone());
            last = Some(record);
            Ok(())
        })?;
        match (first, last) {
            (Some(first), Some(last)) => Ok(Ends { first, last, bytes }),
            _ => Err(tampered(format!("\"{name}\" is empty or missing"))),
        }
    }
}
