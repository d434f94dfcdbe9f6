//! The end of the log: where the next record goes, and what has to be put right before.
//!
//! Only the head is read, and what stands behind it, so that a record costs the same however long the log is.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};

use vestibule_core::Result;
use vestibule_core::limits::{AUDIT_FILE_BYTES, AUDIT_HEAD_BYTES, AUDIT_RECORD_BYTES};

use crate::entry::Note;
use crate::files::{self, CURRENT};
use crate::folder::Folder;
use crate::head::{self, Head, Place};
use crate::key::{Key, Keys, UNKEYED};
use crate::line;
use crate::{broken, tampered};

pub(crate) const SEAL: &[u8] = b"vestibule audit seal 1";

/// Where the log ends.
pub(crate) struct End {
    /// The head as it should be.
    pub(crate) head: Head,
    /// The key that goes on.
    pub(crate) key: Key,
    /// The id of the key before, if it is another one: then a new file begins.
    pub(crate) key_before: Option<String>,
    /// What was put right, to be written down first.
    pub(crate) notes: Vec<Note>,
    /// Whether the end was understood. It need not be where the key of what is there is gone.
    pub(crate) understood: bool,
}

/// Finds the end, and the key to go on with.
///
/// # Errors
/// If the end is not what this program left there.
pub(crate) fn find(folder: &dyn Folder, keys: &dyn Keys) -> Result<End> {
    let Some(text) = files::read(folder, head::FILE, AUDIT_HEAD_BYTES)? else {
        return begin(folder, keys);
    };
    let mut head = Head::read(&text).ok_or_else(|| tampered("its head cannot be read"))?;
    let (key, same) = match key_of(&head, keys)? {
        Some(key) => (key, true),
        None => (keys.current()?, false),
    };
    let mut notes = Vec::new();
    if same {
        if !Head::verifies(&text, &key) {
            return Err(tampered("its head is not genuine"));
        }
        settle(folder, &mut head, Some(&key), &mut notes)?;
        return Ok(End {
            head,
            key,
            key_before: None,
            notes,
            understood: true,
        });
    }
    // What cannot be verified is gone on from as it was found; verifying tells where that begins.
    let found = head.clone();
    let understood = settle(folder, &mut head, None, &mut notes).is_ok();
    if !understood {
        head = found;
        notes.clear();
    }
    let key_before = Some(std::mem::replace(&mut head.key, key.id().to_owned()));
    head.keeper = key.keeper().to_owned();
    Ok(End {
        head,
        key,
        key_before,
        notes,
        understood,
    })
}

/// The key that the head names, if it can still be had. Where nobody held one, that is so as long as nobody can.
fn key_of(head: &Head, keys: &dyn Keys) -> Result<Option<Key>> {
    if head.keeper == UNKEYED {
        let current = keys.current()?;
        return Ok((!current.is_keyed()).then_some(current));
    }
    let found = keys.find(&head.keeper, &head.key)?;
    Ok(found.filter(|key| key.id() == head.key))
}

/// A log that has no head: a new one, or one whose very first record was written when its process was killed.
fn begin(folder: &dyn Folder, keys: &dyn Keys) -> Result<End> {
    if !files::numbers(folder)?.is_empty() {
        return Err(tampered("its head is missing"));
    }
    let key = keys.current()?;
    let mut head = Head::start(&key);
    let mut notes = Vec::new();
    settle(folder, &mut head, Some(&key), &mut notes)?;
    if head.last.seq == 0 {
        notes.push(Note::Began);
    }
    Ok(End {
        head,
        key,
        key_before: None,
        notes,
        understood: true,
    })
}

/// Compares the head with what is there, and moves it to the real end. Without a key only the form of lines counts.
pub(crate) fn settle(
    folder: &dyn Folder,
    head: &mut Head,
    key: Option<&Key>,
    notes: &mut Vec<Note>,
) -> Result<()> {
    // The file was full and got its number, and the record that would have said so was never written.
    let full = files::numbered(head.file);
    if let Some(file) = folder.open(&full)? {
        let length = length(&file, &full)?;
        if length != head.last.offset {
            return Err(tampered(format!(
                "\"{full}\" does not end where it ended when it was full"
            )));
        }
        head.file += 1;
        head.last.offset = 0;
        head.durable = head.last.clone();
    }
    let Some(mut file) = folder.open(CURRENT)? else {
        return if head.last.offset == 0 {
            Ok(())
        } else {
            Err(tampered(format!("\"{CURRENT}\" is missing")))
        };
    };
    let length = length(&file, CURRENT)?;
    if length == head.last.offset {
        return Ok(());
    }
    let ahead = length > head.last.offset;
    let from = if ahead { &head.last } else { &head.durable };
    if length < from.offset {
        return Err(tampered("records at its end are missing"));
    }
    if length - from.offset > AUDIT_FILE_BYTES {
        return Err(tampered("more stands behind its last record than could"));
    }
    let mut behind = Vec::new();
    file.seek(SeekFrom::Start(from.offset))
        .and_then(|_| file.take(length - from.offset).read_to_end(&mut behind))
        .map_err(|problem| broken("read", CURRENT, &problem))?;
    let (found, records, torn) = walk(from.clone(), &behind, key)?;
    if ahead {
        if records > 1 {
            return Err(tampered("more stands behind its last record than could"));
        }
        head.last = found;
    } else {
        notes.push(Note::Lost {
            from: found.seq + 1,
            to: head.last.seq,
        });
        head.last.code = found.code;
        head.last.offset = found.offset;
    }
    if torn > 0 {
        notes.push(Note::Repaired { bytes: torn });
    }
    Ok(())
}

/// Goes over the lines behind a place: the place behind the last whole one, how many they are, and the bytes of an unfinished one.
fn walk(from: Place, behind: &[u8], key: Option<&Key>) -> Result<(Place, u64, u64)> {
    let mut place = from;
    let mut records = 0;
    let mut rest = behind;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end);
        let record = line::read(line)
            .ok()
            .filter(|record| record.seq == place.seq + 1 && record.prev == place.code)
            .filter(|_| key.is_none_or(|key| line::verifies(line, key)))
            .ok_or_else(|| tampered("what stands behind its last record is no record"))?;
        place = Place {
            seq: record.seq,
            code: record.code,
            offset: place.offset + end as u64 + 1,
        };
        records += 1;
        rest = after.get(1..).unwrap_or_default();
    }
    if rest.len() >= AUDIT_RECORD_BYTES {
        return Err(tampered("what stands behind its last record is no record"));
    }
    Ok((place, records, rest.len() as u64))
}

/// The codes of all files of the log, under this key.
pub(crate) fn seal(folder: &dyn Folder, key: &Key) -> Result<BTreeMap<String, String>> {
    let mut sealed = BTreeMap::new();
    for number in files::numbers(folder)? {
        let name = files::numbered(number);
        if let Some(code) = seal_of(folder, &name, key)? {
            sealed.insert(name, code);
        }
    }
    Ok(sealed)
}

/// The code of one file, if it is there.
pub(crate) fn seal_of(folder: &dyn Folder, name: &str, key: &Key) -> Result<Option<String>> {
    let most = AUDIT_FILE_BYTES + AUDIT_RECORD_BYTES as u64;
    let bytes = files::read(folder, name, most)?;
    Ok(bytes.map(|bytes| key.code(SEAL, &[name.as_bytes(), b"\n", &bytes].concat())))
}

fn length(file: &std::fs::File, name: &str) -> Result<u64> {
    let facts = file
        .metadata()
        .map_err(|problem| broken("read", name, &problem))?;
    Ok(facts.len())
}
