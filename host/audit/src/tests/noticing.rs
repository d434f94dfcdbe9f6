//! What would be unusual, before it is recorded: the same as what is found later, from what is kept and what was added since.

use super::fixture::{Keeper, Shelf};
use crate::detect::{self, Watch};
use crate::{Durability, Entry, Event, Log, Outcome, Rule};

fn sign_in(method: &str) -> Entry {
    Entry {
        tenant: Some("corp".to_owned()),
        method: Some(method.to_owned()),
        device: Some("d".to_owned()),
        ..Entry::new(Event::Issuance, Outcome::Done)
    }
}

fn rules(log: &Log<'_>, now: u64, entry: &Entry) -> Vec<Rule> {
    let unusual = log.unusual(now, entry).unwrap();
    unusual.iter().map(|unusual| unusual.rule).collect()
}

fn add(log: &Log<'_>, now: u64, entry: &Entry) {
    log.append(now, entry, Durability::Quick).unwrap();
}

#[test]
fn a_look_at_what_would_be_unusual_changes_nothing() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let log = Log::new(&shelf, &keys);
    add(&log, 1_000, &sign_in("browser"));
    for _ in 0..20 {
        assert_eq!(rules(&log, 1_001, &sign_in("device")), [Rule::NewMethod]);
        assert_eq!(rules(&log, 1_001, &sign_in("browser")), []);
    }
    assert_eq!(shelf.lines().len(), 2);
}

#[test]
fn what_was_learnt_is_kept_and_goes_on_from_there() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let mut log = Log::new(&shelf, &keys);
    log.file_bytes = 4_000;
    for at in 0..60 {
        add(&log, 1_000 + at * 1_000, &sign_in("browser"));
    }
    assert_eq!(rules(&log, 70_000, &sign_in("browser")), []);
    let kept = shelf.text(detect::FILE);
    // What is kept counts: the files from before need not be there any more.
    let names = log.names().unwrap();
    let before = &names[..names.len() - 2];
    assert!(before.len() > 2);
    for name in before {
        std::fs::remove_file(shelf.path(name)).unwrap();
    }
    let both = [Rule::NewMethod, Rule::DeviceInstead];
    assert_eq!(rules(&log, 70_000, &sign_in("device")), both);
    // Nobody else can have written it: what is not genuine counts for nothing.
    shelf.put(detect::FILE, kept.replace("browser", "device"));
    assert_eq!(rules(&log, 70_000, &sign_in("device")), both);
    std::fs::remove_file(shelf.path(detect::FILE)).unwrap();
    assert_eq!(rules(&log, 70_000, &sign_in("device")), both);
}

#[test]
fn what_was_learnt_from_another_log_counts_for_nothing() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let log = Log::new(&shelf, &keys);
    for at in 0..40 {
        add(&log, 1_000 + at * 1_000, &sign_in("browser"));
    }
    assert_eq!(rules(&log, 50_000, &sign_in("browser")), []);
    for name in ["log.jsonl", "head"] {
        std::fs::remove_file(shelf.path(name)).unwrap();
    }
    for at in 0..60 {
        add(&log, 1_000 + at * 1_000, &sign_in("device"));
    }
    assert_eq!(rules(&log, 70_000, &sign_in("browser")), [Rule::NewMethod]);
}

#[test]
fn the_head_tells_of_time_whenever_something_is_added() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let log = Log::new(&shelf, &keys);
    let release = Entry {
        tenant: Some("corp".to_owned()),
        ..Entry::new(Event::Release, Outcome::Done)
    };
    let mut told = Vec::new();
    for at in 1..=300 {
        let appended = log.append(6_000, &release, Durability::Quick).unwrap();
        told.extend(appended.unusual.iter().map(|unusual| (at, unusual.rule)));
    }
    assert_eq!(told, [(300, Rule::Burst)]);
    let back = log.unusual_now(5_000, &release).unwrap();
    assert_eq!(back[0].rule, Rule::ClockStep);
    let appended = log.append(5_000, &release, Durability::Quick).unwrap();
    assert_eq!(appended.unusual[0].rule, Rule::ClockStep);
    assert_eq!(log.unusual_now(5_000, &release).unwrap(), []);
}

#[test]
fn what_was_told_when_it_happened_is_found_once() {
    let (shelf, keys) = (Shelf::new(), Keeper::with(1));
    let log = Log::new(&shelf, &keys);
    add(&log, 1_000, &sign_in("browser"));
    let unusual = log.unusual(1_001, &sign_in("device")).unwrap();
    let alert = |outcome| Entry {
        tenant: Some("corp".to_owned()),
        alert: Some(unusual[0].alert(Event::Issuance)),
        ..Entry::new(Event::Alert, outcome)
    };
    add(&log, 1_001, &alert(Outcome::Refused));
    add(&log, 1_002, &alert(Outcome::Done));
    add(&log, 1_003, &sign_in("device"));
    add(&log, 1_004, &sign_in("workload"));
    let (mut watch, mut found) = (Watch::default(), Vec::new());
    let _ = log
        .for_each(&mut |record| found.extend(watch.see(&record)))
        .unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|found| (found.seq, found.alert.rule.as_str(), found.told))
        .collect();
    assert_eq!(
        found,
        [
            (3, "new-method", Some(Outcome::Refused)),
            (4, "new-method", Some(Outcome::Done)),
            (6, "new-method", None),
        ]
    );
}
