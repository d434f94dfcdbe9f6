//! Adding a record: first the line, then the head. See the crate for what that order means.

use std::io::{Seek as _, SeekFrom, Write as _};

use vestibule_core::Result;

use crate::broken;
use crate::detect::Seen;
use crate::entry::{Entry, Note};
use crate::files::{self, CURRENT};
use crate::folder::Durability;
use crate::head::{self, Head, Place};
use crate::key::Key;
use crate::line;
use crate::log::{Appended, Log};
use crate::tail::{self, End};

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
            moved,
        } = tail::find(self.folder, self.keys)?;
        if moved {
            // Otherwise the log would be two ahead if the next head does not reach the disk either.
            self.write_head(&head, &key, Durability::Durable)?;
        }
        let mut more = moved;
        if head.before.is_some() {
            // Records of one key are in files of their own, which the next key seals.
            self.close_file(&mut head)?;
            more = true;
        }
        while let Some(note) = head.owed.first().cloned() {
            head.owed.remove(0);
            more |= self.note(&mut head, &key, now, note)?;
        }
        if let Some(before) = head.before.take() {
            let sealed = tail::seal(self.folder, &head, &key)?;
            more |= self.note(&mut head, &key, now, Note::KeyChanged { before, sealed })?;
        }
        let unusual = head.pace.see(&Seen::new(now, entry));
        more |= self.write(&mut head, &key, now, entry, durability)?;
        let seq = head.last.seq;
        if more {
            // The record is written. That the oldest could not be removed is tried again with the next file.
            let _ = self.prune(&mut head, &key, now);
        }
        Ok(Appended {
            seq,
            keyed: key.is_keyed(),
            unusual,
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

    /// Writes a record about the log itself. Whether a new file was begun for it.
    pub(crate) fn note(&self, head: &mut Head, key: &Key, now: u64, note: Note) -> Result<bool> {
        self.write(head, key, now, &Entry::note(note), Durability::Durable)
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
        let seq = tail::after(head.last.seq)?;
        let (line, code) = line::write(seq, now, entry, &head.last.code, key)?;
        let full = head.last.offset > 0 && head.last.offset + line.len() as u64 > self.file_bytes;
        if full {
            self.close_file(head)?;
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
        self.write_head(head, key, durability)?;
        Ok(full)
    }

    fn write_head(&self, head: &Head, key: &Key, durability: Durability) -> Result<()> {
        let text = head.write(key)?;
        self.folder.replace(head::FILE, text.as_bytes(), durability)
    }

    /// Gives the current file its number, without an unfinished line at its end. The next record begins another one.
    fn close_file(&self, head: &mut Head) -> Result<()> {
        if self.folder.open(CURRENT)?.is_none() {
            head.last.offset = 0;
            head.durable = head.last.clone();
            return Ok(());
        }
        let file = self.folder.open_or_create(CURRENT)?;
        file.set_len(head.last.offset)
            .and_then(|()| file.sync_all())
            .map_err(|problem| broken("written", CURRENT, &problem))?;
        // A number that is taken, by whatever, is left alone.
        let number = tail::free(&files::numbers(self.folder)?, head.file)?;
        let next = tail::after(number)?;
        self.folder.rename(CURRENT, &files::numbered(number))?;
        head.close(next);
        Ok(())
    }
}
