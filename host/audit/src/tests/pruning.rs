//! The oldest records go by their bytes, and only if they are those that were written.

use super::fixture::{Keeper, Shelf, entry, head, records, verdict};
use crate::{Durability, Folder as _, Log, Note};

fn small<'a>(shelf: &'a Shelf, keys: &'a Keeper, bytes: u64) -> Log<'a> {
    Log {
        file_bytes: 800,
        bytes,
        ..Log::new(shelf, keys)
    }
}

fn fill(log: &Log<'_>, count: u64) {
    for at in 0..count {
        log.append(at, &entry("ada"), Durability::Quick).unwrap();
    }
}

fn pruned(shelf: &Shelf, keys: &Keeper) -> bool {
    let all = records(shelf, keys);
    let mut notes = all.iter().filter_map(|record| record.entry.log.as_ref());
    notes.any(|note| matches!(note, Note::Pruned { .. }))
}

fn full(shelf: &Shelf) -> usize {
    let names = shelf.names().unwrap();
    names.iter().filter(|name| name.starts_with("log-")).count()
}

/// What somebody does to the folder: its name in failures, and how.
type Spoil = (&'static str, fn(&Shelf));

#[test]
fn what_somebody_else_took_away_is_not_said_to_be_removed_for_its_age() {
    let bogus: [Spoil; 4] = [
        ("nothing in its place", |_| ()),
        ("the next one in its place", |shelf| {
            shelf.put("log-000001.jsonl", shelf.text("log-000003.jsonl"));
        }),
        ("many of no content", |shelf| {
            for number in 100..300 {
                shelf.put(&format!("log-{number:06}.jsonl"), "x".repeat(800));
            }
        }),
        ("one of another log", |shelf| {
            let (other, keys) = (Shelf::new(), Keeper::with(9));
            fill(&small(&other, &keys, 1 << 20), 12);
            shelf.put("log-000001.jsonl", other.text("log-000001.jsonl"));
        }),
    ];
    for (what, spoil) in bogus {
        let (shelf, keys) = (Shelf::new(), Keeper::with(1));
        fill(&small(&shelf, &keys, 1 << 20), 12);
        std::fs::remove_file(shelf.path("log-000001.jsonl")).unwrap();
        spoil(&shelf);
        fill(&small(&shelf, &keys, 1600), 12);
        assert!(!verdict(&shelf, &keys).is_good(), "{what}");
        let text = shelf.text("log.jsonl") + &shelf.text("log-000006.jsonl");
        assert!(!text.contains("pruned"), "{what}");
        assert!(
            shelf.path("log-000002.jsonl").exists(),
            "{what}: what is left stays"
        );
    }
}

#[test]
fn what_somebody_else_put_there_makes_nothing_too_old() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let log = small(&shelf, &keys, 1 << 20);
    fill(&log, 12);
    for number in 100..700 {
        shelf.put(&format!("log-{number:06}.jsonl"), "x".repeat(4000));
    }
    fill(&log, 12);
    for number in 100..700 {
        std::fs::remove_file(shelf.path(&format!("log-{number:06}.jsonl"))).unwrap();
    }
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert!(!pruned(&shelf, &keys));
    assert_eq!(records(&shelf, &keys)[0].seq, 1);
    assert_eq!(head(&shelf).full.files, full(&shelf) as u64);
}

#[test]
fn files_that_are_small_since_the_key_changed_are_kept() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(0));
    for restart in 0..80 {
        keys.0.replace(Some(restart));
        shelf.restart();
        fill(&small(&shelf, &keys, 1 << 20), 1);
    }
    fill(&small(&shelf, &keys, 1 << 20), 9);
    let found = verdict(&shelf, &keys);
    assert!(found.is_good(), "{found:?}");
    assert!(full(&shelf) >= 80);
    assert_eq!(records(&shelf, &keys)[0].seq, 1);
    assert!(!pruned(&shelf, &keys));
}

#[test]
fn there_are_never_more_files_than_a_record_can_seal() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(0));
    for restart in 0..20 {
        keys.0.replace(Some(restart));
        shelf.restart();
        let log = Log {
            files: 5,
            ..Log::new(&shelf, &keys)
        };
        fill(&log, 1);
        let found = verdict(&shelf, &keys);
        assert!(found.is_good(), "{restart}: {found:?}");
        assert!(full(&shelf) <= 5, "{restart}");
    }
    assert!(pruned(&shelf, &keys));
}
