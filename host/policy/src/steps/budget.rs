//! Budgets of one flow (law 4, PLUG-16): steps, requests, questions, and bytes of the plugin's own.

use vestibule_core::limits::{FLOW_CHOICES, FLOW_REQUESTS, FLOW_SENT_BYTES, FLOW_STEPS};
use vestibule_core::step::Step;

use super::flow::{Flow, reaches_provider};
use super::{Refusal, sent};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let over = |what: &str| {
        Err(Refusal::plugin(format!(
            "the plugin used up the flow's budget of {what}"
        )))
    };
    if flow.steps >= FLOW_STEPS {
        return over(&format!("{FLOW_STEPS} steps"));
    }
    if flow.requests >= FLOW_REQUESTS && reaches_provider(step) {
        return over(&format!("{FLOW_REQUESTS} requests"));
    }
    if flow.choices >= FLOW_CHOICES && matches!(step, Step::Choose(_)) {
        return over(&format!("{FLOW_CHOICES} questions"));
    }
    if flow.sent_bytes.saturating_add(sent::bytes(step)) > FLOW_SENT_BYTES {
        return over(&format!("{FLOW_SENT_BYTES} bytes to send"));
    }
    Ok(())
}
