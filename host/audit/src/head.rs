//! The head: the number and code of the last record, in a file of its own and with a code of its own, so that a cut at the end shows.

use serde::{Deserialize, Serialize};
use vestibule_core::Result;

use crate::code;
use crate::key::Key;
use crate::line;

/// The file.
pub(crate) const FILE: &str = "head";

const PURPOSE: &[u8] = b"vestibule audit head 1";

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
        (head.version == 1).then_some(head)
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
