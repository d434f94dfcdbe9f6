//! Records of the audit log, one line each; and what verifying it came to. Whatever stands in a file may have been put there by anybody:
//! all text is shown as foreign.

use vestibule_app::{Entry, Found, Note, Outcome, Part, Reason, Record, Verdict};
use vestibule_core::Shown;

use super::{table, time};

/// Records as a table.
#[must_use]
pub fn lines(records: &[Record]) -> Vec<String> {
    if records.is_empty() {
        return vec!["No record.".to_owned()];
    }
    let mut rows = vec![
        ["TIME", "EVENT", "TENANT", "SUBJECT", "OUTCOME", "WHAT"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(records.iter().map(|record| {
        let entry = &record.entry;
        vec![
            time::rfc3339(record.time),
            entry.event.as_str().to_owned(),
            shown(entry.tenant.as_deref()),
            shown(entry.subject.as_deref()),
            entry.outcome.as_str().to_owned(),
            what(entry),
        ]
    }));
    table::aligned(&rows, 0)
}

/// What is unusual, as a table.
#[must_use]
pub fn alerts(found: &[Found]) -> Vec<String> {
    if found.is_empty() {
        return vec!["Nothing unusual.".to_owned()];
    }
    let mut rows = vec![
        ["TIME", "RECORD", "RULE", "TENANT", "TOLD", "SEEN", "USUAL"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(found.iter().map(|found| {
        vec![
            time::rfc3339(found.time),
            found.seq.to_string(),
            Shown::new(&found.alert.rule).to_string(),
            shown(found.tenant.as_deref()),
            told(found.told).to_owned(),
            Shown::new(&found.alert.seen).to_string(),
            Shown::new(&found.alert.usual).to_string(),
        ]
    }));
    table::aligned(&rows, 0)
}

/// What came of an alert when it happened.
#[must_use]
pub fn told(told: Option<Outcome>) -> &'static str {
    match told {
        Some(Outcome::Refused | Outcome::Failed) => "refused",
        Some(Outcome::Done | Outcome::Unconfirmed) => "warned",
        None => "later",
    }
}

/// What a record is about, in a few words.
fn what(entry: &Entry) -> String {
    let mut words = Vec::new();
    if let Some(during) = &entry.during {
        words.push(Shown::new(during).to_string());
    }
    if let Some(reason) = &entry.reason {
        words.push(because(reason));
    }
    if let Some(change) = &entry.change {
        words.push(Shown::new(&change.what).to_string());
        let given_up = change.given_up.iter().flatten();
        words.extend(given_up.map(|what| format!("without {}", Shown::new(what))));
    }
    if let Some(derived_for) = &entry.derived_for {
        words.push(format!("for {}", Shown::new(derived_for)));
    }
    if let (Some(asked), Some(granted)) = (&entry.scopes_asked, &entry.scopes_granted)
        && asked != granted
    {
        words.push(format!("granted {}", Shown::new(&granted.join(" "))));
    }
    if let Some(kinds) = entry.not_revoked.as_ref().filter(|kinds| !kinds.is_empty()) {
        words.push(format!("not revoked: {}", Shown::new(&kinds.join(", "))));
    }
    if let Some(plugin) = entry.plugin.as_ref().filter(|_| entry.tenant.is_none()) {
        words.push(Shown::new(plugin).to_string());
    }
    if let Some(actor) = &entry.actor {
        words.push(format!("by {} for the subject", Shown::new(actor)));
    }
    if let Some(alert) = &entry.alert {
        let (rule, seen) = (Shown::new(&alert.rule), Shown::new(&alert.seen));
        words.push(format!("{rule}: {seen}"));
    }
    if let Some(note) = &entry.log {
        words.push(self::note(note));
    }
    words.join("; ")
}

fn because(reason: &Reason) -> String {
    let mut text = Shown::new(&reason.code).to_string();
    for (word, more) in [("rule", &reason.rule), ("cause", &reason.cause)] {
        if let Some(more) = more {
            text.push_str(&format!(", {word} {}", Shown::new(more)));
        }
    }
    format!("{text} ({})", Shown::new(&reason.blame))
}

fn note(note: &Note) -> String {
    match note {
        Note::Began => "the log begins".to_owned(),
        Note::Repaired { bytes } => format!(
            "{bytes} bytes of an unfinished record were taken away: a process was killed while it wrote"
        ),
        Note::Lost { from, to } => format!(
            "records {from} to {to}, which were not durable yet, are gone: the machine stopped, or somebody cut them off"
        ),
        Note::KeyChanged { .. } => {
            "the key of the records before is gone; they are sealed as they were found".to_owned()
        }
        Note::Pruned { to } => format!("the records up to {to} were removed for their age"),
    }
}

/// Why a part could not be verified, if it could not.
#[must_use]
pub fn why_not(part: &Part) -> Option<&'static str> {
    match (part.verified, part.unkeyed) {
        (true, _) => None,
        (false, true) => Some("no key store held a key when they were written"),
        (false, false) => Some("the key that they were written under is gone"),
    }
}

/// A verdict for people.
#[must_use]
pub fn verdict(verdict: &Verdict) -> Vec<String> {
    if verdict.records == 0 && verdict.is_good() {
        return vec!["Nothing was recorded yet.".to_owned()];
    }
    let mut lines: Vec<String> = verdict.parts.iter().map(part).collect();
    for found in &verdict.breaks {
        let place = match found.line {
            0 => found.file.clone(),
            line => format!("{}, line {line}", found.file),
        };
        let record = found
            .seq
            .map_or_else(String::new, |seq| format!(", record {seq}"));
        lines.push(format!("Altered: {place}{record}: {}.", found.problem));
    }
    // That it begins is no news.
    let news = verdict
        .notes
        .iter()
        .filter(|(_, note)| *note != Note::Began);
    lines.extend(news.map(|(seq, note)| format!("Noted in record {seq}: {}.", self::note(note))));
    if verdict.unlisted > 0 {
        lines.push(format!(
            "And {} more parts and notes, which are not listed.",
            verdict.unlisted
        ));
    }
    if verdict.ahead {
        lines.push("A process was killed after it wrote the last record.".to_owned());
    }
    if verdict.unfinished > 0 {
        lines.push(format!(
            "At the end are {} bytes of an unfinished record: a process was killed while it wrote.",
            verdict.unfinished
        ));
    }
    lines.push(format!(
        "Last: record {}, code {}",
        verdict.last,
        Shown::new(&verdict.last_code)
    ));
    lines
}

fn part(part: &Part) -> String {
    let records = if part.from == part.to {
        format!("Record {}", part.from)
    } else {
        format!("Records {} to {}", part.from, part.to)
    };
    match why_not(part) {
        None => format!("{records}: verified."),
        Some(why) => format!("{records}: cannot be verified, since {why}."),
    }
}

fn shown(text: Option<&str>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| Shown::new(text).to_string())
}
