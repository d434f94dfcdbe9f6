//! What a record says: the single definition of its fields (POL-04). What does not apply is left out.
//!
//! No field holds a secret. A token is known by a keyed digest, which the caller brings (POL-05); an error by its stable code, and
//! never by its text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Characters of one text. Texts are bounded where they come from; what goes beyond is cut, since a record must always fit.
const TEXT_CHARS: usize = 256;

/// Items of one list.
const LIST_ITEMS: usize = 64;

/// Characters of a name or a digest that are kept in any case.
const NAME_CHARS: usize = 80;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A sign-in brought a grant.
    Issuance,
    /// A grant got new tokens.
    Refresh,
    /// A credential was made of a grant.
    Derive,
    /// A token was exchanged for one for somebody else (RFC 8693).
    Exchange,
    /// A credential was handed out.
    Release,
    /// Something was asked for and not done, or was begun and ended.
    Refusal,
    /// A grant was ended.
    Revocation,
    /// A person was asked.
    Consent,
    /// A tenant was added, approved or removed.
    Policy,
    /// A plugin was installed.
    Plugin,
    /// Something about the log itself.
    Log,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Issuance,
        Self::Refresh,
        Self::Derive,
        Self::Exchange,
        Self::Release,
        Self::Refusal,
        Self::Revocation,
        Self::Consent,
        Self::Policy,
        Self::Plugin,
        Self::Log,
    ];

    /// The word that stands in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuance => "issuance",
            Self::Refresh => "refresh",
            Self::Derive => "derive",
            Self::Exchange => "exchange",
            Self::Release => "release",
            Self::Refusal => "refusal",
            Self::Revocation => "revocation",
            Self::Consent => "consent",
            Self::Policy => "policy",
            Self::Plugin => "plugin",
            Self::Log => "log",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was done here, and the provider has not confirmed its part.
    Unconfirmed,
    /// It was refused: by a person, by policy, or because a plugin or a provider broke the rules.
    Refused,
    /// It did not work.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::Unconfirmed, Self::Refused, Self::Failed];

    /// The word that stands in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unconfirmed => "unconfirmed",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

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
    /// The client id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Who it is for: the subject of a validated ID token, or an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who acts for the subject (RFC 8693 section 4.1), where somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
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
    /// Of the log itself: what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Note>,
}

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Something about the log itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Note {
    /// The log begins here.
    Began,
    /// An unfinished line was taken away: a process was killed while it wrote.
    Repaired {
        /// Its bytes.
        bytes: u64,
    },
    /// Records that were never made durable are gone: the machine stopped, or somebody cut them off.
    Lost {
        /// The first of them.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The key of the records before is gone, or nobody held one. What was there is sealed with the new one, as it was found.
    KeyChanged {
        /// The id of the key before.
        before: String,
        /// The code of each file that was there, by its name.
        sealed: BTreeMap<String, String>,
    },
    /// The oldest records were removed, since the log has reached its limit.
    Pruned {
        /// The last of them.
        to: u64,
    },
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
            issuer: None,
            client: None,
            subject: None,
            actor: None,
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
            derived_for: None,
            token_ids: BTreeMap::new(),
            revoked: None,
            not_revoked: None,
            change: None,
            exceptions: None,
            sent: BTreeMap::new(),
            log: None,
        }
    }

    /// A record about the log itself.
    #[must_use]
    pub(crate) fn note(note: Note) -> Self {
        Self {
            log: Some(note),
            ..Self::new(Event::Log, Outcome::Done)
        }
    }

    /// With every text and list cut to what a record may have, and to less where that is still too much for one. What was cut says so.
    pub(crate) fn bounded(&self, bounds: Bounds) -> Self {
        let mut entry = self.clone();
        for text in [
            &mut entry.issuer,
            &mut entry.client,
            &mut entry.subject,
            &mut entry.actor,
            &mut entry.acr,
            &mut entry.plugin_version,
            &mut entry.derived_for,
        ]
        .into_iter()
        .flatten()
        {
            cut(text, bounds.chars);
        }
        for name in [
            &mut entry.during,
            &mut entry.tenant,
            &mut entry.method,
            &mut entry.device,
            &mut entry.session,
            &mut entry.plugin,
            &mut entry.plugin_digest,
        ]
        .into_iter()
        .flatten()
        {
            cut(name, bounds.name_chars());
        }
        if let Some(reason) = &mut entry.reason {
            cut(&mut reason.code, bounds.name_chars());
            cut(&mut reason.blame, bounds.name_chars());
            for name in [&mut reason.rule, &mut reason.cause].into_iter().flatten() {
                cut(name, bounds.name_chars());
            }
        }
        let mut given_up = None;
        if let Some(change) = &mut entry.change {
            cut(&mut change.what, bounds.name_chars());
            for name in [&mut change.before, &mut change.after]
                .into_iter()
                .flatten()
            {
                cut(name, bounds.name_chars());
            }
            given_up = change.given_up.as_mut();
        }
        for list in [
            entry.scopes_asked.as_mut(),
            entry.scopes_granted.as_mut(),
            entry.audience.as_mut(),
            entry.exceptions.as_mut(),
            entry.revoked.as_mut(),
            entry.not_revoked.as_mut(),
            given_up,
        ]
        .into_iter()
        .flatten()
        {
            let more = list.len().saturating_sub(bounds.items);
            list.truncate(bounds.items);
            list.iter_mut().for_each(|text| cut(text, bounds.chars));
            if more > 0 {
                list.push(format!("and {more} more"));
            }
        }
        bounds.token_ids(&mut entry.token_ids);
        bounds.sent(&mut entry.sent);
        entry
    }
}

