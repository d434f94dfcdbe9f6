//! The end of the log: where the next record goes, and what has to be put right before.
//!
//! Only the head is read, and what stands behind it, so that a record costs the same however long the log is.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};

use vestibule_core::Result;
use vestibule_core::limits::{AUDIT_FILE_BYTES, AUDIT_FILES, AUDIT_HEAD_BYTES, AUDIT_RECORD_BYTES};

use crate::entry::Note;
use crate::files::{self, CURRENT};
use crate::folder::Folder;
use crate::head::{self, Full, Head, Place};
use crate::key::{Key, Keys, UNKEYED};
use crate::line::{self, Record};
use crate::{broken, tampered};

pub(crate) const SEAL: &[u8] = b"vestibule audit seal 1";

/// Where the log ends.
pub(crate) struct End {
    /// The head as it should be, with what still has to be written down.
    pub(crate) head: Head,
    /// The key that goes on.
    pub(crate) key: Key,
    /// Whether it is another head than the one that is there: then it has to be there before anything is added.
    pub(crate) moved: bool,
}

/// Finds the end, and the key to go on with.
///
/// # Errors
/// If the end is not what this program left there.
pub(crate) fn find(folder: &dyn Folder, keys: &dyn Keys) -> Result<End> {
    let boot = folder.boot();
    let Some(text) = files::read(folder, head::FILE, AUDIT_HEAD_BYTES)? else {
        return begin(folder, keys, boot);
    };
    let mut head = Head::read(&text).ok_or_else(|| tampered("its head cannot be read"))?;
    let found = head.clone();
    let key = match key_of(&head, keys)? {
        Some(key) => {
            if !Head::verifies(&text, &key) {
                return Err(tampered("its head is not genuine"));
            }
            if !key.is_keyed() {
                last_key(folder, keys)?;
            }
            settle(folder, &mut head, Some(&key), boot.as_ref())?;
            key
        }
        None => {
            let last = last_key(folder, keys)?;
            let key = keys.current()?;
            // What cannot be verified is gone on from as it was found; verifying tells where that begins.
            if settle(folder, &mut head, None, boot.as_ref()).is_err() {
                head = as_it_is(folder, &found)?;
            }
            head.full = counted(folder, &head)?;
            // A key that came and went before anything was written under it has changed nothing.
            head.before = last
                .or(Some(head.key))
                .filter(|before| key.is_keyed() || before != key.id());
            head.key = key.id().to_owned();
            head.keeper = key.keeper().to_owned();
            key
        }
    };
    let moved = head != found;
    head.boot = boot;
    Ok(End { head, key, moved })
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

/// The key of the last record, where the head is no proof: anybody can write one that names a key that nobody has.
///
/// # Errors
/// If that key can be had: then the head would be under it.
fn last_key(folder: &dyn Folder, keys: &dyn Keys) -> Result<Option<String>> {
    let numbers = files::numbers(folder)?;
    let full = numbers.into_iter().rev().map(files::numbered);
    for name in [CURRENT.to_owned()].into_iter().chain(full) {
        let Some(mut file) = folder.open(&name)? else {
            continue;
        };
        let from = length(&file, &name)?.saturating_sub(2 * AUDIT_RECORD_BYTES as u64);
        let mut end = Vec::new();
        file.seek(SeekFrom::Start(from))
            .and_then(|_| {
                file.take(2 * AUDIT_RECORD_BYTES as u64)
                    .read_to_end(&mut end)
            })
            .map_err(|problem| broken("read", &name, &problem))?;
        // What is behind the last line break is unfinished.
        let mut lines = end.rsplit(|byte| *byte == b'\n').skip(1);
        let Some(record) = lines.find_map(|line| line::read(line).ok()) else {
            continue;
        };
        let keyed = record.key != UNKEYED;
        if keyed && keys.all().iter().any(|key| key.id() == record.key) {
            return Err(tampered("its head is not under the key of its last record"));
        }
        return Ok((record.key.len() <= head::ID_CHARS).then_some(record.key));
    }
    Ok(None)
}

/// A log that has no head: a new one, or one whose very first record was written when its process was killed.
fn begin(folder: &dyn Folder, keys: &dyn Keys, boot: Option<String>) -> Result<End> {
    if !files::numbers(folder)?.is_empty() {
        return Err(tampered("its head is missing"));
    }
    let key = keys.current()?;
    let mut head = Head::start(&key);
    settle(folder, &mut head, Some(&key), boot.as_ref())?;
    let moved = head.last.seq > 0;
    if !moved {
        head.owed.push(Note::Began);
    }
    head.boot = boot;
    Ok(End { head, key, moved })
}

/// The head of an end that was not understood: behind all that is there.
fn as_it_is(folder: &dyn Folder, found: &Head) -> Result<Head> {
    let mut head = found.clone();
    head.last.offset = match folder.open(CURRENT)? {
        Some(file) => length(&file, CURRENT)?,
        None => 0,
    };
    head.durable = head.last.clone();
    head.file = free(&files::numbers(folder)?, head.file)?;
    Ok(head)
}

/// The full files that are there, where no head can be believed.
fn counted(folder: &dyn Folder, head: &Head) -> Result<Full> {
    let mut full = Full::default();
    let numbers = files::numbers(folder)?.into_iter();
    for number in numbers.filter(|number| *number < head.file) {
        let name = files::numbered(number);
        if let Some(file) = folder.open(&name)? {
            full.add(length(&file, &name)?);
        }
    }
    Ok(full)
}

/// The first number from this one on that no file has, whoever put it there.
pub(crate) fn free(numbers: &[u64], from: u64) -> Result<u64> {
    let mut free = from;
    while numbers.binary_search(&free).is_ok() {
        free = after(free)?;
    }
    Ok(free)
}

/// The number behind this one.
///
/// # Errors
/// If there is none: nobody has written so many.
pub(crate) fn after(number: u64) -> Result<u64> {
    number
        .checked_add(1)
        .ok_or_else(|| tampered("a number in it is too large to be one"))
}

/// Compares the head with what is there, and moves it to the real end. Without a key only the form of lines counts.
fn settle(
    folder: &dyn Folder,
    head: &mut Head,
    key: Option<&Key>,
    boot: Option<&String>,
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
        head.close(after(head.file)?);
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
    // What the system has in its memory is lost when the machine stops, and never before.
    if length < from.offset || (!ahead && head.is_of(boot)) {
        return Err(tampered("records at its end are missing"));
    }
    if length - from.offset > AUDIT_FILE_BYTES {
        return Err(tampered("more stands behind its last record than could"));
    }
    let mut behind = Vec::new();
    file.seek(SeekFrom::Start(from.offset))
        .and_then(|_| file.take(length - from.offset).read_to_end(&mut behind))
        .map_err(|problem| broken("read", CURRENT, &problem))?;
    let Walked {
        place: found,
        records,
        last,
        torn,
    } = walk(from.clone(), &behind, key)?;
    if ahead {
        if records > 1 {
            return Err(tampered("more stands behind its last record than could"));
        }
        if let Some(record) = last {
            head.paid(&record.entry)?;
        }
        head.last = found;
    } else {
        head.owe(Note::Lost {
            from: after(found.seq)?,
            to: head.last.seq,
        });
        head.last.code = found.code;
        head.last.offset = found.offset;
    }
    if torn > 0 {
        head.owe(Note::Repaired { bytes: torn });
    }
    Ok(())
}

/// What stands behind a place.
struct Walked {
    /// Behind the last whole line.
    place: Place,
    /// How many lines there are.
    records: u64,
    /// The last of them.
    last: Option<Record>,
    /// The bytes of an unfinished one.
    torn: u64,
}

/// Goes over the lines behind a place.
fn walk(from: Place, behind: &[u8], key: Option<&Key>) -> Result<Walked> {
    let mut place = from;
    let mut records = 0;
    let mut last = None;
    let mut rest = behind;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, more) = rest.split_at(end);
        let next = after(place.seq)?;
        let record = line::read(line)
            .ok()
            .filter(|record| record.seq == next && record.prev == place.code)
            .filter(|_| key.is_none_or(|key| line::verifies(line, key)))
            .ok_or_else(|| tampered("what stands behind its last record is no record"))?;
        place = Place {
            seq: record.seq,
            code: record.code.clone(),
            offset: place.offset + end as u64 + 1,
        };
        records += 1;
        last = Some(record);
        rest = more.get(1..).unwrap_or_default();
    }
    if rest.len() >= AUDIT_RECORD_BYTES {
        return Err(tampered("what stands behind its last record is no record"));
    }
    Ok(Walked {
        place,
        records,
        last,
        torn: rest.len() as u64,
    })
}

/// The codes of the full files of the log, under this key: of the newest, where somebody has put more there than there can be.
pub(crate) fn seal(
    folder: &dyn Folder,
    head: &Head,
    key: &Key,
) -> Result<BTreeMap<String, String>> {
    let mut sealed = BTreeMap::new();
    let numbers = files::numbers(folder)?.into_iter().rev();
    let most = usize::try_from(AUDIT_FILES).unwrap_or(usize::MAX);
    for number in numbers.filter(|number| *number < head.file).take(most) {
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

/// How long it is.
fn length(file: &std::fs::File, name: &str) -> Result<u64> {
    let facts = file
        .metadata()
        .map_err(|problem| broken("read", name, &problem))?;
    Ok(facts.len())
}
