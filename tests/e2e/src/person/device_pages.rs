//! The real provider's pages for a device code (RFC 8628 section 3.3), in Chromium.

use std::io;
use std::thread::sleep;

use serde_json::Value;

use super::pages::{PAUSE, sign_in};
use crate::chromium::Chromium;
use crate::errand::{Decision, Report, VISIT_LIMIT};

/// What a person sees at a glance.
const LOOK: &str = "(() => {
  const there = (selector) => document.readyState === 'complete' && !!document.querySelector(selector);
  return {
    url: location.href,
    title: document.title,
    text: document.body ? document.body.innerText : '',
    enter: there('input[type=text][name=user_code]'),
    confirm: there('button[autofocus][form=\"op.deviceConfirmForm\"]'),
    login: there('input[name=login]'),
    consent: there('input[name=prompt][value=consent]'),
  };
})()";

/// Types the code at the plain address, and goes on to the last page.
pub(super) fn enter(decision: Decision, url: &str, code: &str) -> io::Result<Report> {
    let mut browser = Chromium::start(VISIT_LIMIT)?;
    browser.open(url)?;
    // Each page is answered once; the next look may still see it.
    let (mut entered, mut confirmed, mut signed_in, mut consented) = (false, false, false, false);
    loop {
        let Some(page) = browser.evaluate(LOOK)? else {
            sleep(PAUSE);
            continue;
        };
        let has = |what: &str| page[what] == true;
        if has("enter") && !entered {
            browser.click("input[name=user_code]")?;
            browser.type_text(code)?;
            entered = browser.click("button[form=\"op.deviceInputForm\"]")?;
        } else if has("confirm") && !confirmed {
            // The page shows the code once more, for people to compare.
            assert!(text(&page).contains(code), "{page}");
            let button = match decision {
                Decision::Deny => "button[name=abort]",
                Decision::Approve
                | Decision::ApproveAsAnother
                | Decision::ApproveAndReplay
                | Decision::ApproveAfterForgeries
                | Decision::Close => "button[autofocus]",
            };
            confirmed = browser.click(button)?;
        } else if has("login") && !signed_in {
            sign_in(&mut browser, "ada")?;
            signed_in = true;
        } else if has("consent") && !consented {
            consented = browser.click("button[type=submit]")?;
        } else if text(&page).contains("successful") || text(&page).contains("interrupted") {
            return Ok(Report(page));
        }
        sleep(PAUSE);
    }
}

fn text(page: &Value) -> &str {
    page["text"].as_str().unwrap_or_default()
}
