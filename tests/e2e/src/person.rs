//! A person at a browser: looks at a page, decides, clicks.

mod device_pages;
mod forger;
mod pages;
mod visitor;

use std::fs;
use std::io;

use serde_json::json;

use crate::errand::{Browser, Decision, Errand, Report};

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

/// Enters a code that a device shows, at the address that it shows, and decides. In this process: a device starts no browser.
///
/// # Errors
/// If the pages do not come to an end.
pub fn enter_code(
    browser: Browser,
    decision: Decision,
    url: &str,
    code: &str,
) -> io::Result<Report> {
    match browser {
        Browser::Chromium => device_pages::enter(decision, url, code),
        Browser::Visitor => visitor::enter(decision, url, code),
    }
}
