//! Between any two steps a process can be killed, and the next one goes on.

use super::fixture::{Keeper, Shelf, entry, filled, records, verdict};
use crate::{Durability, Log, Note};

/// More steps than anything takes.
const STEPS: u32 = 16;

#[test]
fn heads_that_cannot_be_written_one_after_the_other_leave_nothing_that_looks_like_tampering() {
    for durability in [Durability::Durable, Durability::Quick] {
        let (shelf, keys) = (Shelf::new(), Keeper::with(1));
        filled(&shelf, &keys, 3, durability);
        for at in 0..4 {
            shelf.stuck.set(1);
            let log = Log::new(&shelf, &keys);
            let error = log.append(1, &entry("x"), durability).unwrap_err();
            assert_eq!(error.code(), "test.stuck", "{at}");
            let found = verdict(&shelf, &keys);
            assert!(found.is_good() && found.ahead, "{at}: {found:?}");
        }
        filled(&shelf, &keys, 1, durability);
        let found = verdict(&shelf, &keys);
        assert!(found.is_good() && !found.ahead, "{found:?}");
        assert_eq!(found.last, 6);
    }
}

#[test]
fn killed_at_any_step_of_a_change_of_the_key() {
    for first in 0..STEPS {
        for second in [None, Some(first / 2), Some(1)] {
            let (shelf, keys) = (Shelf::new(), Keeper::with(1));
            filled(&shelf, &keys, 2, Durability::Durable);
            filled(&shelf, &keys, 3, Durability::Quick);
            let lines = shelf.lines();
            let torn = &lines[4][..9];
            shelf.put("log.jsonl", format!("{}{torn}", lines[..4].concat()));
            keys.0.replace(Some(2));
            shelf.restart();
            let log = Log::new(&shelf, &keys);
            for left in [Some(first), second].into_iter().flatten() {
                shelf.left.set(left);
                let _ = log.append(1, &entry("x"), Durability::Durable);
                // Until the first step is done, what is missing shows.
                let found = verdict(&shelf, &keys);
                let told = found.error().map(|error| error.message().to_owned());
                assert!(
                    told.as_ref()
                        .is_none_or(|told| told.contains("the machine stopped")),
                    "{first} {second:?}: {told:?}"
                );
                shelf.left.set(u32::MAX);
            }
            filled(&shelf, &keys, 1, Durability::Durable);
            let found = verdict(&shelf, &keys);
            assert!(
                found.is_good() && !found.ahead,
                "{first} {second:?}: {found:?}"
            );
            let lost = Note::Lost { from: 5, to: 6 };
            let count = |is: &dyn Fn(&Note) -> bool| {
                let notes = found.notes.iter();
                notes.filter(|(_, note)| is(note)).count()
            };
            assert_eq!(count(&|note| *note == lost), 1, "{first} {second:?}");
            let changed = |note: &Note| matches!(note, Note::KeyChanged { .. });
            assert_eq!(count(&changed), 1, "{first} {second:?}: {found:?}");
            assert!(records(&shelf, &keys).len() >= 8);
        }
    }
}

#[test]
fn killed_at_any_step_of_a_new_file_and_of_taking_away_the_oldest() {
    for kill in 0..STEPS {
        let (shelf, keys) = (Shelf::new(), Keeper::with(1));
        let log = Log {
            file_bytes: 800,
            bytes: 3200,
            ..Log::new(&shelf, &keys)
        };
        for at in 0..40 {
            shelf.left.set(kill);
            let _ = log.append(at, &entry("x"), Durability::Quick);
            shelf.left.set(u32::MAX);
            log.append(at, &entry("y"), Durability::Quick).unwrap();
            let found = verdict(&shelf, &keys);
            assert!(found.is_good(), "{kill} {at}: {found:?}");
        }
        let there = records(&shelf, &keys);
        assert!(there.len() < 30, "{kill}: {}", there.len());
    }
}
