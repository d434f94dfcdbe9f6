//! Questions to the person (law 5): few, answerable, and only where somebody is there to answer.

use std::collections::HashSet;

use vestibule_core::limits::{CHOICE_OPTIONS, TEXT_BYTES};
use vestibule_core::step::Step;

use super::Refusal;
use super::flow::{Flow, Goal};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::Choose(choice) = step else {
        return Ok(());
    };
    if flow.goal == (Goal::Derive { interactive: false }) {
        return Err(Refusal::policy(
            "there is nobody to ask: name what is wanted with --for",
        ));
    }
    if !(1..=CHOICE_OPTIONS).contains(&choice.options.len()) {
        return Err(Refusal::plugin(format!(
            "the plugin asks the person to choose among {} options",
            choice.options.len()
        )));
    }
    let mut ids = HashSet::new();
    for option in &choice.options {
        if [&choice.what, &option.id, &option.label]
            .into_iter()
            .any(|text| text.is_empty() || text.len() > TEXT_BYTES)
        {
            return Err(Refusal::plugin(
                "the plugin asks the person with a text that is empty or too long",
            ));
        }
        if !ids.insert(&option.id) {
            return Err(Refusal::plugin(
                "the plugin asks the person to choose between two options of one id",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {

    use crate::steps::testing::{Case, choose, derive, sign_in};

    use super::*;

    #[test]
    fn questions_can_be_answered() {
        let case = Case::oidc(sign_in());
        case.denies("choices", vec![choose(&[])]);
        case.denies("choices", vec![choose(&["a", "a"])]);
        case.denies("choices", vec![choose(&["a", ""])]);
        let mut longest = choose(&["a"]);
        if let Step::Choose(choice) = &mut longest {
            choice.options[0].label = "x".repeat(TEXT_BYTES);
        }
        case.allows(vec![longest]);
        let long = "x".repeat(TEXT_BYTES + 1);
        case.denies("choices", vec![choose(&[&long])]);
        let ids: Vec<_> = (0..=CHOICE_OPTIONS).map(|n| n.to_string()).collect();
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        case.denies("choices", vec![choose(&ids)]);
        case.allows(vec![choose(&ids[1..])]);
        let denied = Case::identity_center(derive(false)).denies("choices", vec![choose(&["a"])]);
        assert!(!denied.plugins_fault && denied.reason.contains("--for"));
    }
}