/// How much of an entry is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Characters of a text that somebody else has chosen.
    chars: usize,
    /// Items of a list.
    items: usize,
}

impl Bounds {
    /// From what a record may have to what fits whatever it is.
    pub(crate) const ALL: [Self; 5] = [
        Self::new(TEXT_CHARS, LIST_ITEMS),
        Self::new(TEXT_CHARS / 2, LIST_ITEMS / 4),
        Self::new(TEXT_CHARS / 4, LIST_ITEMS / 8),
        Self::new(TEXT_CHARS / 8, LIST_ITEMS / 16),
        Self::new(TEXT_CHARS / 16, LIST_ITEMS / 64),
    ];

    const fn new(chars: usize, items: usize) -> Self {
        Self { chars, items }
    }

    /// Characters of a name or a digest, which says nothing any more if it is cut.
    fn name_chars(self) -> usize {
        self.chars.max(NAME_CHARS)
    }

    fn token_ids(self, ids: &mut BTreeMap<String, String>) {
        let mut more = 0_usize;
        for (at, (mut name, mut id)) in std::mem::take(ids).into_iter().enumerate() {
            cut(&mut name, self.name_chars());
            cut(&mut id, self.name_chars());
            if at >= self.items || ids.contains_key(&name) {
                more += 1;
            } else {
                ids.insert(name, id);
            }
        }
        if more > 0 {
            ids.insert("more".to_owned(), format!("and {more} more"));
        }
    }

    fn sent(self, sent: &mut BTreeMap<String, Sent>) {
        let (mut more, mut rest) = (0_usize, Sent::default());
        for (at, (mut role, mut to)) in std::mem::take(sent).into_iter().enumerate() {
            cut(&mut role, self.name_chars());
            cut(&mut to.to, self.chars);
            if at >= self.items || sent.contains_key(&role) {
                more += 1;
                rest.requests = rest.requests.saturating_add(to.requests);
                rest.body_bytes = rest.body_bytes.saturating_add(to.body_bytes);
                rest.plugin_bytes = rest.plugin_bytes.saturating_add(to.plugin_bytes);
            } else {
                sent.insert(role, to);
            }
        }
        if more > 0 {
            rest.to = format!("and {more} more");
            sent.insert("more".to_owned(), rest);
        }
    }
}

fn cut(text: &mut String, chars: usize) {
    if let Some((at, _)) = text.char_indices().nth(chars) {
        text.truncate(at);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_file() {
        for event in Event::ALL {
            assert_eq!(
                serde_json::to_value(event).unwrap(),
                serde_json::json!(event.as_str())
            );
        }
        for outcome in Outcome::ALL {
            assert_eq!(
                serde_json::to_value(outcome).unwrap(),
                serde_json::json!(outcome.as_str())
            );
        }
    }

    #[test]
    fn what_does_not_apply_is_left_out() {
        let entry = Entry::new(Event::Release, Outcome::Done);
        assert_eq!(
            serde_json::to_string(&entry).unwrap(),
            r#"{"event":"release","outcome":"done"}"#
        );
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        let entry = Entry {
            subject: Some("é".repeat(TEXT_CHARS + 1)),
            scopes_granted: Some(vec!["x".repeat(1000); LIST_ITEMS + 3]),
            ..Entry::new(Event::Issuance, Outcome::Done)
        }
        .bounded(Bounds::ALL[0]);
        assert!(entry.subject.unwrap().ends_with("é…"));
        let scopes = entry.scopes_granted.unwrap();
        assert_eq!(scopes.len(), LIST_ITEMS + 1);
        assert_eq!(scopes.last().unwrap(), "and 3 more");
        assert!(scopes[0].ends_with("x…"));
    }
}
