//! How long a key set is used and when it may be fetched again (JWK-01, JWK-04). Pure: the caller keeps the record, and shares it between
//! processes.

use serde::{Deserialize, Serialize};
use vestibule_core::limits;

/// What is remembered of an issuer's key set. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedKeys {
    /// The last set that could be fetched, as it came. Parsed anew each time, so that a damaged cache verifies nothing.
    pub text: Vec<u8>,
    /// When that was.
    pub fetched: u64,
    /// When a fetch was last tried, whether or not it succeeded. To be written *before* the attempt, under the issuer's lock.
    pub tried: u64,
}

/// Whether a fetch is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refetch {
    /// Yes, now.
    Now,
    /// Not before this many seconds have passed.
    CoolingDown(u64),
}

impl CachedKeys {
    /// Whether the set may still verify anything. A clock that ran backwards makes it stale.
    #[must_use]
    pub fn is_usable(&self, now: u64) -> bool {
        !self.text.is_empty()
            && now
                .checked_sub(self.fetched)
                .is_some_and(|age| age < limits::JWKS_MAX_AGE.as_secs())
    }

    /// Whether an unknown `kid`, or a set that is too old, may cause a fetch: at most one per cool-down period, by whoever comes first.
    #[must_use]
    pub fn refetch(&self, now: u64) -> Refetch {
        let pause = limits::JWKS_COOL_DOWN.as_secs();
        match now.checked_sub(self.tried) {
            Some(waited) if waited < pause => Refetch::CoolingDown(pause - waited),
            // A time in the future is of a clock that was set back; waiting for it could take years.
            Some(_) | None => Refetch::Now,
        }
    }

    /// Notes an attempt, before it is made.
    pub fn note_attempt(&mut self, now: u64) {
        self.tried = now;
    }

    /// Keeps what an attempt brought.
    pub fn note_success(&mut self, text: Vec<u8>, now: u64) {
        self.text = text;
        self.fetched = now;
    }
}
