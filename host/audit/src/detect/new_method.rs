//! A sign-in in a way that nobody has used for this tenant.

use serde::{Deserialize, Serialize};

use super::habits::Known;
use super::{Rule, Seen, Unusual};

/// The ways of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct NewMethod(Known);

impl NewMethod {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let method = seen.entry.method.as_deref().filter(|_| seen.is_sign_in())?;
        let before = self.0.learn(method)?;
        Some(Unusual::new(
            Rule::NewMethod,
            format!("a sign-in by {method}"),
            before,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, accepted, habits, sign_in};

    #[test]
    fn the_first_sign_in_by_another_method_is_noticed() {
        let story = Story::default()
            .entry(sign_in("browser"))
            .entry(sign_in("device"))
            .entry(sign_in("device"))
            .entry(sign_in("workload"));
        assert_eq!(
            story.told(habits),
            [(2, Rule::NewMethod), (4, Rule::NewMethod)]
        );
    }

    #[test]
    fn the_first_of_all_and_what_was_used_before_are_usual() {
        let story = Story::default()
            .entry(sign_in("device"))
            .entry(sign_in("device"));
        assert_eq!(story.told(habits), []);
    }

    #[test]
    fn once_it_was_accepted_it_is_usual() {
        let story = Story::default()
            .entry(sign_in("browser"))
            .entry(accepted())
            .entry(sign_in("device"));
        assert_eq!(story.told(habits), []);
    }
}
