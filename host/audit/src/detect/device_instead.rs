//! A sign-in by device where people used the browser: the way that phishing takes, since the code can be entered anywhere.
//!
//! Other than [`super::new_method`] it goes on telling, until the device flow is usual itself.

use serde::{Deserialize, Serialize};

use super::{Rule, Seen, Unusual};

/// Sign-ins that are looked at.
const LAST: usize = 8;

/// So many by browser make it the usual way, if they are at least three of four.
const USUAL: usize = 3;

/// The last sign-ins of a tenant: whether they were by device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct DeviceInstead(Vec<bool>);

impl DeviceInstead {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let method = seen.entry.method.as_deref().filter(|_| seen.is_sign_in())?;
        let by_device = match method {
            "device" => true,
            "browser" => false,
            _ => return None,
        };
        let before = self.0.len();
        let browsers = self.0.iter().filter(|by_device| !**by_device).count();
        self.0.push(by_device);
        if self.0.len() > LAST {
            self.0.remove(0);
        }
        (by_device && browsers >= USUAL && browsers * 4 >= before * 3).then(|| {
            Unusual::new(
                Rule::DeviceInstead,
                "a sign-in by device",
                format!("{browsers} of the last {before} were by browser"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, only, sign_in};

    fn told(methods: &[&str]) -> Vec<u64> {
        let mut story = Story::default();
        for method in methods {
            story = story.entry(sign_in(method));
        }
        let told = story.told(only(Rule::DeviceInstead));
        told.into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn the_device_flow_after_browsers_is_noticed_until_it_is_usual() {
        let (b, d) = ("browser", "device");
        assert_eq!(told(&[b, b, b, d]), [4]);
        assert_eq!(told(&[b, b, b, b, d, d, d, d]), [5, 6]);
    }

    #[test]
    fn where_browsers_are_rare_or_other_ways_are_taken_it_is_usual() {
        let (b, d, w) = ("browser", "device", "workload");
        assert_eq!(told(&[b, b, d]), [0_u64; 0]);
        assert_eq!(told(&[d, d, b, b, b, d]), [0_u64; 0]);
        assert_eq!(told(&[b, b, b, b, w]), [0_u64; 0]);
    }
}
