//! Credentials of many tenants within a short time: somebody takes what is there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use vestibule_core::limits::{BURST_SECONDS, MANY_TENANTS};

use super::{Rule, Seen, Unusual};
use crate::code;

/// Whose credentials came or went in a span of the clock. A tenant is known by the beginning of a digest: a head is small.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ManyTenants {
    at: u64,
    tenants: BTreeSet<String>,
}

impl ManyTenants {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let tenant = seen
            .entry
            .tenant
            .as_ref()
            .filter(|_| seen.has_credentials())?;
        let at = seen.time / BURST_SECONDS;
        if self.at != at {
            *self = Self {
                at,
                tenants: BTreeSet::new(),
            };
        }
        if self.tenants.len() >= MANY_TENANTS {
            return None;
        }
        let digest = Sha256::digest(tenant.as_bytes());
        let more = self.tenants.insert(code::hex(digest.get(..4)?));
        (more && self.tenants.len() == MANY_TENANTS).then(|| {
            Unusual::new(
                Rule::ManyTenants,
                format!("credentials of {MANY_TENANTS} tenants within {BURST_SECONDS} seconds"),
                "fewer",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, pace};
    use crate::entry::Event;

    fn tokens(tenants: usize, apart: u64) -> Story {
        let mut story = Story::default();
        for at in 0..tenants {
            let time = 6_000_000 + at as u64 * apart;
            story = story.of(&format!("tenant-{at}"), time, Event::Release);
        }
        story
    }

    #[test]
    fn whoever_takes_the_tokens_of_twenty_tenants_is_noticed() {
        assert_eq!(
            tokens(MANY_TENANTS + 5, 1).told(pace),
            [(MANY_TENANTS as u64, Rule::ManyTenants)]
        );
    }

    #[test]
    fn a_few_tenants_many_times_and_many_over_a_day_are_usual() {
        assert_eq!(tokens(MANY_TENANTS - 1, 1).told(pace), []);
        assert_eq!(tokens(10 * MANY_TENANTS, 300).told(pace), []);
        let mut story = Story::default();
        for at in 0..100 {
            story = story.of(&format!("tenant-{}", at % 3), 6_000_000, Event::Release);
        }
        assert_eq!(story.told(pace), []);
    }
}
