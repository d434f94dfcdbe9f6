//! Wrong requests are slowed down, never counted against the attempt (RFC 8252 section 8.9, LOOP-07).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use vestibule_core::limits::{
    LISTENER_REFUSAL_BURST, LISTENER_REFUSAL_DELAY, LISTENER_REFUSAL_INTERVAL,
};

/// Spaces refusals out. The time at which the next one is due is all it has to remember.
#[derive(Debug)]
pub(super) struct Throttle(Mutex<Instant>);

impl Throttle {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    /// Waits for this refusal's turn.
    pub(super) async fn pause(&self) {
        sleep(self.delay(Instant::now())).await;
    }

    fn delay(&self, now: Instant) -> Duration {
        let mut due = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let allowance = LISTENER_REFUSAL_INTERVAL * LISTENER_REFUSAL_BURST;
        let earliest = now.checked_sub(allowance).unwrap_or(now);
        *due = (*due).clamp(earliest, now + LISTENER_REFUSAL_DELAY) + LISTENER_REFUSAL_INTERVAL;
        due.saturating_duration_since(now)
            .min(LISTENER_REFUSAL_DELAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_refusals_are_immediate_many_are_spaced_and_none_waits_long() {
        let throttle = Throttle::new();
        let now = Instant::now() + Duration::from_secs(60);
        let delays: Vec<_> = (0..1_000).map(|_| throttle.delay(now)).collect();
        let burst = LISTENER_REFUSAL_BURST as usize;
        assert!(delays[..burst].iter().all(Duration::is_zero));
        assert_eq!(delays[burst], LISTENER_REFUSAL_INTERVAL);
        assert!(delays.is_sorted());
        assert_eq!(delays.last(), Some(&LISTENER_REFUSAL_DELAY));

        let later = now + LISTENER_REFUSAL_DELAY * 3;
        assert!(throttle.delay(later).is_zero());
    }
}
