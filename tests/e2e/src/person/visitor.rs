//! The practice provider's pages, by its own visitor.

use std::io;

use serde_json::{Value, json};
use vestibule_rehearsal::{Visit, VisitError, Visitor};

use super::forger;
use crate::errand::{Decision, Report};

/// Two of the practice provider's people.
const ACCOUNT: &str = "ada";
const ANOTHER: &str = "grace";

pub(super) fn visit(decision: Decision, url: &str) -> io::Result<Report> {
    let answers = match decision {
        Decision::ApproveAfterForgeries => forger::forge(url)?,
        Decision::Approve
        | Decision::ApproveAsAnother
        | Decision::ApproveAndReplay
        | Decision::Deny
        | Decision::Close => Value::Null,
    };
    report(visitor(decision).visit(url), answers)
}

/// Types a code, as the practice provider's page asks for it.
pub(super) fn enter(decision: Decision, url: &str, code: &str) -> io::Result<Report> {
    report(visitor(decision).enter(url, code), Value::Null)
}

fn visitor(decision: Decision) -> Visitor {
    match decision {
        Decision::Approve | Decision::ApproveAndReplay | Decision::ApproveAfterForgeries => {
            Visitor::approve(ACCOUNT)
        }
        Decision::ApproveAsAnother => Visitor::approve(ANOTHER),
        Decision::Deny => Visitor::deny(),
        Decision::Close => Visitor::walk_away(),
    }
}

fn report(
    visit: impl Future<Output = Result<Visit, VisitError>>,
    answers: Value,
) -> io::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let visit = runtime
        .block_on(visit)
        .map_err(|why| io::Error::other(why.to_string()))?;
    Ok(Report(json!({
        "url": visit.urls.last(),
        "text": visit.body,
        "requested": visit.urls,
        "answers": answers,
    })))
}
