//! The pages of the real provider (oidc-provider's own forms) and the page on which a sign-in ends, in Chromium.

use std::io;
use std::sync::mpsc;
use std::thread::{self, sleep};
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::forger;
use crate::chromium::Chromium;
use crate::errand::{Decision, Errand, Report, VISIT_LIMIT};

/// Between two looks at the page.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// How often the genuine response is sent again.
const REPLAYS: usize = 20;

/// What a person sees at a glance.
const LOOK: &str = "({
  url: location.href,
  title: document.title,
  text: document.readyState === 'complete' && document.body ? document.body.innerText : '',
  login: document.readyState === 'complete' && !!document.querySelector('input[name=login]'),
  consent: document.readyState === 'complete' && !!document.querySelector('input[name=prompt][value=consent]'),
})";

pub(super) fn visit(errand: &Errand, url: &str) -> io::Result<Report> {
    let mut browser = Chromium::start(VISIT_LIMIT)?;
    let replays = match errand.decision {
        Decision::ApproveAndReplay => Some(replay_what_arrives(&mut browser)),
        Decision::Approve
        | Decision::ApproveAsAnother
        | Decision::ApproveAfterForgeries
        | Decision::Deny
        | Decision::Close => None,
    };
    browser.open(url)?;
    let mut report = click_through(&mut browser, errand.decision, url)?;
    report["requested"] = json!(browser.requested());
    if let Some(replays) = replays {
        // The sender goes with the browser, so that the count below ends.
        drop(browser);
        report["answers"] = forger::count(replays.iter());
    } else if let Ok(picture) = browser.picture() {
        std::fs::write(errand.report.with_extension("png"), picture)?;
    }
    Ok(Report(report))
}

/// From the first page to the last one.
fn click_through(browser: &mut Chromium, decision: Decision, start: &str) -> io::Result<Value> {
    let provider = Url::parse(start).map_err(io::Error::other)?.origin();
    let (mut signed_in, mut consented) = (false, false);
    loop {
        let Some(page) = browser.evaluate(LOOK)? else {
            sleep(PAUSE);
            continue;
        };
        let here = Url::parse(page["url"].as_str().unwrap_or_default()).ok();
        let elsewhere = here.is_some_and(|here| here.has_host() && here.origin() != provider);
        if elsewhere && page["text"] != "" {
            return Ok(page);
        }
        if page["login"] == true && !signed_in {
            if decision == Decision::Close {
                return Ok(page);
            }
            let name = if decision == Decision::ApproveAsAnother {
                "grace"
            } else {
                "ada"
            };
            sign_in(browser, name)?;
            signed_in = true;
        } else if page["consent"] == true && !consented {
            let button = match decision {
                Decision::Deny => "a[href$='/abort']",
                Decision::Approve
                | Decision::ApproveAsAnother
                | Decision::ApproveAndReplay
                | Decision::ApproveAfterForgeries
                | Decision::Close => "button[type=submit]",
            };
            consented = browser.click(button)?;
        }
        sleep(PAUSE);
    }
}

/// Any name will do, with any password.
pub(super) fn sign_in(browser: &mut Chromium, name: &str) -> io::Result<()> {
    for (field, text) in [("input[name=login]", name), ("input[name=password]", "any")] {
        browser.click(field)?;
        browser.type_text(text)?;
    }
    browser.click("button[type=submit]").map(drop)
}

/// As soon as the browser is sent to the loopback address with a code, many others go there with the same.
fn replay_what_arrives(browser: &mut Chromium) -> mpsc::Receiver<u16> {
    let (answers, receiver) = mpsc::channel();
    let mut seen = false;
    browser.watch(move |url| {
        if seen || !(url.contains("/oauth/") && url.contains("code=")) {
            return;
        }
        seen = true;
        for _ in 0..REPLAYS {
            let (url, answers) = (url.to_owned(), answers.clone());
            thread::spawn(move || answers.send(forger::status_of(&url)));
        }
    });
    receiver
}
