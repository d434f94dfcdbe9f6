//! What a person is to do at the browser, and what they report. Goes to the helper program and back in plain text, because
//! `vestibule` starts that program as it starts any browser.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::wait::wait_for;

/// How long one visit to a provider may take.
pub const VISIT_LIMIT: Duration = Duration::from_secs(90);

/// With what the person looks at pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chromium, headless, with real clicks.
    Chromium,
    /// The practice provider's own visitor, for its own pages.
    Visitor,
}

/// What the person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Signs in and consents.
    Approve,
    /// The same, as somebody else.
    ApproveAsAnother,
    /// The first, and what arrives at the loopback address is sent there again, many times, at the same moment.
    ApproveAndReplay,
    /// The first, after a thousand forged authorization responses.
    ApproveAfterForgeries,
    /// Signs in and does not consent.
    Deny,
    /// Closes the browser on the first page.
    Close,
}

const BROWSERS: [(Browser, &str); 2] = [
    (Browser::Chromium, "chromium"),
    (Browser::Visitor, "visitor"),
];

const DECISIONS: [(Decision, &str); 6] = [
    (Decision::Approve, "approve"),
    (Decision::ApproveAsAnother, "approve-as-another"),
    (Decision::ApproveAndReplay, "approve-and-replay"),
    (Decision::ApproveAfterForgeries, "approve-after-forgeries"),
    (Decision::Deny, "deny"),
    (Decision::Close, "close"),
];

/// One visit, ordered.
#[derive(Clone, Debug)]
pub struct Errand {
    /// With what.
    pub browser: Browser,
    /// What for.
    pub decision: Decision,
    /// Where the report goes.
    pub report: PathBuf,
}

impl Errand {
    /// The arguments of the helper program, to which `vestibule` adds the URL.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let browser = BROWSERS
            .iter()
            .find(|(browser, _)| *browser == self.browser);
        let decision = DECISIONS
            .iter()
            .find(|(decision, _)| *decision == self.decision);
        vec![
            browser.expect("each has a name").1.to_owned(),
            decision.expect("each has a name").1.to_owned(),
            self.report.display().to_string(),
        ]
    }

    /// Reads the arguments back, and the URL behind them.
    #[must_use]
    pub fn parse(arguments: &[String]) -> Option<(Self, String)> {
        let [browser, decision, report, url] = arguments else {
            return None;
        };
        let errand = Self {
            browser: BROWSERS.iter().find(|(_, name)| name == browser)?.0,
            decision: DECISIONS.iter().find(|(_, name)| name == decision)?.0,
            report: report.into(),
        };
        Some((errand, url.clone()))
    }

    /// The report, once the person is back.
    ///
    /// # Panics
    /// If there is none in time.
    #[must_use]
    #[track_caller]
    pub fn report(&self) -> Report {
        let text = wait_for(VISIT_LIMIT, || fs::read_to_string(&self.report).ok());
        let text = text.expect("the person comes back");
        Report(serde_json::from_str(&text).expect("the report is JSON"))
    }

    /// Whether a person was sent out at all. One who is still on the way counts.
    #[must_use]
    pub fn was_started(&self) -> bool {
        self.started_mark().exists() || self.report.exists()
    }

    pub(crate) fn started_mark(&self) -> PathBuf {
        self.report.with_extension("started")
    }

    /// Forgets the last visit, so that the next report is of the next one.
    pub fn forget(&self) {
        let _ = fs::remove_file(&self.report);
        let _ = fs::remove_file(self.started_mark());
    }
}

/// What the person saw.
#[derive(Clone, Debug)]
pub struct Report(pub Value);

impl Report {
    /// Writes it so that nobody reads half of it.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("part");
        fs::write(&beside, self.0.to_string())?;
        fs::rename(beside, path)
    }

    /// The URL of the last page.
    #[must_use]
    pub fn url(&self) -> &str {
        self.0["url"].as_str().unwrap_or_default()
    }

    /// The text of the last page.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0["text"].as_str().unwrap_or_default()
    }

    /// Every URL that was requested, in order.
    #[must_use]
    pub fn requested(&self) -> Vec<&str> {
        let list = self.0["requested"].as_array();
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The URL with the authorization response, if one was received.
    #[must_use]
    pub fn callback(&self) -> Option<&str> {
        let is_response = |url: &&str| {
            url.contains("/oauth/") && (url.contains("code=") || url.contains("error="))
        };
        self.requested().into_iter().find(is_response)
    }

    /// How often each status was the answer to requests beside the genuine one.
    #[must_use]
    pub fn answers(&self, status: u16) -> u64 {
        self.0["answers"][status.to_string()].as_u64().unwrap_or(0)
    }
}
