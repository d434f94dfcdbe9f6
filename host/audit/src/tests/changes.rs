//! Whatever is done to records from outside is noticed.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::fixture::{Keeper, Shelf, entry, filled, records, verdict};
use crate::{Durability, Log};

/// Something that somebody does to the lines of a log.
#[derive(Clone, Debug)]
enum Deed {
    Flip { line: usize, byte: usize, bit: u8 },
    Delete { line: usize, count: usize },
    Swap { one: usize, other: usize },
    Duplicate { line: usize, to: usize },
    Truncate { lines: usize },
    Cut { bytes: usize },
    Insert { line: usize, text: String },
    Exchange { line: usize },
}

fn deeds() -> impl Strategy<Value = Deed> {
    let at = 0..12_usize;
    prop_oneof![
        (at.clone(), any::<usize>(), 0..8_u8).prop_map(|(line, byte, bit)| Deed::Flip {
            line,
            byte,
            bit
        }),
        (at.clone(), 1..5_usize).prop_map(|(line, count)| Deed::Delete { line, count }),
        (at.clone(), at.clone()).prop_map(|(one, other)| Deed::Swap { one, other }),
        (at.clone(), at.clone()).prop_map(|(line, to)| Deed::Duplicate { line, to }),
        (1..12_usize).prop_map(|lines| Deed::Truncate { lines }),
        (1..2000_usize).prop_map(|bytes| Deed::Cut { bytes }),
        (at.clone(), "[ -~]{0,40}").prop_map(|(line, text)| Deed::Insert { line, text }),
        at.prop_map(|line| Deed::Exchange { line }),
    ]
}

/// Does it. `other` is a line of another log, which has the same place there.
fn done(deed: &Deed, mut lines: Vec<String>, other: &[String]) -> Vec<u8> {
    match deed {
        Deed::Flip { line, byte, bit } => {
            let mut bytes: Vec<Vec<u8>> = lines.into_iter().map(String::into_bytes).collect();
            let line = &mut bytes[*line];
            let at = byte % line.len();
            line[at] ^= 1 << bit;
            return bytes.concat();
        }
        Deed::Delete { line, count } => {
            let end = (line + count).min(lines.len());
            lines.drain(*line..end);
        }
        Deed::Swap { one, other } => lines.swap(*one, *other),
        Deed::Duplicate { line, to } => {
            let copy = lines[*line].clone();
            lines.insert(*to, copy);
        }
        Deed::Truncate { lines: count } => {
            let left = lines.len() - count;
            lines.truncate(left);
        }
        Deed::Cut { bytes } => {
            let mut whole = lines.concat().into_bytes();
            whole.truncate(whole.len().saturating_sub(*bytes));
            return whole;
        }
        Deed::Insert { line, text } => lines.insert(*line, format!("{text}\n")),
        Deed::Exchange { line } => lines[*line].clone_from(&other[*line]),
    }
    lines.concat().into_bytes()
}

/// A log that is as it was written.
struct Sample {
    log: String,
    head: String,
    /// The same records under another key: another machine's, or a forger's.
    foreign: Vec<String>,
}

/// One whose records are durable, and one whose records are not.
static SAMPLES: LazyLock<[Sample; 2]> = LazyLock::new(|| {
    [Durability::Durable, Durability::Quick].map(|durability| {
        let (shelf, keys) = (Shelf::new(), Keeper::with(1));
        filled(&shelf, &keys, 11, durability);
        let good = verdict(&shelf, &keys);
        assert!(good.is_good() && good.last == 12 && good.parts.len() == 1);
        let foreign = Shelf::new();
        filled(&foreign, &Keeper::with(2), 11, durability);
        Sample {
            log: shelf.text("log.jsonl"),
            head: shelf.text("head"),
            foreign: foreign.lines(),
        }
    })
});

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_edit_deletion_exchange_and_cut_is_found(deed in deeds(), quick in any::<bool>()) {
        let sample = &SAMPLES[usize::from(quick)];
        let (shelf, keys) = (Shelf::new(), Keeper::with(1));
        shelf.put("log.jsonl", &sample.log);
        shelf.put("head", &sample.head);
        let before = &sample.log;
        let after = done(&deed, shelf.lines(), &sample.foreign);
        prop_assume!(after != before.as_bytes());
        shelf.put("log.jsonl", &after);
        let found = verdict(&shelf, &keys);
        prop_assert!(!found.is_good(), "{:?}", found);
        prop_assert_eq!(found.error().unwrap().code(), "audit.tampered");
        // What is called verified is what was written.
        for line in String::from_utf8_lossy(&after).lines() {
            let Ok(record) = crate::line::read(line.as_bytes()) else { continue };
            let verified = found.parts.iter().any(|part| {
                part.verified && (part.from..=part.to).contains(&record.seq)
            });
            let told = found.breaks.iter().any(|told| told.seq == Some(record.seq));
            prop_assert!(!verified || told || before.lines().any(|was| was == line), "{}", line);
        }
    }

    #[test]
    fn every_byte_of_the_head_counts(at in 0..2000_usize, bit in 0..8_u8) {
        let (shelf, keys) = (Shelf::new(), Keeper::with(1));
        filled(&shelf, &keys, 3, Durability::Quick);
        let mut head = shelf.text("head").into_bytes();
        let at = at % head.len();
        head[at] ^= 1 << bit;
        shelf.put("head", head);
        let found = verdict(&shelf, &keys);
        // Also where it names another key than it had, which nobody has.
        prop_assert!(!found.is_good());
        prop_assert_eq!(&found.breaks[0].file, "head");
    }
}

