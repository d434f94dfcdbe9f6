//! `vestibule audit verify`

use serde::Serialize;
use vestibule_app::{Note, Part, Verdict};
use vestibule_core::Result;

use crate::session::{Opens, Session};
use crate::view::audit;

/// Verify that the log is what was written, to the last byte
///
/// Says which records are verified, and which cannot be since their key is gone. If the log was altered, says where, and ends with
/// exit code 1. Whoever keeps the code of the last record elsewhere can tell later whether the whole log was exchanged.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Report<'a> {
    good: bool,
    records: u64,
    last: u64,
    last_code: &'a str,
    parts: Vec<PartReport>,
    notes: Vec<NoteReport<'a>>,
    breaks: Vec<BreakReport<'a>>,
    unlisted: u64,
    unfinished_bytes: u64,
}

#[derive(Serialize)]
struct PartReport {
    from: u64,
    to: u64,
    verified: bool,
    why_not: Option<&'static str>,
}

#[derive(Serialize)]
struct NoteReport<'a> {
    record: u64,
    #[serde(flatten)]
    note: &'a Note,
}

#[derive(Serialize)]
struct BreakReport<'a> {
    file: &'a str,
    line: u64,
    record: Option<u64>,
    problem: &'a str,
}

pub(super) fn run(_args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let verdict = vestibule.verify_audit()?;
    session
        .printer
        .result(&report(&verdict), || audit::verdict(&verdict))?;
    verdict.error().map_or(Ok(()), Err)
}

fn report(verdict: &Verdict) -> Report<'_> {
    let part = |part: &Part| PartReport {
        from: part.from,
        to: part.to,
        verified: part.verified,
        why_not: audit::why_not(part),
    };
    Report {
        good: verdict.is_good(),
        records: verdict.records,
        last: verdict.last,
        last_code: &verdict.last_code,
        parts: verdict.parts.iter().map(part).collect(),
        notes: verdict
            .notes
            .iter()
            .map(|(record, note)| NoteReport {
                record: *record,
                note,
            })
            .collect(),
        breaks: verdict
            .breaks
            .iter()
            .map(|found| BreakReport {
                file: &found.file,
                line: found.line,
                record: found.seq,
                problem: &found.problem,
            })
            .collect(),
        unlisted: verdict.unlisted,
        unfinished_bytes: verdict.unfinished,
    }
}
