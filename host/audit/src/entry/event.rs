//! What happened, how it ended, and who had to do with it: words that stand in the file.

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A sign-in brought a grant.
    Issuance,
    /// A grant got new tokens.
    Refresh,
    /// A credential was made of a grant by its plugin.
    Derive,
    /// A token was exchanged for another one (RFC 8693): the same fields, and who acts for whom (WKL-06).
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
    /// Something unusual was about to happen, or had happened: see [`crate::detect`].
    Alert,
    /// Something about the log itself.
    Log,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 12] = [
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
        Self::Alert,
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
            Self::Alert => "alert",
            Self::Log => "log",
        }
    }

    /// Whether a provider gives something new by it.
    #[must_use]
    pub const fn brings_tokens(self) -> bool {
        match self {
            Self::Issuance | Self::Refresh | Self::Derive | Self::Exchange => true,
            Self::Release
            | Self::Refusal
            | Self::Revocation
            | Self::Consent
            | Self::Policy
            | Self::Plugin
            | Self::Alert
            | Self::Log => false,
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

/// Under whose authority (POL-10). A plugin or the host may act for them: see [`By`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Principal {
    /// Of a person, who has signed in.
    Person,
    /// Of a program, with an assertion of its own. Nobody has signed in.
    Workload,
}

impl Principal {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Person, Self::Workload];

    /// The word that stands in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Workload => "workload",
        }
    }
}

/// Who acted (POL-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A person, who was asked and has answered.
    Person,
    /// Whoever ran a command of this user that changes what is allowed. That may be a script.
    Operator,
    /// The plugin that the record names: it drove a flow for the principal.
    Plugin,
    /// The host alone.
    Host,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Person, Self::Operator, Self::Plugin, Self::Host];

    /// The word that stands in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Operator => "operator",
            Self::Plugin => "plugin",
            Self::Host => "host",
        }
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
        for principal in Principal::ALL {
            assert_eq!(
                serde_json::to_value(principal).unwrap(),
                serde_json::json!(principal.as_str())
            );
        }
        for by in By::ALL {
            assert_eq!(
                serde_json::to_value(by).unwrap(),
                serde_json::json!(by.as_str())
            );
        }
    }
}
