//! Exceptions for the network.

use serde::{Deserialize, Serialize};

use crate::text::Shown;

/// Exceptions for the network. Each is shown on each run (POL-09).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkExceptions {
    /// Plain http to loopback IP literals: for practice and test providers.
    pub allow_loopback_http: bool,
    /// Hosts that may have private addresses, by name.
    pub private_hosts: Vec<String>,
}

impl NetworkExceptions {
    /// A sentence for each exception in force.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.allow_loopback_http {
            warnings.push(
                "plain http to loopback addresses is allowed (network.allow_loopback_http)"
                    .to_owned(),
            );
        }
        if !self.private_hosts.is_empty() {
            let hosts = self.private_hosts.join(", ");
            warnings.push(format!(
                "private addresses are allowed for {} (network.private_hosts)",
                Shown::new(&hosts)
            ));
        }
        warnings
    }
}
