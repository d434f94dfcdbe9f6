//! Adding a record: first the line, then the head. See the crate for what that order means.

use std::io::{Seek as _, SeekFrom, Write as _};

use vestibule_core::Result;

use crate::entry::{Entry, Note};
use crate::files::{self, CURRENT};
use crate::folder::Durability;
use crate::head::{self, Head, Place};
use crate::key::Key;
use crate::line;
use crate::log::{Appended, Log};
use crate::tail::{self, End};
use crate::{broken, tampered};

impl Log<'_> {
    /// Adds a record with this time in Unix seconds.
    ///
    /// # Errors
    /// `audit.tampered` if the end of the log is not what this program left there: nothing is added to that. Otherwise if it cannot be
    /// written, or no key can be had.
    pub fn append(&self, now: u64, entry: &Entry, durability: Durability) -> Result<Appended> {
        let _lock = self.folder.lock()?;
        let End {
            mut head,
            key,
            key_before,
            mut notes,
            understood,
        } = tail::find(self.folder, self.keys)?;
        if let Some(before) = key_before {
            // Records of one key are in files of their own, which the next key seals.
            self.close_file(&mut head, understood)?;
            let sealed = tail::seal(self.folder, &key)?;
            notes.push(Note::KeyChanged { before, sealed });
        }
        for note in notes {
            self.write(
                &mut head,
                &key,
                now,
                &Entry::note(note),
                Durability::Durable,
            )?;
        }
        let full = self.write(&mut head, &key, now, entry, durability)?;
        let seq = head.last.seq;
        if full {
            // The record is written. That the oldest could not be removed is tried again with the next file.
            let _ = self.prune(&mut head, &key, now);
        }
        Ok(Appended {
            seq,
            keyed: key.is_keyed(),
        })
    }

    /// Whether a record could be added, as far as that can be told without adding one.
    ///
    /// # Errors
    /// Those of [`Self::append`].
    pub fn ready(&self) -> Result<()> {
        let _lock = self.folder.lock()?;
        tail::find(self.folder, self.keys)?;
        self.folder.open_or_create(CURRENT).map(drop)
    }

    /// Writes one record. Whether a new file was begun for it.
    fn write(
        &self,
        head: &mut Head,
        key: &Key,
        now: u64,
        entry: &Entry,
        durability: Durability,
    ) -> Result<bool> {
        let seq = head.last.seq + 1;
        let (line, code) = line::write(seq, now, entry, &head.last.code, key)?;
        let full = head.last.offset > 0 && head.last.offset + line.len() as u64 > self.file_bytes;
        if full {
            self.close_file(head, true)?;
        }
        let at = head.last.offset;
        let mut file = self.folder.open_or_create(CURRENT)?;
        let mut add = || {
            // What stands behind the last record is an unfinished one.
            file.set_len(at)?;
            file.seek(SeekFrom::Start(at))?;
            file.write_all(line.as_bytes())?;
            match durability {
                Durability::Durable => file.sync_data(),
                Durability::Quick => Ok(()),
            }
        };
        if let Err(problem) = add() {
            // Half a record on a full disk is no use. If it stays, the next one takes it away.
            let _ = file.set_len(at);
            return Err(broken("written", CURRENT, &problem));
        }
        head.last = Place {
            seq,
            code,
            offset: at + line.len() as u64,
        };
        if durability == Durability::Durable {
            head.durable = head.last.clone();
        }
        let text = head.write(key)?;
        self.folder
            .replace(head::FILE, text.as_bytes(), durability)?;
        Ok(full)
    }

    /// Gives the current file its number, without an unfinished line at its end, if that was understood. The next record begins
    /// another one.
    fn close_file(&self, head: &mut Head, understood: bool) -> Result<()> {
        if self.folder.open(CURRENT)?.is_none() {
            head.last.offset = 0;
            head.durable = head.last.clone();
            return Ok(());
        }
        let file = self.folder.open_or_create(CURRENT)?;
        let cut = if understood {
            file.set_len(head.last.offset)
        } else {
            Ok(())
        };
        cut.and_then(|()| file.sync_all())
            .map_err(|problem| broken("written", CURRENT, &problem))?;
        // A number that is taken, by whatever, is left alone.
        let last = files::numbers(self.folder)?.last().copied().unwrap_or(0);
        let number = head.file.max(last + 1);
        self.folder.rename(CURRENT, &files::numbered(number))?;
        head.file = number + 1;
        head.last.offset = 0;
        head.durable = head.last.clone();
        Ok(())
    }

    /// Removes the oldest files beyond the limit, and says so first.
    fn prune(&self, head: &mut Head, key: &Key, now: u64) -> Result<()> {
        let numbers = files::numbers(self.folder)?;
        let beyond = (numbers.len() + 1).saturating_sub(self.files);
        let Some(first_that_stays) = numbers.get(beyond).filter(|_| beyond > 0) else {
            return Ok(());
        };
        let name = files::numbered(*first_that_stays);
        let mut first = None;
        self.for_each_line(&name, &mut |line| {
            if first.is_none() {
                first = Some(line::read(&line.bytes).map_err(tampered)?.seq);
            }
            Ok(())
        })?;
        let to = first.unwrap_or_default().saturating_sub(1);
        self.write(
            head,
            key,
            now,
            &Entry::note(Note::Pruned { to }),
            Durability::Durable,
        )?;
        for number in numbers.iter().take(beyond) {
            self.folder.remove(&files::numbered(*number))?;
        }
        Ok(())
    }
}
