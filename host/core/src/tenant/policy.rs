//! What is allowed for a tenant: the table `[policy]`.

use serde::{Deserialize, Serialize};

use super::identity::IdentityPolicy;
use super::span::Span;
use crate::name::Scope;
use crate::record::{Method, Namespace};

/// How much harm a stolen grant of this tenant would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// The approval counts as consent for each sign-in.
    #[default]
    Normal,
    /// Each sign-in asks, nothing is done that cannot be recorded, and a sign-in by device keeps no refresh token.
    High,
}

impl Risk {
    /// The word that stands in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// When a person is asked whether to sign in (UI-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Once, when the tenant is approved.
    #[default]
    Approval,
    /// At each sign-in too.
    EachSignIn,
}

impl Consent {
    /// The word that stands in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::EachSignIn => "each_sign_in",
        }
    }
}

/// What is allowed for a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantPolicy {
    /// The ways to sign in. Absent: the browser. A person's ways (`browser`, `device`) and a workload's cannot stand together.
    pub methods: Option<Vec<Method>>,
    /// How much harm a stolen grant of this tenant would do. Absent: `normal`.
    pub risk: Risk,
    /// When a person is asked whether to sign in. Absent: `approval`, or `each_sign_in` for a tenant of high risk, which always asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// The scopes to ask for, in place of the plugin's own.
    pub scopes: Option<Vec<Scope>>,
    /// The resource servers that a token may be for: resource indicators (RFC 8707), and audiences of a token exchange (RFC 8693).
    /// Absent: any; for an exchange, those alone that the plugin's settings name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audiences: Option<Vec<String>>,
    /// The longest life of a grant on this machine, from the sign-in on. Absent: 30 days.
    pub max_session: Option<Span>,
    /// The longest time that a grant may lie unused. Absent: no limit but `max_session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_idle: Option<Span>,
    /// The longest life of an access token, whatever the provider grants. Absent: a day.
    pub max_token: Option<Span>,
    /// Who may sign in, and how they must have authenticated.
    #[serde(skip_serializing_if = "IdentityPolicy::is_default")]
    pub identity: IdentityPolicy,
    /// What a sign-in by device may bring, which less protects than one by browser.
    #[serde(skip_serializing_if = "DevicePolicy::is_default")]
    pub device: DevicePolicy,
    /// Take no token that whoever copies it could use: it must be bound to a key of this machine (DPoP, RFC 9449).
    #[serde(skip_serializing_if = "is_false")]
    pub require_binding: bool,
    /// Keep a refresh token of a public client that is neither rotated nor sender-constrained (RFC 9700 section 2.2.2).
    pub allow_unrotated_refresh_token: bool,
    /// Sign in although it is not known who has signed in.
    pub allow_unknown_identity: bool,
    /// What it means that the audit log shows something unusual (POL-07). Absent: `warn`, or `refuse` for a tenant of high risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_alert: Option<OnAlert>,
    /// Exchange tokens although the client does not authenticate (RFC 8693 section 2.1).
    pub allow_unauthenticated_exchange: bool,
    /// Whom a client's assertions are for (RFC 7523 section 3). Absent: `issuer`.
    pub client_assertion_audience: AssertionAudience,
    /// Accept an `iss` in authorization responses although the metadata does not announce it (RFC 9207 section 2.4).
    pub accept_unannounced_iss: bool,
    /// The scopes that this machine's policy leaves to the tenant. Not of the file: [`super::Locks`] set it.
    #[serde(skip)]
    pub scopes_within: Option<Vec<Scope>>,
}

impl TenantPolicy {
    /// When a person is asked. A tenant of high risk always asks.
    #[must_use]
    pub fn consent(&self) -> Consent {
        match self.risk {
            Risk::High => Consent::EachSignIn,
            Risk::Normal => self.consent.unwrap_or_default(),
        }
    }

    /// What an alert means. A false alarm costs a look at it and a command; where a stolen grant would cost more, it is refused.
    #[must_use]
    pub fn on_alert(&self) -> OnAlert {
        self.on_alert.unwrap_or(match self.risk {
            Risk::Normal => OnAlert::Warn,
            Risk::High => OnAlert::Refuse,
        })
    }

    /// Whose credentials the tenant is for. Without a word, a person's.
    #[must_use]
    pub fn namespace(&self) -> Namespace {
        match &self.methods {
            Some(methods) if methods.contains(&Method::Workload) => Namespace::Workload,
            Some(_) | None => Namespace::Person,
        }
    }

    /// A sentence for each line that gives up a protection of the client's, to be shown on each run (POL-09).
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.allow_unauthenticated_exchange {
            warnings.push(
                "tokens are exchanged although the client does not authenticate (policy.allow_unauthenticated_exchange)"
                    .to_owned(),
            );
        }
        if self.client_assertion_audience == AssertionAudience::TokenEndpoint {
            warnings.push(
                "the client's assertions name the token endpoint in place of the issuer (policy.client_assertion_audience)"
                    .to_owned(),
            );
        }
        warnings
    }
}

/// What it means that something is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnAlert {
    /// The person is warned, and it goes on.
    Warn,
    /// Nothing is asked of the provider, and nothing handed out.
    Refuse,
}

impl OnAlert {
    /// The word that stands in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}

/// The audience of a client's assertions (RFC 7523 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The issuer identifier, as draft-ietf-oauth-rfc7523bis demands.
    #[default]
    Issuer,
    /// The URL of the token endpoint, for providers that accept nothing else. It must be on the issuer's own host.
    TokenEndpoint,
}

/// What a sign-in by device (RFC 8628) may bring. Whether there is one at all, `policy.methods` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DevicePolicy {
    /// The scopes to ask for, of those that are asked for otherwise, and `offline_access`. Absent: all of those, without
    /// `offline_access`.
    pub scopes: Option<Vec<Scope>>,
    /// The longest life of such a grant on this machine. Absent: half a day. Never longer than `max_session`.
    pub max_session: Option<Span>,
}

impl DevicePolicy {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

// `skip_serializing_if` hands it over so.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !*value
}
