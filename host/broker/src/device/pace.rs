//! How often a device asks, and how long (RFC 8628 section 3.5; DEV-02, DEV-03, DEV-05 to DEV-07). Pure: times are those of a steady
//! clock, and waits are counted from the previous answer.

use std::time::Duration;

use vestibule_core::limits::{DEVICE_SLOW_DOWN, DEVICE_TIME};
use vestibule_core::{Error, Result, TenantName};

/// The pace of one device code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    interval: Duration,
    deadline: Duration,
}

/// What came of a question, if it has to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// `authorization_pending`
    Pending,
    /// `slow_down`
    SlowDown,
    /// No answer: the connection failed or took too long.
    Nothing,
}

impl Pace {
    /// The pace of a code that was given just now.
    ///
    /// # Errors
    /// If there would be no time for a single question: then nothing should be shown.
    pub(super) fn begin(now: Duration, interval: Duration, expires_in: Duration) -> Result<Self> {
        let pace = Self {
            interval,
            deadline: now.saturating_add(expires_in.min(DEVICE_TIME)),
        };
        if pace.is_too_late_after(now) {
            return Err(Error::provider(
                "device.interval",
                format!(
                    "the provider wants to be asked every {} s, which is longer than its code is good; no code was shown",
                    interval.as_secs()
                ),
            ));
        }
        Ok(pace)
    }

    /// The wait before the first question.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// How long the code is still asked about.
    pub(super) fn left(&self, now: Duration) -> Duration {
        self.deadline.saturating_sub(now)
    }

    /// The wait before the next question. It never shrinks.
    ///
    /// # Errors
    /// If it would be over only when the code is too: by whose fault depends on why it is so long. A new code takes a new command.
    pub(super) fn next(
        &mut self,
        now: Duration,
        heard: Heard,
        tenant: &TenantName,
    ) -> Result<Duration> {
        self.interval = match heard {
            Heard::Pending => self.interval,
            Heard::SlowDown => self.interval.saturating_add(DEVICE_SLOW_DOWN),
            Heard::Nothing => self.interval.saturating_mul(2),
        };
        if !self.is_too_late_after(now) {
            return Ok(self.interval);
        }
        let again = format!("for a new code run: vestibule login {tenant} --method device");
        Err(match heard {
            Heard::Pending => Error::user(
                "device.expired",
                "nobody has entered the code in time; nothing was stored",
            )
            .hint(again),
            Heard::SlowDown => Error::provider(
                "device.slow_down",
                "the provider asks to be asked less and less often, until after its code has expired",
            )
            .hint(again),
            Heard::Nothing => Error::network(
                "device.unreachable",
                "the provider did not answer any more until the code was about to expire",
            )
            .hint(again),
        })
    }

    fn is_too_late_after(&self, now: Duration) -> bool {
        now.saturating_add(self.interval) >= self.deadline
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::Blame;

    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn tenant() -> TenantName {
        TenantName::parse("work").unwrap()
    }

    /// When questions are asked, if each is answered at once and likewise, and what ends them.
    fn asked(interval: u64, expires_in: u64, heard: Heard) -> (Vec<u64>, Error) {
        let began = seconds(1_000);
        let mut pace = Pace::begin(began, seconds(interval), seconds(expires_in)).unwrap();
        let (mut now, mut times, mut wait) = (began, Vec::new(), pace.interval());
        loop {
            now += wait;
            times.push((now - began).as_secs());
            assert!(times.len() < 10_000, "this never ends");
            wait = match pace.next(now, heard, &tenant()) {
                Ok(wait) => wait,
                Err(error) => return (times, error),
            };
        }
    }

    #[test]
    fn each_wait_is_the_interval_and_counts_from_the_answer_before() {
        assert_eq!(asked(5, 22, Heard::Pending).0, [5, 10, 15, 20]);
        assert_eq!(asked(1, 4, Heard::Pending).0, [1, 2, 3]);
        assert_eq!(asked(10, 31, Heard::Pending).0, [10, 20, 30]);
        // An answer that took long does not shorten the next wait.
        let mut pace = Pace::begin(seconds(0), seconds(5), seconds(300)).unwrap();
        let wait = pace.next(seconds(29), Heard::Pending, &tenant()).unwrap();
        assert_eq!(wait, seconds(5));
    }

    #[test]
    fn slowing_down_is_for_good_and_silence_doubles() {
        use Heard::{Nothing, Pending, SlowDown};
        let mut pace = Pace::begin(seconds(0), seconds(1), seconds(500)).unwrap();
        let heard = [
            SlowDown, Pending, SlowDown, SlowDown, Pending, Nothing, Nothing, Pending,
        ];
        let waits = heard.map(|heard| pace.next(seconds(9), heard, &tenant()).unwrap().as_secs());
        assert_eq!(waits, [6, 6, 11, 16, 16, 32, 64, 64]);
    }

    #[test]
    fn it_ends_before_a_wait_that_the_code_does_not_outlive() {
        for (heard, times, code, blame) in [
            (
                Heard::Pending,
                vec![5, 10, 15],
                "device.expired",
                Blame::User,
            ),
            (
                Heard::SlowDown,
                vec![5],
                "device.slow_down",
                Blame::Provider,
            ),
            (
                Heard::Nothing,
                vec![5],
                "device.unreachable",
                Blame::Network,
            ),
        ] {
            // Twenty seconds end where they end: at that moment nobody asks any more.
            let (asked, error) = asked(5, if heard == Heard::Pending { 20 } else { 15 }, heard);
            assert_eq!((asked, error.code(), error.blame()), (times, code, blame));
            let hint = error.next_step().unwrap();
            assert!(
                hint.contains("vestibule login work --method device"),
                "{hint}"
            );
        }
    }

    #[test]
    fn what_is_left_counts_down_to_nothing() {
        let pace = Pace::begin(seconds(1_000), seconds(5), seconds(60)).unwrap();
        for (now, left) in [(1_000, 60), (1_059, 1), (1_060, 0), (2_000, 0)] {
            assert_eq!(pace.left(seconds(now)), seconds(left), "{now}");
        }
    }

    // proves: DEV-07
    #[test]
    fn no_pace_lasts_longer_than_the_hosts_own_limit() {
        for heard in [Heard::Pending, Heard::SlowDown, Heard::Nothing] {
            let (times, _) = asked(1, u64::MAX, heard);
            assert!(
                times.iter().all(|time| *time < DEVICE_TIME.as_secs()),
                "{heard:?}"
            );
        }
        for (interval, expires_in) in [
            (5, 5),
            (600, 1_000_000_000_000),
            (1_000_000_000, 600),
            (u64::MAX, u64::MAX),
            (1, 1),
        ] {
            let refused = Pace::begin(seconds(7), seconds(interval), seconds(expires_in));
            assert_eq!(refused.unwrap_err().code(), "device.interval", "{interval}");
        }
    }

    #[test]
    fn who_waits_reads_why_it_ended_before_the_flow_does() {
        use vestibule_core::limits::{EXCHANGE_TIME, FLOW_TIME};
        assert!(DEVICE_TIME + EXCHANGE_TIME <= FLOW_TIME);
    }
}
