//! Time as the provider sees it: the machine's clock plus an offset that a test may move.
//!
//! Expiry is then a call, not a wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that only a test can push forward. Clones share the offset, so one clock can serve several providers.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// The machine's time, until it is advanced.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Seconds since the Unix epoch, as this provider believes.
    #[must_use]
    pub fn now(&self) -> u64 {
        machine_seconds().saturating_add(self.ahead.load(Ordering::SeqCst))
    }

    /// Moves the provider's time forward by whole seconds (a fraction is dropped). Tokens age at once.
    pub fn advance(&self, by: Duration) {
        self.ahead.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the one place of this crate that reads the machine's clock"
)]
fn machine_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_moves_with_its_original() {
        let clock = Clock::new();
        let before = clock.now();
        clock.clone().advance(Duration::from_secs(1_000));
        assert!(clock.now() >= before + 1_000);
    }
}
