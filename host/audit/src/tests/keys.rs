//! Keys that are gone: nothing is called verified that was not.

use super::fixture::{Keeper, Shelf, entry, filled, records, verdict};
use crate::{Durability, Log, Note, Part};

fn part(from: u64, to: u64, verified: bool, unkeyed: bool) -> Part {
    Part {
        from,
        to,
        verified,
        unkeyed,
    }
}

#[test]
fn after_the_key_is_gone_a_new_file_begins_and_seals_what_was_there() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    keys.0.replace(Some(2));
    let found = verdict(&shelf, &keys);
    assert!(found.is_good());
    assert_eq!(found.parts, [part(1, 4, false, false)]);

    filled(&shelf, &keys, 2, Durability::Durable);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert_eq!(
        found.parts,
        [part(1, 4, false, false), part(5, 7, true, false)]
    );
    assert!(
        matches!(found.notes.last(), Some((5, Note::KeyChanged { sealed, .. })) if sealed.len() == 1)
    );

    // What cannot be verified by its own key cannot be altered any more either.
    let text = shelf.text("log-000001.jsonl");
    shelf.put("log-000001.jsonl", text.replace("person 1", "person 7"));
    let error = verdict(&shelf, &keys).error().unwrap();
    assert!(error.message().contains("sealed"), "{error}");
    shelf.put("log-000001.jsonl", text);
    assert!(verdict(&shelf, &keys).is_good());
}

#[test]
fn a_restart_without_warning_takes_key_and_last_releases() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 2, Durability::Durable);
    filled(&shelf, &keys, 3, Durability::Quick);
    let lines = shelf.lines();
    shelf.put(
        "log.jsonl",
        format!("{}{}", lines[..4].concat(), &lines[4][..9]),
    );
    keys.0.replace(Some(2));
    shelf.restart();
    filled(&shelf, &keys, 1, Durability::Durable);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert!(
        found
            .notes
            .iter()
            .any(|(_, note)| *note == Note::Lost { from: 5, to: 6 })
    );
}

#[test]
fn where_nobody_holds_a_key_nothing_is_called_verified() {
    let (shelf, keys) = (Shelf::new(), Keeper(None.into()));
    filled(&shelf, &keys, 2, Durability::Durable);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good());
    assert_eq!(found.parts, [part(1, 3, false, true)]);
    // Damage shows all the same.
    let text = shelf.text("log.jsonl");
    shelf.put("log.jsonl", text.replace("person 1", "person 7"));
    assert!(!verdict(&shelf, &keys).is_good());
    shelf.put("log.jsonl", text);

    // A key store that turns up.
    keys.0.replace(Some(1));
    filled(&shelf, &keys, 1, Durability::Durable);
    let found = verdict(&shelf, &keys);
    assert_eq!(
        found.parts,
        [part(1, 3, false, true), part(4, 5, true, false)]
    );
    assert_eq!(records(&shelf, &keys).len(), 5);
}

#[test]
fn a_key_that_changes_without_a_word_is_found() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    let foreign = Shelf::new();
    filled(&foreign, &Keeper::with(9), 3, Durability::Durable);
    let (lines, other) = (shelf.lines(), foreign.lines());
    shelf.put("log.jsonl", [&lines[..2], &other[2..]].concat().concat());
    assert!(!verdict(&shelf, &keys).is_good());
}

#[test]
fn a_key_that_came_and_went_before_anything_was_written_under_it_changes_nothing() {
    let (shelf, keys) = (Shelf::new(), Keeper(None.into()));
    filled(&shelf, &keys, 2, Durability::Durable);
    keys.0.replace(Some(1));
    shelf.left.set(1);
    let log = Log::new(&shelf, &keys);
    assert!(log.append(1, &entry("x"), Durability::Durable).is_err());
    shelf.left.set(u32::MAX);
    assert!(verdict(&shelf, &keys).is_good());
    keys.0.replace(None);
    assert!(verdict(&shelf, &keys).is_good());
    filled(&shelf, &keys, 1, Durability::Durable);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert_eq!(found.parts, [part(1, 4, false, true)]);
}
