//! A line of the log: JSON in printable ASCII, whose last member is the code of every byte before it.

use serde::{Deserialize, Serialize};
use vestibule_core::limits::AUDIT_RECORD_BYTES;
use vestibule_core::{Error, Result};

use crate::code;
use crate::entry::{Bounds, Entry, Note};
use crate::key::Key;

const PURPOSE: &[u8] = b"vestibule audit record 1";

/// What stands between the bytes that are covered and their code.
const CODE: &str = ",\"code\":\"";
const END: &str = "\"}";

/// A record as it was read. That it can be read does not mean that it is genuine: see [`crate::Log::verify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, from 1.
    pub seq: u64,
    /// When, in Unix seconds.
    pub time: u64,
    /// What.
    #[serde(flatten)]
    pub entry: Entry,
    /// The id of the key of its code.
    pub key: String,
    /// The code of the record before it.
    pub prev: String,
    /// Its code.
    pub code: String,
}

impl Record {
    /// The number that it should have behind this one: the next, or the one behind those that it says are lost. None if there are no
    /// more numbers.
    pub(crate) fn expected(&self, before: u64) -> Option<u64> {
        let next = before.checked_add(1)?;
        match &self.entry.log {
            Some(Note::Lost { from, to }) if *from == next && to >= from => to.checked_add(1),
            _ => Some(next),
        }
    }

    /// Whether it follows the record of this number and code.
    pub(crate) fn follows(&self, before: u64, code: &str) -> bool {
        self.expected(before) == Some(self.seq) && self.prev == code
    }
}

#[derive(Serialize)]
struct Body<'a> {
    seq: u64,
    time: u64,
    #[serde(flatten)]
    entry: &'a Entry,
    key: &'a str,
    prev: &'a str,
}

/// The line of a record, with its line break, and its code.
pub(crate) fn write(
    seq: u64,
    time: u64,
    entry: &Entry,
    prev: &str,
    key: &Key,
) -> Result<(String, String)> {
    let written = |bounds| {
        let body = Body {
            seq,
            time,
            entry: &entry.bounded(bounds),
            key: key.id(),
            prev,
        };
        sign(&body, PURPOSE, key)
    };
    let [most, less @ ..] = Bounds::ALL;
    let (mut line, mut code) = written(most)?;
    for bounds in less {
        if line.len() < AUDIT_RECORD_BYTES {
            break;
        }
        (line, code) = written(bounds)?;
    }
    line.push('\n');
    if line.len() > AUDIT_RECORD_BYTES {
        return Err(Error::host(
            "audit.record_size",
            format!(
                "a record of the audit log would have {} bytes, more than {AUDIT_RECORD_BYTES}",
                line.len()
            ),
        ));
    }
    Ok((line, code))
}

/// Reads a line without its line break.
///
/// # Errors
/// Says what is wrong with it.
pub fn read(line: &[u8]) -> std::result::Result<Record, &'static str> {
    let text = std::str::from_utf8(line).map_err(|_| "it is no text")?;
    if !text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Err("it has characters that no record has");
    }
    parts(text).ok_or("it does not end with a code")?;
    serde_json::from_str(text).map_err(|_| "it is not what a record looks like")
}

