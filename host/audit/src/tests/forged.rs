//! Whoever has no key hides no cut, whichever key they name.

use zeroize::Zeroizing;

use super::fixture::{Keeper, Shelf, add, entry, filled, forge, head, verdict};
use crate::head::Place;
use crate::{Durability, Entry, Key, Keys, Log, Note, line};

const NOBODYS: &str = "ffffffffffffffff";

/// A log of seven records of which the last three were cut off, with a head that says that this is all.
fn cut(shelf: &Shelf, keys: &Keeper) -> crate::head::Head {
    filled(shelf, keys, 6, Durability::Durable);
    let lines = &shelf.lines()[..4];
    let last = line::read(lines[3].trim_end().as_bytes()).unwrap();
    shelf.put("log.jsonl", lines.concat());
    let mut head = head(shelf);
    head.last = Place {
        seq: last.seq,
        code: last.code,
        offset: lines.concat().len() as u64,
    };
    head.durable = head.last.clone();
    head
}

/// It shows, and nothing is added to it.
fn shows(shelf: &Shelf, keys: &dyn Keys, what: &str) {
    let log = Log::new(shelf, keys);
    let found = log.verify().unwrap();
    assert!(!found.is_good(), "{what}");
    let before = (shelf.text("log.jsonl"), shelf.text("head"));
    let error = log
        .append(1, &entry("eve"), Durability::Durable)
        .unwrap_err();
    assert_eq!(error.code(), "audit.tampered", "{what}");
    assert_eq!(log.ready().unwrap_err().code(), "audit.tampered", "{what}");
    assert_eq!(before, (shelf.text("log.jsonl"), shelf.text("head")));
}

#[test]
fn a_head_under_a_key_that_nobody_has_hides_no_cut() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let cut = cut(&shelf, &keys);
    for keeper in ["test", "kernel-keyring", "none"] {
        for key in [NOBODYS, "none", &cut.key] {
            let mut head = cut.clone();
            keeper.clone_into(&mut head.keeper);
            key.clone_into(&mut head.key);
            forge(&shelf, &head);
            shows(&shelf, &keys, &format!("{key} of {keeper}"));
            // As if the next key were about to say so.
            head.before = Some(cut.key.clone());
            forge(&shelf, &head);
            let found = verdict(&shelf, &keys);
            assert_eq!(found.breaks[0].file, "head", "{key} of {keeper}");
        }
    }
}

/// A key store that holds the key of the log, and is not to be used for what is new.
struct Elsewhere(Keeper);

impl Keys for Elsewhere {
    fn find(&self, keeper: &str, id: &str) -> vestibule_core::Result<Option<Key>> {
        self.0.find(keeper, id)
    }

    fn current(&self) -> vestibule_core::Result<Key> {
        Ok(Key::none())
    }

    fn all(&self) -> Vec<Key> {
        self.0.all()
    }
}

#[test]
fn nor_does_one_that_needs_no_key_where_nobody_holds_one_for_what_is_new() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let mut head = cut(&shelf, &keys);
    let none = Key::none();
    none.id().clone_into(&mut head.key);
    none.keeper().clone_into(&mut head.keeper);
    for before in [None, Some(head.key.clone())] {
        head.before = before;
        shelf.put("head", head.write(&none).unwrap());
        shows(&shelf, &Elsewhere(Keeper::with(1)), "unkeyed");
    }
}

#[test]
fn no_line_without_the_key_says_why_records_are_gone() {
    let lost = || Entry::note(Note::Lost { from: 5, to: 7 });
    let changed = |before: &str| {
        Entry::note(Note::KeyChanged {
            before: before.to_owned(),
            sealed: std::collections::BTreeMap::new(),
        })
    };
    let real = Key::new("test", Zeroizing::new([1; 32])).id().to_owned();
    let lines: [(&str, Vec<Entry>); 6] = [
        ("lost", vec![lost()]),
        ("lost and on", vec![lost(), entry("eve")]),
        ("lost and another key", vec![lost(), changed(&real)]),
        ("another key", vec![changed(&real)]),
        ("another key, of nobody", vec![changed(NOBODYS)]),
        ("repaired", vec![Entry::note(Note::Repaired { bytes: 1 })]),
    ];
    for (what, entries) in lines {
        for key in [Key::none(), Key::new("test", Zeroizing::new([9; 32]))] {
            let (shelf, keys) = (Shelf::new(), Keeper::with(1));
            let head = cut(&shelf, &keys);
            forge(&shelf, &head);
            for entry in &entries {
                add(&shelf, entry, &key);
            }
            let found = verdict(&shelf, &keys);
            assert!(!found.is_good(), "{what}, {key:?}: {found:?}");
            // Whatever is added to it, it stays.
            let _ = Log::new(&shelf, &keys).append(1, &entry("ada"), Durability::Durable);
            let found = verdict(&shelf, &keys);
            assert!(!found.is_good(), "{what}, {key:?}: {found:?}");
        }
    }
}

#[test]
fn that_the_key_is_another_one_is_believed_where_it_is_so() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    let (log, head) = (shelf.text("log.jsonl"), shelf.text("head"));
    let key = Key::new("test", Zeroizing::new([1; 32]));
    for before in [NOBODYS, "none", key.id()] {
        let note = Note::KeyChanged {
            before: before.to_owned(),
            sealed: std::collections::BTreeMap::new(),
        };
        add(&shelf, &Entry::note(note), &key);
        let found = verdict(&shelf, &keys);
        assert_eq!(found.breaks[0].seq, Some(5), "{before}: {found:?}");
        shelf.put("log.jsonl", &log);
        shelf.put("head", &head);
    }
    // Under a key that is gone, what was lost must still be followed by that.
    keys.0.replace(Some(2));
    assert!(verdict(&shelf, &keys).is_good());
    add(
        &shelf,
        &Entry::note(Note::Lost { from: 5, to: 6 }),
        &Key::none(),
    );
    assert!(!verdict(&shelf, &keys).is_good(), "at the end");
    add(&shelf, &entry("eve"), &Key::none());
    assert!(!verdict(&shelf, &keys).is_good(), "and on");
}

#[test]
fn what_was_not_durable_is_not_lost_while_the_machine_runs() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 2, Durability::Durable);
    filled(&shelf, &keys, 4, Durability::Quick);
    let lines = shelf.lines();
    for kept in 3..7 {
        for torn in ["", "{\"seq"] {
            shelf.put("log.jsonl", format!("{}{torn}", lines[..kept].concat()));
            shows(&shelf, &keys, torn);
            let error = verdict(&shelf, &keys).error().unwrap();
            assert!(
                !error.message().contains("if the machine stopped"),
                "{error}"
            );
        }
    }
    // Where it cannot be told, or the machine was started since, it may be.
    for boot in [0, 2] {
        shelf.put("log.jsonl", lines[..5].concat());
        let head = shelf.text("head");
        shelf.boot.set(boot);
        filled(&shelf, &keys, 1, Durability::Durable);
        let found = verdict(&shelf, &keys);
        assert!(found.is_good(), "{found:?}");
        let lost = Note::Lost { from: 6, to: 7 };
        assert!(found.notes.iter().any(|(_, note)| *note == lost));
        shelf.put("head", head);
    }
}
