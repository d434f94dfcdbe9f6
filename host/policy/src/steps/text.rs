//! Text that a plugin sends (PLUG-14): bounded, and without a control character, which no honest value has and some server would read
//! as the end of a line.

use vestibule_core::limits::TEXT_BYTES;
use vestibule_core::step::Step;

use super::flow::Flow;
use super::{Refusal, sent};

pub(super) fn judge(_: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let mut problem = None;
    sent::for_each_text(step, &mut |text| {
        if text.len() > TEXT_BYTES {
            problem = Some(format!(
                "the plugin sends a text of {} bytes with \"{}\"",
                text.len(),
                step.as_str()
            ));
        } else if text.chars().any(char::is_control) {
            problem = Some(format!(
                "the plugin sends a control character with \"{}\"",
                step.as_str()
            ));
        }
    });
    problem.map_or(Ok(()), |reason| Err(Refusal::plugin(reason)))
}
