//! Reading on from a place, whatever became of the files meanwhile.

use std::ops::ControlFlow;

use vestibule_core::limits::AUDIT_FILE_BYTES;

use super::fixture::{Keeper, Shelf, entry, filled, records};
use crate::{Durability, Log, Mark, Range};

fn read(log: &Log<'_>, from: &Mark, most: usize) -> (Vec<u64>, Range) {
    let mut seen = Vec::new();
    let range = log
        .for_each_behind(from, &mut |line, record| {
            assert!(line.starts_with(&format!("{{\"seq\":{},", record.seq)));
            seen.push(record.seq);
            if seen.len() < most {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
        .unwrap();
    (seen, range)
}

#[test]
fn each_record_is_read_once_over_files_that_fill_and_go() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let mut log = Log::new(&shelf, &keys);
    log.file_bytes = 2_000;
    assert!(log.file_bytes < AUDIT_FILE_BYTES);
    let (mut mark, mut all) = (Mark::start(), Vec::new());
    for round in 0..20 {
        for at in 0..7 {
            let who = entry(&format!("person {at}"));
            log.append(100 + round, &who, Durability::Quick).unwrap();
        }
        loop {
            let (seen, range) = read(&log, &mark, 3);
            assert_eq!(range.records, seen.len() as u64);
            assert_eq!((range.gone, range.unreadable), (None, 0));
            all.extend(seen);
            mark = range.to;
            if !range.more {
                break;
            }
        }
    }
    let written: Vec<u64> = records(&shelf, &keys)
        .iter()
        .map(|record| record.seq)
        .collect();
    assert_eq!(all, written);
    assert!(log.names().unwrap().len() > 5);
}

#[test]
fn what_was_removed_for_its_age_before_it_was_read_is_told() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let mut log = Log::new(&shelf, &keys);
    (log.file_bytes, log.bytes) = (2_000, 6_000);
    log.append(1, &entry("first"), Durability::Quick).unwrap();
    let (_, first) = read(&log, &Mark::start(), 10);
    for at in 0..100 {
        log.append(at, &entry("more"), Durability::Quick).unwrap();
    }
    let (seen, range) = read(&log, &first.to, usize::MAX);
    assert_eq!(range.gone, Some((first.to.seq + 1, seen[0] - 1)));
    assert!(seen[0] > 10);
    // Who has read nothing yet misses nothing.
    assert_eq!(read(&log, &Mark::start(), usize::MAX).1.gone, None);
}

#[test]
fn a_place_in_another_log_is_noticed() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 5, Durability::Quick);
    let log = Log::new(&shelf, &keys);
    let mut mark = read(&log, &Mark::start(), 3).1.to;
    assert_eq!(read(&log, &mark, 100).0, [4, 5, 6]);
    let another = |mark: &Mark| log.for_each_behind(mark, &mut |_, _| ControlFlow::Continue(()));
    mark.code = "0".repeat(64);
    assert_eq!(another(&mark).unwrap_err().code(), "audit.another_log");
    mark.code.clear();
    assert_eq!(read(&log, &mark, 100).0, [4, 5, 6]);
    mark.seq = 7;
    assert_eq!(another(&mark).unwrap_err().code(), "audit.another_log");
}

#[test]
fn a_line_that_is_not_finished_is_not_there_yet() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 3, Durability::Quick);
    let log = Log::new(&shelf, &keys);
    let whole = shelf.text("log.jsonl");
    let cut = whole.trim_end();
    shelf.put("log.jsonl", cut);
    assert_eq!(read(&log, &Mark::start(), 100).0, [1, 2, 3]);
    shelf.put("log.jsonl", format!("{whole}half of one"));
    let (seen, range) = read(&log, &Mark::start(), 100);
    assert_eq!((seen, range.unreadable), (vec![1, 2, 3, 4], 0));
    shelf.put("log.jsonl", format!("nonsense\n{whole}"));
    let (seen, range) = read(&log, &Mark::start(), 100);
    assert_eq!((seen, range.unreadable), (vec![1, 2, 3, 4], 1));
}

#[test]
fn a_spot_that_is_wrong_is_searched_for() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    filled(&shelf, &keys, 9, Durability::Quick);
    let log = Log::new(&shelf, &keys);
    let mark = read(&log, &Mark::start(), 5).1.to;
    let written = serde_json::to_value(&mark).unwrap();
    let offset = written["spot"]["offset"].as_u64().unwrap();
    assert!(shelf.text("log.jsonl")[usize::try_from(offset).unwrap()..].starts_with("{\"seq\":5,"));
    for (first, offset) in [
        (1, 0),
        (1, offset + 1),
        (1, u64::MAX >> 1),
        (3, offset),
        (1, offset),
    ] {
        let mut altered = written.clone();
        altered["spot"] = serde_json::json!({ "first": first, "offset": offset });
        let mark: Mark = serde_json::from_value(altered).unwrap();
        assert_eq!(
            read(&log, &mark, 100).0,
            [6, 7, 8, 9, 10],
            "{first} {offset}"
        );
    }
}
