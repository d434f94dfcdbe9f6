//! Secrets that last in the place of assertions (WKL-08): a file or a variable may hold one. It is not used where the tenant has a source
//! of assertions that a platform makes; elsewhere its age is told each time.

use vestibule_core::event::Event;
use vestibule_core::text::span;
use vestibule_core::{Error, Result, limits};

use super::assertion::Assertion;
use super::{Asked, Fetched};

pub(super) fn judge(asked: &Asked<'_>, fetched: &Fetched, assertion: &Assertion) -> Result<()> {
    if asked.source.from.is_federation() || ends_soon(assertion, asked.now) {
        return Ok(());
    }
    let age = age(asked, fetched, assertion);
    if let Some((other, source)) = asked.platform.workload.federation() {
        return Err(Error::policy(
            "workload.lasting",
            asked.sentence(&format!(
                "it holds a secret that lasts ({age}), which is not used, since the source \"{other}\" ({}) makes assertions that do not",
                source.from.title()
            )),
        )
        .hint(format!(
            "let the plugin use \"{other}\", and take the lasting secret away"
        )));
    }
    if fetched.is_shared {
        return Err(asked
            .config("it holds a secret that lasts, in a file that other users can read or write")
            .hint("make it private: chmod 600"));
    }
    let text = asked.sentence(&format!(
        "it holds a secret that lasts ({age}); a source that makes assertions anew each time would not"
    ));
    asked.observer.event(&Event::Warning { text: &text });
    Ok(())
}

/// Whether it is of no use to a thief for long.
fn ends_soon(assertion: &Assertion, now: u64) -> bool {
    match assertion {
        Assertion::Jwt(claims) => claims.expires.is_some_and(|expires| {
            let begins = claims.issued.unwrap_or(now).min(now);
            expires.saturating_sub(begins) <= limits::ASSERTION_TIME.as_secs()
        }),
        Assertion::Opaque => false,
    }
}

fn age(asked: &Asked<'_>, fetched: &Fetched, assertion: &Assertion) -> String {
    let issued = match assertion {
        Assertion::Jwt(claims) => claims.issued,
        Assertion::Opaque => None,
    };
    match issued.or(fetched.since) {
        Some(since) => format!("{} old", span(asked.now.saturating_sub(since))),
        None => "of unknown age".to_owned(),
    }
}
