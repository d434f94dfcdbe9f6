//! What a record says: the single definition of its fields (POL-04). What does not apply is left out.
//!
//! No field holds a secret. A token is known by a keyed digest, which the caller brings (POL-05); an error by its stable code, and
//! never by its text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod bounds;
mod event;
mod note;
mod parts;

pub(crate) use bounds::Bounds;
pub use event::{By, Event, Outcome, Principal};
pub use note::Note;
pub use parts::{Alert, Change, Reason, Sent};

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// How it ended.
    pub outcome: Outcome,
    /// Of a refusal: what was being done, as `sign-in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
    /// Of a refusal: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// How a grant was obtained: `browser`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The issuer, or what stands for it, character for character.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Under whose authority it happened; none where nobody's was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// Who acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The client id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Who it is for: the subject of a validated ID token, or an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The id of this installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The id of the grant: the same from its issuance to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The plugin's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// The plugin's version, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_version: Option<String>,
    /// The plugin's digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_digest: Option<String>,
    /// The scopes that were asked for; on a refresh, what was granted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes_asked: Option<Vec<String>>,
    /// The scopes that were granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes_granted: Option<Vec<String>>,
    /// The audience of the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Vec<String>>,
    /// How strongly the person authenticated, as the ID token says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// When the person authenticated, as the ID token says, in Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// Of an exchange: who acts for the subject, where somebody does (RFC 8693 section 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Of an exchange: what was exchanged, as RFC 8693 section 3 names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_token_type: Option<String>,
    /// Of a derived credential: for what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived_for: Option<String>,
    /// The keyed digest of each secret that was taken in or handed out, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub token_ids: BTreeMap<String, String>,
    /// Kinds of tokens that the provider has confirmed as revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Vec<String>>,
    /// Kinds of tokens that it has not: they may be valid until they expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_revoked: Option<Vec<String>>,
    /// What was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Exceptions of the network that were in force, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<Vec<String>>,
    /// What the flow sent, by the role of the endpoint (PLUG-16).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sent: BTreeMap<String, Sent>,
    /// Of an alert: what is unusual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    /// Of the log itself: what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Note>,
}

impl Entry {
    /// An entry of which nothing is known yet but this.
    #[must_use]
    pub fn new(event: Event, outcome: Outcome) -> Self {
        Self {
            event,
            outcome,
            during: None,
            reason: None,
            tenant: None,
            method: None,
            principal: None,
            by: None,
            issuer: None,
            client: None,
            subject: None,
            device: None,
            session: None,
            plugin: None,
            plugin_version: None,
            plugin_digest: None,
            scopes_asked: None,
            scopes_granted: None,
            audience: None,
            acr: None,
            auth_time: None,
            actor: None,
            subject_token_type: None,
            derived_for: None,
            token_ids: BTreeMap::new(),
            revoked: None,
            not_revoked: None,
            change: None,
            exceptions: None,
            sent: BTreeMap::new(),
            alert: None,
            log: None,
        }
    }

    /// A record about the log itself.
    #[must_use]
    pub(crate) fn note(note: Note) -> Self {
        Self {
            log: Some(note),
            by: Some(By::Host),
            ..Self::new(Event::Log, Outcome::Done)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_apply_is_left_out() {
        let entry = Entry::new(Event::Release, Outcome::Done);
        assert_eq!(
            serde_json::to_string(&entry).unwrap(),
            r#"{"event":"release","outcome":"done"}"#
        );
    }
}
