//! No number that somebody else has written is counted on from.

use zeroize::Zeroizing;

use super::fixture::{Keeper, Shelf, entry, filled, forge, head, records, verdict};
use crate::{Durability, Entry, Key, Log, Note, code, line};

const LARGEST: &str = "log-18446744073709551615.jsonl";

/// Verifying finds it, and adding neither panics nor goes on from zero.
fn holds(shelf: &Shelf, keys: &Keeper) {
    assert!(!verdict(shelf, keys).is_good());
    let log = Log {
        file_bytes: 100,
        bytes: 100,
        ..Log::new(shelf, keys)
    };
    for _ in 0..3 {
        match log.append(1, &entry("ada"), Durability::Durable) {
            Ok(appended) => assert!(appended.seq > 3),
            Err(error) => assert_eq!(error.code(), "audit.tampered"),
        }
    }
    assert!(!verdict(shelf, keys).is_good());
}

#[test]
fn the_largest_number_of_a_record_is_a_break() {
    let unknown = Key::new("test", Zeroizing::new([9; 32]));
    for key in [&unknown, &Key::none()] {
        for note in [
            None,
            Some(Note::Lost {
                from: 5,
                to: u64::MAX,
            }),
        ] {
            let (shelf, keys) = (Shelf::new(), Keeper::with(1));
            filled(&shelf, &keys, 3, Durability::Durable);
            let entry = note.map_or_else(|| entry("eve"), Entry::note);
            let mut text = shelf.text("log.jsonl");
            let (one, before) = line::write(u64::MAX, 1, &entry, code::NONE, key).unwrap();
            let (other, _) = line::write(u64::MAX, 1, &entry, &before, key).unwrap();
            text.push_str(&one);
            text.push_str(&other);
            shelf.put("log.jsonl", &text);
            holds(&shelf, &keys);
            // All of it, and with a head that says so.
            shelf.put("log.jsonl", one.clone() + &other);
            let mut head = head(&shelf);
            head.last.seq = u64::MAX;
            head.last.code = before;
            head.last.offset = one.len() as u64;
            head.durable = head.last.clone();
            key.id().clone_into(&mut head.key);
            forge(&shelf, &head);
            holds(&shelf, &keys);
        }
    }
}

#[test]
fn the_largest_number_in_a_head_is_not_gone_on_from() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    let good = head(&shelf);
    keys.0.replace(Some(2));
    for at in 0..4 {
        let mut head = good.clone();
        match at {
            0 => head.last.seq = u64::MAX,
            1 => head.file = u64::MAX,
            2 => head.last.offset = u64::MAX,
            _ => {
                head.durable.seq = u64::MAX;
                head.durable.offset = u64::MAX;
                head.full.bytes = u64::MAX;
                head.full.files = u64::MAX;
                head.pruned = u64::MAX;
            }
        }
        forge(&shelf, &head);
        let log = Log::new(&shelf, &keys);
        let _ = log.verify().unwrap();
        match log.append(1, &entry("ada"), Durability::Durable) {
            Ok(appended) => assert!(appended.seq > 4, "{at}"),
            Err(error) => assert_eq!(error.code(), "audit.tampered", "{at}"),
        }
        let _ = log.verify().unwrap();
    }
}

#[test]
fn a_head_that_says_that_all_records_are_removed_removes_none() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    keys.0.replace(Some(2));
    for pruned in [u64::MAX, 1000] {
        let mut head = head(&shelf);
        head.pruned = pruned;
        forge(&shelf, &head);
        let log = Log {
            file_bytes: 100,
            bytes: 100,
            ..Log::new(&shelf, &keys)
        };
        log.append(1, &entry("ada"), Durability::Durable).unwrap();
        assert!(records(&shelf, &keys).len() >= 6);
        keys.0.replace(Some(3));
    }
}

#[test]
fn the_largest_number_of_a_file_keeps_nobody_from_writing() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    shelf.put("log.jsonl", "");
    filled(&shelf, &keys, 3, Durability::Durable);
    shelf.put(LARGEST, "x");
    let log = Log {
        file_bytes: 100,
        ..Log::new(&shelf, &keys)
    };
    for _ in 0..4 {
        log.append(1, &entry("ada"), Durability::Durable).unwrap();
    }
    assert!(!verdict(&shelf, &keys).is_good());
    std::fs::remove_file(shelf.path(LARGEST)).unwrap();
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert_eq!(found.last, 8);
}
