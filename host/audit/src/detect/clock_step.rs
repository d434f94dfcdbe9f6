//! The machine's clock went back: lifetimes are measured by it, and the log is ordered by it.
//!
//! A clock that went forward cannot be told from a machine that was off. It shows when it is put right.

use serde::{Deserialize, Serialize};
use vestibule_core::limits::CLOCK_STEP_SECONDS;

use super::{Rule, Seen, Unusual};

/// When the last record was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ClockStep(u64);

impl ClockStep {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let back = self.0.saturating_sub(seen.time);
        self.0 = seen.time;
        (back > CLOCK_STEP_SECONDS).then(|| {
            Unusual::new(
                Rule::ClockStep,
                format!("the clock is {back} seconds behind the record before"),
                "it goes on",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, pace};
    use crate::entry::Event;

    #[test]
    fn a_clock_that_went_back_by_minutes_is_noticed_once() {
        let story = Story::default()
            .at(100_000, Event::Release)
            .at(99_000, Event::Release)
            .at(99_010, Event::Release);
        assert_eq!(story.told(pace), [(2, Rule::ClockStep)]);
    }

    #[test]
    fn processes_that_finish_in_another_order_and_long_pauses_are_usual() {
        let story = Story::default()
            .at(100_000, Event::Release)
            .at(99_990, Event::Release)
            .at(100_000 + 400 * 86_400, Event::Release);
        assert_eq!(story.told(pace), []);
    }
}
