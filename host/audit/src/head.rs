//! The head: the number and code of the last record, in a file of its own and with a code of its own, so that a cut at the end shows.

use serde::{Deserialize, Serialize};
use vestibule_core::Result;

use crate::code;
use crate::detect::Pace;
use crate::entry::{Entry, Note};
use crate::key::Key;
use crate::line;
use crate::tampered;

/// The file.
pub(crate) const FILE: &str = "head";

const PURPOSE: &[u8] = b"vestibule audit head 1";

/// Characters of an id that a head may name. What is longer was not written here, and would not fit into the next head.
pub(crate) const ID_CHARS: usize = 64;

/// A place in the log: behind which record, and where in the current file that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The number of the record; 0 before the first.
    pub seq: u64,
    /// Its code.
    pub code: String,
    /// Bytes of the current file up to its end.
    pub offset: u64,
}

impl Place {
    /// Before the first record.
    pub(crate) fn start() -> Self {
        Self {
            seq: 0,
            code: code::NONE.to_owned(),
            offset: 0,
        }
    }
}

/// The full files that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Full {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Full {
    /// One more, of so many bytes.
    pub(crate) fn add(&mut self, bytes: u64) {
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// One less.
    pub(crate) fn remove(&mut self, bytes: u64) {
        self.files = self.files.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// The head of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The format.
    pub version: u8,
    /// The number of the current file, from 1.
    pub file: u64,
    /// Behind the last record.
    pub last: Place,
    /// Behind the last record that was made durable, in the same file.
    pub durable: Place,
    /// The id of the key.
    pub key: String,
    /// Who holds the key.
    pub keeper: String,
    /// The full files. What else lies in the folder does not count.
    #[serde(default)]
    pub full: Full,
    /// The last record that was removed for its age; 0 if none was.
    #[serde(default)]
    pub pruned: u64,
    /// The start of the machine in which the last record was written; none where that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// What the rules that look at time have counted.
    #[serde(default)]
    pub pace: Pace,
    /// What was put right, and still has to be written down before anything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<Note>,
    /// The key of the records before, if it is another one and that still has to be written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl Head {
    /// The head of a log that does not exist yet.
    pub(crate) fn start(key: &Key) -> Self {
        Self {
            version: 1,
            file: 1,
            last: Place::start(),
            durable: Place::start(),
            key: key.id().to_owned(),
            keeper: key.keeper().to_owned(),
            full: Full::default(),
            pruned: 0,
            boot: None,
            pace: Pace::default(),
            owed: Vec::new(),
            before: None,
        }
    }

    /// As the text of the file.
    pub(crate) fn write(&self, key: &Key) -> Result<String> {
        let (mut text, _) = line::sign(self, PURPOSE, key)?;
        text.push('\n');
        Ok(text)
    }

    /// From the text of the file. Whether it is genuine is another question.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
        let (body, _) = line::parts(text)?;
        let head: Self = serde_json::from_str(&format!("{body}}}")).ok()?;
        let ids = [
            Some(&head.key),
            Some(&head.keeper),
            head.boot.as_ref(),
            head.before.as_ref(),
        ];
        let short = ids.into_iter().flatten().all(|id| id.len() <= ID_CHARS);
        (head.version == 1 && short).then_some(head)
    }

    /// The current file got its number, and the next one has this.
    pub(crate) fn close(&mut self, next: u64) {
        self.full.add(self.last.offset);
        self.file = next;
        self.last.offset = 0;
        self.durable = self.last.clone();
    }

    /// Something was put right that has to be written down. What was found before and not written down yet is part of it.
    pub(crate) fn owe(&mut self, note: Note) {
        let kind = std::mem::discriminant(&note);
        self.owed
            .retain(|owed| std::mem::discriminant(owed) != kind);
        self.owed.push(note);
    }

    /// A record was written. If something is owed, it must be that.
    ///
    /// # Errors
    /// If it is not.
    pub(crate) fn paid(&mut self, entry: &Entry) -> Result<()> {
        let paid = match (self.owed.first(), &self.before) {
            (Some(owed), _) if entry.log.as_ref() == Some(owed) => {
                self.owed.remove(0);
                true
            }
            (Some(_), _) => false,
            (None, Some(key)) => {
                let said =
                    matches!(&entry.log, Some(Note::KeyChanged { before, .. }) if before == key);
                self.before = None;
                said
            }
            (None, None) => true,
        };
        if paid {
            Ok(())
        } else {
            Err(tampered("what stands behind its last record is no record"))
        }
    }

    /// Whether it was written since the machine started last, as far as that can be told.
    pub(crate) fn is_of(&self, boot: Option<&String>) -> bool {
        self.boot.is_some() && self.boot.as_ref() == boot
    }

    /// Whether the text is that of a genuine head.
    pub(crate) fn verifies(text: &[u8], key: &Key) -> bool {
        let text = std::str::from_utf8(text).ok();
        let parts = text
            .and_then(|text| text.strip_suffix('\n'))
            .and_then(line::parts);
        parts.is_some_and(|(body, code)| key.verifies(PURPOSE, body.as_bytes(), code))
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn a_head_comes_back_and_every_byte_of_it_is_covered() {
        let key = Key::new("here", Zeroizing::new([3; 32]));
        let head = Head::start(&key);
        let text = head.write(&key).unwrap().into_bytes();
        assert_eq!(Head::read(&text), Some(head));
        assert!(Head::verifies(&text, &key));
        for at in 0..text.len() {
            let mut altered = text.clone();
            altered[at] ^= 1;
            assert!(!Head::verifies(&altered, &key), "{at}");
        }
    }
}
