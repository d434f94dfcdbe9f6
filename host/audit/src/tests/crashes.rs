//! A process that is killed, and a machine that stops, leave nothing that looks like tampering.

use super::fixture::{Keeper, Shelf, entry, filled, records, verdict};
use crate::{Durability, Log, Note};

fn notes(shelf: &Shelf, keys: &Keeper) -> Vec<Note> {
    records(shelf, keys)
        .into_iter()
        .filter_map(|record| record.entry.log)
        .collect()
}

#[test]
fn killed_between_the_record_and_the_head() {
    // The very first record, and a later one.
    for before in [0, 1, 4] {
        let (shelf, keys) = (Shelf::new(), Keeper::with(1));
        filled(&shelf, &keys, before, Durability::Durable);
        let head = std::fs::read(shelf.path("head")).ok();
        filled(&shelf, &keys, 1, Durability::Durable);
        match head {
            Some(head) => shelf.put("head", head),
            None => {
                let first = shelf.lines().remove(0);
                shelf.put("log.jsonl", first);
                std::fs::remove_file(shelf.path("head")).unwrap();
            }
        }
        let found = verdict(&shelf, &keys);
        assert!(found.is_good() && found.ahead, "{found:?}");
        let last = found.last;
        filled(&shelf, &keys, 1, Durability::Durable);
        let found = verdict(&shelf, &keys);
        assert!(found.is_good() && !found.ahead, "{found:?}");
        assert_eq!(
            found.last,
            last + 1,
            "nothing is noted, since nothing was lost"
        );
    }
}

#[test]
fn killed_within_a_record() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    let (log, head) = (shelf.text("log.jsonl"), shelf.text("head"));
    filled(&shelf, &keys, 1, Durability::Durable);
    let next = shelf.lines().pop().unwrap();
    for length in [1, next.len() / 2, next.len() - 1] {
        shelf.put("head", &head);
        shelf.put("log.jsonl", format!("{log}{}", &next[..length]));
        let found = verdict(&shelf, &keys);
        assert!(found.is_good(), "{found:?}");
        assert_eq!(found.unfinished, length as u64);
        filled(&shelf, &keys, 1, Durability::Durable);
        let found = verdict(&shelf, &keys);
        assert!(found.is_good() && found.unfinished == 0, "{found:?}");
        assert_eq!(
            notes(&shelf, &keys),
            [
                Note::Began,
                Note::Repaired {
                    bytes: length as u64
                }
            ]
        );
        // All whole records are there.
        assert!(shelf.text("log.jsonl").starts_with(&log));
    }
}

#[test]
fn a_whole_record_ahead_with_half_of_another_is_kept() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 2, Durability::Durable);
    let head = shelf.text("head");
    filled(&shelf, &keys, 1, Durability::Durable);
    shelf.put("head", head);
    shelf.put(
        "log.jsonl",
        format!("{}{{\"seq\":5", shelf.text("log.jsonl")),
    );
    assert!(verdict(&shelf, &keys).is_good());
    filled(&shelf, &keys, 1, Durability::Durable);
    assert_eq!(records(&shelf, &keys).len(), 6);
    assert!(verdict(&shelf, &keys).is_good());
}

#[test]
fn a_machine_that_stops_loses_what_was_not_durable_and_that_is_noted() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 2, Durability::Durable);
    filled(&shelf, &keys, 4, Durability::Quick);
    let lines = shelf.lines();
    shelf.restart();
    for (kept, torn, lost) in [
        (3, "", Note::Lost { from: 4, to: 7 }),
        (5, "{\"seq", Note::Lost { from: 6, to: 7 }),
    ] {
        shelf.put("log.jsonl", format!("{}{torn}", lines[..kept].concat()));
        // Until somebody goes on, it shows as missing, with the innocent reason beside the other one.
        let error = verdict(&shelf, &keys).error().unwrap();
        assert!(
            error.message().contains("if the machine stopped"),
            "{error}"
        );
        let (log, head) = (shelf.text("log.jsonl"), shelf.text("head"));
        filled(&shelf, &keys, 1, Durability::Durable);
        let found = verdict(&shelf, &keys);
        assert!(found.is_good(), "{found:?}");
        assert!(
            found.notes.iter().any(|(_, note)| *note == lost),
            "{found:?}"
        );
        shelf.put("log.jsonl", log);
        shelf.put("head", head);
    }
    // What was durable is not lost by any stop.
    shelf.put("log.jsonl", lines[..2].concat());
    let error = verdict(&shelf, &keys).error().unwrap();
    assert!(
        !error.message().contains("if the machine stopped"),
        "{error}"
    );
    let error = Log::new(&shelf, &keys).append(1, &entry("x"), Durability::Quick);
    assert_eq!(error.unwrap_err().code(), "audit.tampered");
}

#[test]
fn a_full_disk_is_an_error_and_leaves_the_log_whole() {
    let (mut shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 2, Durability::Durable);
    shelf.full = true;
    let error = Log::new(&shelf, &keys).append(1, &entry("x"), Durability::Durable);
    assert!(error.is_err());
    shelf.full = false;
    assert!(verdict(&shelf, &keys).is_good());
    filled(&shelf, &keys, 1, Durability::Durable);
    assert_eq!(records(&shelf, &keys).len(), 4);
}
