//! Whether a record follows the one before it: by its number, its code and its key.

use crate::entry::Note;
use crate::key::Key;
use crate::line::Record;

/// What the next record must follow.
pub(crate) struct Before {
    /// The number of the record before.
    pub(crate) seq: u64,
    /// Its code.
    pub(crate) code: String,
    /// The id of its key; none if there is no record before.
    pub(crate) key: Option<String>,
    /// Nothing is known, since the line before was none.
    pub(crate) lost: bool,
    /// The records before are of another key, and it has still to be said why.
    pub(crate) owes: Owes,
}

/// Whether a record must say that the key is another one. What was lost and repaired is said before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owes {
    /// Nothing is owed.
    Nothing,
    /// It may be so: it cannot be told what was before the first record.
    Perhaps,
    /// That the records before are of this key.
    Key(String),
}

/// Whether a key can be had now, so that nobody can say that it is gone.
pub(crate) fn is_held(id: &str, keys: &[Key]) -> bool {
    keys.iter().any(|key| key.is_keyed() && key.id() == id)
}

/// Whether a record stands where it should.
pub(crate) fn follows(
    before: &Before,
    record: &Record,
    first: Option<u64>,
    keys: &[Key],
) -> std::result::Result<(), String> {
    if before.lost {
        return Ok(());
    }
    // What was before the first one is another question.
    if before.key.is_some() || first != Some(record.seq) {
        let Some(expected) = record.expected(before.seq) else {
            return Err("no record can be behind the one before it".to_owned());
        };
        if record.seq > expected {
            let gone = match record.seq - 1 {
                last if last == expected => format!("record {last} is missing"),
                last => format!("records {expected} to {last} are missing"),
            };
            return Err(format!("{gone} before it"));
        }
        if record.seq < expected {
            return Err("it is there twice, or not where it was".to_owned());
        }
        if record.prev != before.code {
            return Err("it did not follow the one before it".to_owned());
        }
    }
    follows_key(before, record, keys)
}

/// Whether it has the key that it should, and says what it must of it.
fn follows_key(before: &Before, record: &Record, keys: &[Key]) -> std::result::Result<(), String> {
    if let Some(Note::KeyChanged { before: said, .. }) = &record.entry.log {
        let owed = match (&before.key, &before.owes) {
            (Some(key), _) if *key != record.key => said == key,
            (Some(_), Owes::Key(owed)) => said == owed,
            (Some(_), Owes::Nothing) => false,
            (_, Owes::Perhaps) | (None, _) => true,
        };
        if !owed || *said == record.key {
            return Err(format!("the records before it are not of the key {said:?}"));
        }
        if is_held(said, keys) {
            return Err(format!(
                "it says that the key {said:?} is gone, which is there"
            ));
        }
        return Ok(());
    }
    let put_right = matches!(
        &record.entry.log,
        Some(Note::Lost { .. } | Note::Repaired { .. })
    );
    let silent = match &before.key {
        Some(key) if *key != record.key => !put_right || is_held(key, keys),
        _ => matches!(before.owes, Owes::Key(_)) && !put_right,
    };
    if silent {
        return Err("it has another key than the one before it, and does not say why".to_owned());
    }
    Ok(())
}

/// What has to be said behind this record.
pub(crate) fn owes(before: &Before, record: &Record) -> Owes {
    if !matches!(
        &record.entry.log,
        Some(Note::Lost { .. } | Note::Repaired { .. })
    ) {
        return Owes::Nothing;
    }
    match &before.key {
        Some(key) if *key != record.key => Owes::Key(key.clone()),
        _ => before.owes.clone(),
    }
}
