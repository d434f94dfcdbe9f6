//! What holds for every tenant of this machine, whatever a user's files say: the system's `policy.toml`.
//!
//! A lock is a bound. A tenant file may be stricter; one that is laxer is refused, and where it is silent, the bound takes the place of the
//! default. What that means for each key is said in `vestibule_policy::locks`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Span;
use super::identity::Accepted;
use super::policy::{AssertionAudience, Consent, OnAlert, Risk};
use super::written;
use crate::error::{Error, Result};
use crate::limits::TENANT_FILE_BYTES;
use crate::name::{PluginName, Scope};
use crate::record::Method;
use crate::url::Issuer;

/// The system's `policy.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locks {
    /// What holds for every tenant.
    pub all: Lock,
    /// What holds besides for the tenants of an issuer, by its identifier, character for character.
    pub issuer: BTreeMap<String, Lock>,
}

/// The file: the lock for every tenant stands at its top. (Serde's `flatten` would lose the lines.)
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    plugins: Option<Vec<PluginName>>,
    policy: PolicyLock,
    network: NetworkLock,
    issuer: BTreeMap<String, Lock>,
}

/// A bound for tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lock {
    /// The plugins that may be used.
    pub plugins: Option<Vec<PluginName>>,
    /// What a tenant's policy may say.
    pub policy: PolicyLock,
    /// Which exceptions of the network there may be.
    pub network: NetworkLock,
}

/// What a tenant's policy may say at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyLock {
    /// The ways to sign in, of which a tenant may have some.
    pub methods: Option<Vec<Method>>,
    /// The lowest risk that a tenant may be marked with.
    pub risk: Option<Risk>,
    /// The least often that a person is asked.
    pub consent: Option<Consent>,
    /// The least that an alert may mean.
    pub on_alert: Option<OnAlert>,
    /// The scopes that a tenant may ask for.
    pub scopes: Option<Vec<Scope>>,
    /// The audiences, of which a tenant may have some.
    pub audiences: Option<Vec<String>>,
    /// The longest `max_session`.
    pub max_session: Option<Span>,
    /// The longest `max_idle`.
    pub max_idle: Option<Span>,
    /// The longest `max_token`.
    pub max_token: Option<Span>,
    /// Who may sign in at most, and how they must have authenticated at least.
    pub identity: IdentityLock,
    /// `true`: every token must be bound.
    pub require_binding: Option<bool>,
    /// `false`: no tenant may set it.
    pub allow_unrotated_refresh_token: Option<bool>,
    /// `false`: no tenant may set it.
    pub allow_unknown_identity: Option<bool>,
    /// `false`: no tenant may set it.
    pub allow_unauthenticated_exchange: Option<bool>,
    /// `issuer`: no tenant may set it otherwise.
    pub client_assertion_audience: Option<AssertionAudience>,
    /// `false`: no tenant may set it.
    pub accept_unannounced_iss: Option<bool>,
}

/// Who may sign in at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityLock {
    /// The issuers, of which a tenant may have some.
    pub issuers: Option<Vec<String>>,
    /// The domains, of which a tenant may have some.
    pub email_domains: Option<Vec<String>>,
    /// The values of a claim, of which a tenant may have some.
    pub claims: BTreeMap<String, Vec<Accepted>>,
    /// The ways to have authenticated, of which a tenant may have some.
    pub acr: Option<Vec<String>>,
    /// The longest `max_age`.
    pub max_age: Option<Span>,
}

/// Which exceptions of the network there may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkLock {
    /// `false`: no tenant may set it.
    pub allow_loopback_http: Option<bool>,
    /// The hosts that may be named.
    pub private_hosts: Option<Vec<String>>,
}

impl Locks {
    /// Parses the file.
    ///
    /// # Errors
    /// Blames the configuration, and points at the line.
    pub fn parse(text: &str) -> Result<Self> {
        const FILE: &str = "policy.toml of the system";
        let refuse = |line, message: &str| {
            Error::config(
                "locks.syntax",
                format!("{}: {message}", written::at(FILE, line)),
            )
            .hint(
                "whoever administers this machine can mend it; until then nobody can sign in here",
            )
        };
        if text.len() as u64 > TENANT_FILE_BYTES {
            return Err(refuse(None, "it is too large"));
        }
        let file: File =
            written::parse(text).map_err(|misread| refuse(misread.line, &misread.message))?;
        for issuer in file.issuer.keys() {
            Issuer::parse(issuer).map_err(|problem| {
                let line = written::Written::new(text).line(&["issuer", issuer]);
                refuse(line, &format!("the table's name is no issuer: {problem}"))
            })?;
        }
        Ok(Self {
            all: Lock {
                plugins: file.plugins,
                policy: file.policy,
                network: file.network,
            },
            issuer: file.issuer,
        })
    }

    /// Whether nothing is locked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_hold_for_all_and_more_of_them_for_an_issuer() {
        let locks = Locks::parse(
            "plugins = [\"oidc\"]\n[policy]\nmethods = [\"browser\"]\nmax_session = \"12h\"\n[network]\nallow_loopback_http = false\n\
             [issuer.\"https://idp.example\".policy]\nrisk = \"high\"\nidentity.claims.tid = [\"a\"]\n",
        )
        .unwrap();
        assert_eq!(
            locks.all.policy.methods.as_deref(),
            Some([Method::Browser].as_slice())
        );
        assert_eq!(locks.all.network.allow_loopback_http, Some(false));
        let issuer = &locks.issuer["https://idp.example"];
        assert_eq!(issuer.policy.risk, Some(Risk::High));
        assert!(Locks::parse("").unwrap().is_empty());
    }

    /// A lock that nobody reads locks nothing.
    #[test]
    fn a_key_that_nobody_reads_is_an_error_with_its_line() {
        for (text, line, words) in [
            ("policies = 1", "line 1", "policies"),
            ("[policy]\nmethod = []", "line 2", "method"),
            ("[policy.device]\nscopes = []", "line 1", "device"),
            ("[network]\nallow_http = false", "line 2", "allow_http"),
            (
                "[issuer.\"https://idp.example\".polcy]\nrisk = \"high\"",
                "line 1",
                "polcy",
            ),
            (
                "[issuer.\"https://idp.example\"]\nissuer = {}",
                "line 2",
                "issuer",
            ),
            (
                "[issuer.\"idp\".policy]\nrisk = \"high\"",
                "line 1",
                "no issuer",
            ),
            ("[policy]\nrisk = \"low\"", "line 2", "low"),
            ("plugins = ", "line 1", ""),
        ] {
            let error = Locks::parse(text).unwrap_err();
            assert_eq!(error.code(), "locks.syntax");
            assert!(error.message().contains(line), "{text}: {error}");
            assert!(error.message().contains(words), "{text}: {error}");
        }
    }
}