#[test]
fn an_older_head_or_none_does_not_hide_what_was_cut_off() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    let older = shelf.text("head");
    filled(&shelf, &keys, 3, Durability::Durable);
    let lines = shelf.lines();
    let newer = shelf.text("head");

    shelf.put("log.jsonl", lines[..4].concat());
    assert!(!verdict(&shelf, &keys).is_good(), "cut");
    shelf.put("log.jsonl", lines.concat());
    shelf.put("head", &older);
    assert!(!verdict(&shelf, &keys).is_good(), "an older head");
    std::fs::remove_file(shelf.path("head")).unwrap();
    assert!(!verdict(&shelf, &keys).is_good(), "no head");
    shelf.put("head", &newer);
    std::fs::remove_file(shelf.path("log.jsonl")).unwrap();
    assert!(!verdict(&shelf, &keys).is_good(), "no log");
    shelf.put("log.jsonl", lines.concat());
    assert!(verdict(&shelf, &keys).is_good());
}

#[test]
fn nothing_is_added_to_an_end_that_was_altered() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Durable);
    let (log, head, lines) = (shelf.text("log.jsonl"), shelf.text("head"), shelf.lines());
    let spoil: [&dyn Fn(); 6] = [
        &|| shelf.put("log.jsonl", lines[..3].concat()),
        &|| shelf.put("log.jsonl", format!("{log}{}", lines[3])),
        &|| shelf.put("log.jsonl", format!("{log}{{}}\n")),
        &|| shelf.put("head", "nonsense"),
        &|| shelf.put("head", head.replace("\"seq\":4", "\"seq\":3")),
        &|| std::fs::remove_file(shelf.path("head")).unwrap(),
    ];
    for (at, spoil) in spoil.iter().enumerate() {
        spoil();
        let error = Log::new(&shelf, &keys)
            .append(1, &entry("eve"), Durability::Durable)
            .unwrap_err();
        assert_eq!(error.code(), "audit.tampered", "{at}");
        shelf.put("log.jsonl", &log);
        shelf.put("head", &head);
    }
    filled(&shelf, &keys, 1, Durability::Durable);
    assert!(verdict(&shelf, &keys).is_good());
}

#[test]
fn it_is_said_which_record_of_which_file_and_what_is_still_to_be_trusted() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 6, Durability::Durable);
    let lines = shelf.lines();
    let edited = lines[3].replace("person 2", "person 9");
    shelf.put(
        "log.jsonl",
        [&lines[..3].concat(), &edited, &lines[4..].concat()]
            .map(String::as_str)
            .concat(),
    );
    let found = verdict(&shelf, &keys);
    let parts: Vec<(u64, u64)> = found
        .parts
        .iter()
        .map(|part| (part.from, part.to))
        .collect();
    assert_eq!(parts, [(1, 3), (5, 7)]);
    let error = found.error().unwrap();
    assert_eq!(
        error.message(),
        "the audit log was altered: \"log.jsonl\", line 4, record 4: its code is wrong: it was edited"
    );
    assert!(error.next_step().unwrap().contains("evidence"));
    // Those behind it are each as they were.
    assert_eq!(found.breaks.len(), 1);

    shelf.put("log.jsonl", [&lines[..2], &lines[4..]].concat().concat());
    let error = verdict(&shelf, &keys).error().unwrap();
    assert!(
        error
            .message()
            .contains("record 5: records 3 to 4 are missing before it"),
        "{error}"
    );
}

#[test]
fn what_was_written_is_read_again() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Quick);
    let all = records(&shelf, &keys);
    let subjects: Vec<_> = all
        .iter()
        .filter_map(|record| record.entry.subject.as_deref())
        .collect();
    assert_eq!(subjects, ["person 0", "person 1", "person 2"]);
    assert_eq!(
        all.iter().map(|record| record.seq).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}
