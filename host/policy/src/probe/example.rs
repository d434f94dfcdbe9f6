//! Machines as one meets them, for whoever asks what a policy would decide there without being there.

use std::collections::{BTreeMap, BTreeSet};

use super::{Platform, Probe, Surroundings};

/// A kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// A person's own, with a screen and a browser.
    Laptop,
    /// Another one, over SSH.
    Ssh,
    /// A container with a terminal and without a browser.
    Container,
    /// An automatic build.
    Ci,
}

impl Example {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Laptop, Self::Ssh, Self::Container, Self::Ci];

    /// The word that a command line has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Laptop => "laptop",
            Self::Ssh => "ssh",
            Self::Container => "container",
            Self::Ci => "ci",
        }
    }

    /// What would be found there.
    #[must_use]
    pub fn probe(self) -> Probe {
        let (variables, file, terminal, opener): (&[(&str, &str)], _, _, _) = match self {
            Self::Laptop => (
                &[("WAYLAND_DISPLAY", "wayland-0")],
                None,
                true,
                Some("xdg-open"),
            ),
            Self::Ssh => (
                &[("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")],
                None,
                true,
                None,
            ),
            Self::Container => (&[], Some("/.dockerenv"), true, None),
            Self::Ci => (&[("CI", "true")], None, false, None),
        };
        Probe::of(&Surroundings {
            platform: Platform::Unix,
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
            files: file
                .into_iter()
                .map(ToOwned::to_owned)
                .collect::<BTreeSet<_>>(),
            kernel: "6.1.0".to_owned(),
            terminal,
            users: None,
            opener: opener.map(ToOwned::to_owned),
            configured: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LocalBrowser, Reach};
    use super::*;

    #[test]
    fn each_is_what_it_is_called() {
        let probes = Example::ALL.map(Example::probe);
        let reach = probes.each_ref().map(|probe| probe.reach);
        assert_eq!(
            reach,
            [Reach::Here, Reach::Forwarded, Reach::Not, Reach::Not]
        );
        let person = probes.each_ref().map(|probe| probe.person);
        assert_eq!(person, [true, true, true, false]);
        let usable = probes
            .each_ref()
            .map(|probe| matches!(probe.browser, LocalBrowser::Usable(_)));
        assert_eq!(usable, [true, false, false, false]);
    }
}