/// The number at the beginning of a line, without reading the rest of it.
pub(crate) fn number(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(b"{\"seq\":")?;
    let digits = rest.split(|byte| *byte == b',').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Whether a line has the code of its bytes. Says nothing about its place.
pub(crate) fn verifies(line: &[u8], key: &Key) -> bool {
    let parts = std::str::from_utf8(line).ok().and_then(parts);
    parts.is_some_and(|(body, code)| key.verifies(PURPOSE, body.as_bytes(), code))
}

/// A value as a line of JSON that ends with the code of everything before it.
pub(crate) fn sign<T: Serialize>(value: &T, purpose: &[u8], key: &Key) -> Result<(String, String)> {
    let json = serde_json::to_string(value)
        .map_err(|_| Error::host("host.json", "a record cannot be written as JSON"))?;
    let mut line = ascii(json.strip_suffix('}').unwrap_or(&json));
    let code = key.code(purpose, line.as_bytes());
    line.push_str(CODE);
    line.push_str(&code);
    line.push_str(END);
    Ok((line, code))
}

/// The bytes that are covered, and their code: digits as they stand, since an escape among them would be shown as something else.
pub(crate) fn parts(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_suffix(END)?;
    let (body, code) = rest.split_at_checked(rest.len().checked_sub(code::DIGITS)?)?;
    let digits = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let body = body.strip_suffix(CODE)?;
    code.bytes().all(digits).then_some((body, code))
}

/// The same JSON with everything outside of printable ASCII escaped, so that no tool that shows the file can be told anything by it
/// (UI-02). Outside of strings, compact JSON has nothing to escape.
pub(crate) fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vestibule_core::limits::{AUDIT_FILES, TEXT_BYTES};
    use zeroize::Zeroizing;

    use crate::entry::{Alert, By, Change, Event, Outcome, Principal, Reason, Sent};

    use super::*;

    fn key(byte: u8) -> Key {
        Key::new("test", Zeroizing::new([byte; 32]))
    }

    fn entry(subject: &str) -> Entry {
        Entry {
            subject: Some(subject.to_owned()),
            ..Entry::new(Event::Issuance, Outcome::Done)
        }
    }

    /// Found by fuzzing: what was shown as the code was not what stood there.
    #[test]
    fn a_code_is_digits_as_they_stand() {
        let (line, code) = write(7, 9, &entry("ada"), code::NONE, &key(1)).unwrap();
        let line = line.strip_suffix('\n').unwrap();
        assert!(read(line.as_bytes()).is_ok());
        for wrong in [
            format!("\\\\{}", &code[2..]),
            format!("\\u0061{}", &code[6..]),
            code.replace(|digit: char| digit.is_ascii_hexdigit(), "A"),
            format!("{}g", &code[1..]),
        ] {
            let spoiled = line.replace(&code, &wrong);
            assert_eq!(spoiled.len(), line.len(), "{wrong}");
            assert!(read(spoiled.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_comes_back_whatever_is_in_it_and_is_printable_ascii() {
        let hostile = "a\"},\"code\":\"\n\r\u{0}\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{e0041}\\é";
        let (line, code) = write(7, 9, &entry(hostile), code::NONE, &key(1)).unwrap();
        let line = line.strip_suffix('\n').unwrap();
        assert!(
            line.bytes().all(|byte| matches!(byte, 0x20..=0x7e)),
            "{line}"
        );
        let record = read(line.as_bytes()).unwrap();
        assert_eq!(record.entry.subject.as_deref(), Some(hostile));
        assert_eq!((record.seq, record.time, record.code), (7, 9, code));
        assert!(verifies(line.as_bytes(), &key(1)));
        assert!(!verifies(line.as_bytes(), &key(2)));
    }

    #[test]
    fn every_byte_of_a_line_is_covered() {
        let (line, _) = write(7, 9, &entry("ada"), code::NONE, &key(1)).unwrap();
        let line = line.trim_end().as_bytes();
        for at in 0..line.len() {
            let mut altered = line.to_vec();
            altered[at] ^= 1;
            assert!(!verifies(&altered, &key(1)), "{at}");
        }
        for end in 0..line.len() {
            assert!(!verifies(&line[..end], &key(1)), "{end}");
        }
    }

    /// An entry that has everything, and of everything too much.
    fn full(text: &str) -> Entry {
        let some = || Some(text.to_owned());
        let list = || Some(vec![text.to_owned(); 1000]);
        let named = |at: usize| format!("{at:03} {text}");
        let sent = Sent {
            to: text.to_owned(),
            requests: 1,
            ..Sent::default()
        };
        Entry {
            event: Event::Issuance,
            outcome: Outcome::Done,
            during: some(),
            reason: Some(Reason {
                code: text.to_owned(),
                blame: text.to_owned(),
                rule: some(),
                cause: some(),
            }),
            tenant: some(),
            method: some(),
            principal: Some(Principal::Workload),
            by: Some(By::Operator),
            issuer: some(),
            client: some(),
            subject: some(),
            device: some(),
            session: some(),
            plugin: some(),
            plugin_version: some(),
            plugin_digest: some(),
            scopes_asked: list(),
            scopes_granted: list(),
            audience: list(),
            acr: some(),
            auth_time: Some(u64::MAX),
            actor: some(),
            subject_token_type: some(),
            derived_for: some(),
            token_ids: (0..1000).map(|at| (named(at), text.to_owned())).collect(),
            revoked: list(),
            not_revoked: list(),
            change: Some(Change {
                what: text.to_owned(),
                before: some(),
                after: some(),
                given_up: list(),
            }),
            exceptions: list(),
            sent: (0..1000).map(|at| (named(at), sent.clone())).collect(),
            alert: Some(Alert {
                rule: text.to_owned(),
                about: Event::Release,
                seen: text.to_owned(),
                usual: text.to_owned(),
            }),
            log: None,
        }
    }

    #[test]
    fn the_largest_record_fits() {
        for text in ["\u{e0041}".repeat(TEXT_BYTES), "x".repeat(TEXT_BYTES)] {
            let (line, _) = write(u64::MAX, u64::MAX, &full(&text), code::NONE, &key(1)).unwrap();
            let entry = read(line.trim_end().as_bytes()).unwrap().entry;
            // What was cut says so, and what was sent is all counted.
            assert!(entry.subject.unwrap().ends_with('…'));
            assert!(
                entry
                    .scopes_granted
                    .unwrap()
                    .last()
                    .unwrap()
                    .starts_with("and ")
            );
            assert!(entry.token_ids["more"].starts_with("and "));
            let requests: u64 = entry.sent.values().map(|sent| sent.requests).sum();
            assert_eq!(requests, 1000);
        }
    }

    #[test]
    fn the_seals_of_as_many_files_as_there_may_be_fit() {
        let sealed = (0..AUDIT_FILES)
            .map(|at| {
                (
                    format!("log-{}.jsonl", u64::MAX - at),
                    code::NONE.to_owned(),
                )
            })
            .collect();
        let before = "f".repeat(64);
        let entry = Entry::note(Note::KeyChanged { before, sealed });
        let (line, _) = write(u64::MAX, u64::MAX, &entry, code::NONE, &key(1)).unwrap();
        assert_eq!(read(line.trim_end().as_bytes()).unwrap().entry, entry);
    }

    #[test]
    fn what_is_usual_is_not_cut() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let mut entry = full(&digest);
        for list in [
            &mut entry.audience,
            &mut entry.revoked,
            &mut entry.not_revoked,
        ] {
            *list = None;
        }
        entry.change = None;
        entry.exceptions = None;
        for list in [&mut entry.scopes_asked, &mut entry.scopes_granted] {
            list.as_mut().unwrap().truncate(64);
        }
        entry.token_ids = BTreeMap::from([("access_token".to_owned(), digest)]);
        entry.sent.clear();
        let (line, _) = write(1, 1, &entry, code::NONE, &key(1)).unwrap();
        assert_eq!(read(line.trim_end().as_bytes()).unwrap().entry, entry);
    }

    #[test]
    fn other_lines_are_no_records() {
        let (line, _) = write(7, 9, &entry("ada"), code::NONE, &key(1)).unwrap();
        let line = line.trim_end();
        assert!(read(line.as_bytes()).is_ok());
        for bad in [
            "",
            "{}",
            "null",
            &line[1..],
            &line.replace("issuance", "issuances"),
            &line.replace("\"seq\":7,", ""),
            &line.replace("ada", "ad\u{e9}"),
            &line.replace("ada", "ad\ta"),
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
