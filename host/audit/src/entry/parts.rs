//! What a record says in more than one word.

use serde::{Deserialize, Serialize};

use super::Event;

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The stable code of the error.
    pub code: String,
    /// Who is to blame for it.
    pub blame: String,
    /// The rule of policy that refused, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The code of the error behind it, where a grant has ended because of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// A change of what is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What was done: `added`, `approved`, `removed`, `installed`.
    pub what: String,
    /// The digest of what was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The digest of what is there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Protections that were given up, in words (DISC-07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<Vec<String>>,
}

/// What a flow sent to one role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Where to: the origin.
    pub to: String,
    /// Requests.
    pub requests: u64,
    /// Bytes of their bodies, the host's own fields and secrets included.
    pub body_bytes: u64,
    /// Bytes that the plugin chose: scopes, parameters, names and values of its fields.
    pub plugin_bytes: u64,
}

/// Something unusual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The rule that noticed it: a name of [`crate::detect::Rule`].
    pub rule: String,
    /// What was about to be recorded.
    pub about: Event,
    /// What was seen, in the host's words.
    pub seen: String,
    /// What is usual, in the host's words.
    pub usual: String,
}
