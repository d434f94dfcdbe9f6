//! What came of a flow.

use super::transcript::{Names, line};
use crate::wit::{self, OutcomeOfFlow, Step};

/// A flow that has ended.
pub struct Run {
    pub(super) steps: Vec<Step>,
    pub(super) names: Names,
}

impl Run {
    /// What the plugin asked for, one line a step. References appear under the names of their secrets.
    #[must_use]
    pub fn transcript(&self) -> String {
        let lines: Vec<_> = self
            .steps
            .iter()
            .map(|step| line(step, &self.names))
            .collect();
        lines.join("\n")
    }

    /// All steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How the flow ended.
    #[must_use]
    pub fn last(&self) -> &Step {
        last(&self.steps)
    }

    /// The grant that the flow ended in. Panics if it ended otherwise.
    #[must_use]
    pub fn grant(&self) -> &wit::Grant {
        let Step::Finish(OutcomeOfFlow::Grant(grant)) = self.last() else {
            panic!("the flow ended in no grant:\n{}", self.transcript());
        };
        grant
    }

    /// The message that the flow failed with. Panics if it did not fail.
    #[must_use]
    pub fn failure(&self) -> &str {
        let Step::Fail(failure) = self.last() else {
            panic!("the flow did not fail:\n{}", self.transcript());
        };
        &failure.message
    }
}

pub(super) fn last(steps: &[Step]) -> &Step {
    steps
        .last()
        .unwrap_or_else(|| panic!("a flow has at least one step"))
}
