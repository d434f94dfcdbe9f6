//! Who may sign in to a tenant, and how they must have authenticated: the table `[policy.identity]` (POL-01, POL-11).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::span::Span;

/// Who may sign in, and how they must have authenticated. Judged by validated claims of the ID token, never by what was typed or asked
/// for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityPolicy {
    /// The issuers that may vouch, character for character. Absent: the one that was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuers: Option<Vec<String>>,
    /// The domains of the person's e-mail address, which the provider must say it has verified (`email`, `email_verified`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_domains: Option<Vec<String>>,
    /// Claims that the ID token must have, each with the values of which one will do: `tid`, `hd`, `groups`. A claim that is a list
    /// must have one of the values among its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Vec<Accepted>>,
    /// How the person must have authenticated: one of these (`acr`), the preferred one first. It is asked for (`acr_values`), and the
    /// ID token must confirm it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Vec<String>>,
    /// The longest time since the person has authenticated at the provider. It is asked for (`max_age`), the ID token must confirm it
    /// (`auth_time`), and a grant is not used any more once it has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Span>,
}

/// A value that a claim may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Accepted {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text, which must be the same character for character.
    Text(String),
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl IdentityPolicy {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an ID token has to show something beyond its issuer.
    #[must_use]
    pub fn asks_for_claims(&self) -> bool {
        self.email_domains.is_some()
            || !self.claims.is_empty()
            || self.acr.is_some()
            || self.max_age.is_some()
    }
}
