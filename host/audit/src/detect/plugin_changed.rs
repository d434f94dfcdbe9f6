//! Another plugin than the one that was approved or used before, and no approval in between: what is pinned was changed behind the log.

use serde::{Deserialize, Serialize};

use super::{Rule, Seen, Unusual};
use crate::entry::Event;

/// The digest of a tenant's plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PluginChanged(Option<String>);

impl PluginChanged {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let digest = seen.entry.plugin_digest.as_ref()?;
        let approves = seen.done() == Some(Event::Policy)
            && (seen.entry.change.as_ref()).is_some_and(|change| change.what == "approved");
        if !approves && !seen.has_credentials() {
            return None;
        }
        let before = self.0.replace(digest.clone())?;
        (!approves && before != *digest).then(|| {
            Unusual::new(
                Rule::PluginChanged,
                format!("the plugin is {digest}, and nobody has approved that here"),
                before,
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, approved, habits, sign_in};
    use crate::entry::{Entry, Outcome};

    fn with(entry: Entry, digest: &str) -> Entry {
        Entry {
            plugin_digest: Some(digest.to_owned()),
            ..entry
        }
    }

    fn release() -> Entry {
        Entry {
            event: Event::Release,
            ..sign_in("browser")
        }
    }

    #[test]
    fn another_plugin_without_an_approval_is_noticed() {
        let story = Story::default()
            .entry(with(approved(), "sha256:aa"))
            .entry(with(sign_in("browser"), "sha256:aa"))
            .entry(with(release(), "sha256:bb"))
            .entry(with(release(), "sha256:bb"));
        assert_eq!(story.told(habits), [(3, Rule::PluginChanged)]);
    }

    #[test]
    fn an_update_that_was_approved_and_one_that_was_refused_are_usual() {
        let refused = Entry {
            event: Event::Refusal,
            outcome: Outcome::Refused,
            ..sign_in("browser")
        };
        let story = Story::default()
            .entry(with(approved(), "sha256:aa"))
            .entry(with(sign_in("browser"), "sha256:aa"))
            .entry(with(refused, "sha256:bb"))
            .entry(with(approved(), "sha256:bb"))
            .entry(with(release(), "sha256:bb"));
        assert_eq!(story.told(habits), []);
    }
}
