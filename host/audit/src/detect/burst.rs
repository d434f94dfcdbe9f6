//! Many sign-ins, renewals or tokens within a short time, over all tenants: a loop, or somebody who collects.
//!
//! Counted in spans of the clock, so that a number and a start are all that is kept. Every further full count of a span is told again.

use serde::{Deserialize, Serialize};
use vestibule_core::limits::{
    BURST_RELEASES, BURST_RELEASES_SECONDS, BURST_RENEWALS, BURST_SECONDS, BURST_SIGN_INS,
};

use super::{Rule, Seen, Unusual};
use crate::entry::Event;

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Bursts {
    sign_ins: Span,
    renewals: Span,
    releases: Span,
}

/// A span of the clock, and how often something happened in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    /// How many of its length were before it.
    at: u64,
    count: u32,
}

impl Bursts {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let (span, limit, seconds, what) = match seen.done()? {
            Event::Issuance => (
                &mut self.sign_ins,
                BURST_SIGN_INS,
                BURST_SECONDS,
                "sign-ins",
            ),
            Event::Refresh | Event::Derive | Event::Exchange => (
                &mut self.renewals,
                BURST_RENEWALS,
                BURST_SECONDS,
                "renewals",
            ),
            Event::Release => (
                &mut self.releases,
                BURST_RELEASES,
                BURST_RELEASES_SECONDS,
                "tokens handed out",
            ),
            Event::Refusal
            | Event::Revocation
            | Event::Consent
            | Event::Policy
            | Event::Plugin
            | Event::Alert
            | Event::Log => return None,
        };
        let at = seen.time / seconds;
        if span.at != at {
            *span = Span { at, count: 0 };
        }
        span.count = span.count.saturating_add(1);
        span.count.is_multiple_of(limit).then(|| {
            Unusual::new(
                Rule::Burst,
                format!("{} {what} within {seconds} seconds", span.count),
                format!("fewer than {limit}"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, pace};

    #[test]
    fn ten_sign_ins_within_ten_minutes_are_noticed() {
        let mut story = Story::default();
        for at in 0..u64::from(BURST_SIGN_INS) {
            story = story.at(6_000_000 + at, Event::Issuance);
        }
        assert_eq!(story.told(pace), [(10, Rule::Burst)]);
    }

    #[test]
    fn each_further_full_count_of_renewals_and_releases_is_noticed() {
        let mut story = Story::default();
        for _ in 0..2 * BURST_RENEWALS {
            story = story.at(6_000_000, Event::Refresh);
        }
        for _ in 0..BURST_RELEASES {
            story = story.at(6_000_000, Event::Release);
        }
        let found: Vec<u64> = story.told(pace).into_iter().map(|(at, _)| at).collect();
        assert_eq!(found, [30, 60, 60 + u64::from(BURST_RELEASES)]);
    }

    #[test]
    fn a_token_each_second_and_a_sign_in_each_hour_are_usual() {
        let mut story = Story::default();
        for at in 0..7_200 {
            story = story.at(6_000_000 + at, Event::Release);
            if at % 3_600 == 0 {
                story = story.at(6_000_000 + at, Event::Issuance);
            }
        }
        assert_eq!(story.told(pace), []);
    }

    #[test]
    fn what_was_refused_is_not_counted() {
        let mut story = Story::default();
        for _ in 0..50 {
            story = story.at(6_000_000, Event::Refusal);
        }
        assert_eq!(story.told(pace), []);
    }
}
