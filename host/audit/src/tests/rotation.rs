//! The chain runs through all files, and the oldest goes by a rule.

use super::fixture::{Keeper, Shelf, entry, filled, records, verdict};
use crate::{Durability, Folder as _, Log, Note};

/// A log whose files have two or three records.
fn small<'a>(shelf: &'a Shelf, keys: &'a Keeper, files: u64) -> Log<'a> {
    Log {
        file_bytes: 800,
        bytes: files * 800,
        ..Log::new(shelf, keys)
    }
}

fn fill(log: &Log<'_>, count: u64) {
    for at in 0..count {
        log.append(at, &entry(&format!("person {at}")), Durability::Quick)
            .unwrap();
    }
}

#[test]
fn a_full_file_gets_a_number_and_the_chain_goes_on() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    fill(&small(&shelf, &keys, 100), 20);
    assert!(shelf.names().unwrap().len() > 6);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert_eq!((found.records, found.last, found.parts.len()), (21, 21, 1));
    assert_eq!(records(&shelf, &keys).len(), 21);

    // A file in between, the first and the last full one.
    for name in ["log-000003.jsonl", "log-000001.jsonl", "log-000005.jsonl"] {
        let text = shelf.text(name);
        std::fs::remove_file(shelf.path(name)).unwrap();
        assert!(!verdict(&shelf, &keys).is_good(), "{name} is gone");
        shelf.put(name, &text[..text.len() / 2]);
        assert!(!verdict(&shelf, &keys).is_good(), "{name} is cut");
        shelf.put(name, &text);
        assert!(verdict(&shelf, &keys).is_good());
    }
    let (one, other) = (
        shelf.text("log-000002.jsonl"),
        shelf.text("log-000003.jsonl"),
    );
    shelf.put("log-000002.jsonl", &other);
    shelf.put("log-000003.jsonl", &one);
    assert!(!verdict(&shelf, &keys).is_good(), "two are exchanged");
}

#[test]
fn the_oldest_file_goes_and_the_log_says_so() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    fill(&small(&shelf, &keys, 4), 40);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert!(found.records < 16, "{found:?}");
    assert!(shelf.names().unwrap().len() <= 5, "{:?}", shelf.names());
    let first = records(&shelf, &keys)[0].seq;
    assert!(
        found
            .notes
            .iter()
            .any(|(_, note)| *note == Note::Pruned { to: first - 1 })
    );
    // Whoever takes away one more is found out.
    let mut names = shelf.names().unwrap();
    names.sort();
    let oldest = names.iter().find(|name| name.starts_with("log-")).unwrap();
    std::fs::remove_file(shelf.path(oldest)).unwrap();
    let error = verdict(&shelf, &keys).error().unwrap();
    assert!(
        error.message().contains("missing at its beginning"),
        "{error}"
    );
}

#[test]
fn killed_after_a_file_got_its_number() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    std::fs::rename(shelf.path("log.jsonl"), shelf.path("log-000001.jsonl")).unwrap();
    assert!(verdict(&shelf, &keys).is_good());
    let head = shelf.text("head");
    filled(&shelf, &keys, 1, Durability::Durable);
    assert!(verdict(&shelf, &keys).is_good());
    // And once more, with the record that began the next file written.
    shelf.put("head", head);
    assert!(verdict(&shelf, &keys).ahead);
    filled(&shelf, &keys, 2, Durability::Durable);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert_eq!(found.last, 7);
}
