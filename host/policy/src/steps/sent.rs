//! How much of a plugin's own a step sends (PLUG-16).

use vestibule_core::step::Step;

/// All bytes of the plugin's own that the step sends to the provider.
pub(super) fn bytes(step: &Step) -> usize {
    let mut sum = 0_usize;
    step.for_each_sent_text(&mut |text| sum = sum.saturating_add(text.len()));
    sum
}
