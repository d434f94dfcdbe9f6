//! A person at a browser: looks at a page, decides, clicks.

mod forger;
mod pages;
mod visitor;

use std::fs;
use std::io;

use serde_json::json;

use crate::errand::{Browser, Errand, Report};

/// Goes on the errand and reports, whatever comes of it.
///
/// # Errors
/// If there is no place for the report.
pub fn go(errand: &Errand, url: &str) -> io::Result<()> {
    fs::write(errand.started_mark(), b"")?;
    let report = match errand.browser {
        Browser::Chromium => pages::visit(errand, url),
        Browser::Visitor => visitor::visit(errand.decision, url),
    };
    let report = report.unwrap_or_else(|why| Report(json!({ "problem": why.to_string() })));
    report.write(&errand.report)
}
