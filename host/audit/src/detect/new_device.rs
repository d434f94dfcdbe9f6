//! A sign-in on another installation than those before: the log was carried elsewhere, or the installation was made anew around it.

use serde::{Deserialize, Serialize};

use super::habits::Known;
use super::{Rule, Seen, Unusual};

/// The installations of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct NewDevice(Known);

impl NewDevice {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let device = seen.entry.device.as_deref().filter(|_| seen.is_sign_in())?;
        let before = self.0.learn(device)?;
        Some(Unusual::new(
            Rule::NewDevice,
            format!("a sign-in on the device {device}"),
            before,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, habits, sign_in};
    use crate::entry::Entry;

    fn on(device: &str) -> Entry {
        Entry {
            device: Some(device.to_owned()),
            ..sign_in("browser")
        }
    }

    #[test]
    fn a_sign_in_on_another_installation_is_noticed_once() {
        let story = Story::default()
            .entry(on("aa"))
            .entry(on("bb"))
            .entry(on("bb"));
        assert_eq!(story.told(habits), [(2, Rule::NewDevice)]);
    }

    #[test]
    fn the_first_one_and_those_that_are_known_are_usual() {
        let story = Story::default()
            .entry(on("aa"))
            .entry(on("aa"))
            .entry(Entry {
                tenant: Some("other".to_owned()),
                ..on("bb")
            });
        assert_eq!(story.told(habits), []);
    }
}
