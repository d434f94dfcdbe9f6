//! Where a tenant keeps a secret.

use serde::{Deserialize, Serialize};

/// Where a secret setting is kept. Never the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SecretSource {
    /// A file that only this user can read; its first line is the secret.
    File(String),
    /// The store of this machine, where `vestibule tenant secret` puts it: sealed as a grant is.
    KeyStore,
    /// The person, who is asked for it each time it is needed. Nothing is kept.
    Prompt,
}
