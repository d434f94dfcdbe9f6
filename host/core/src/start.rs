//! How a flow begins. Mirrors `wit/types.wit`.

use crate::name::{Scope, SecretName, SettingName};
use crate::record::Method;
use crate::secret::Reference;
use crate::setting::Setting;

/// The start of a flow.
#[derive(Clone, Debug)]
pub struct Start {
    /// What is wanted.
    pub purpose: Purpose,
    /// The tenant's settings, without secrets.
    pub settings: Vec<Setting>,
    /// The way to sign in that the host chose.
    pub method: Method,
    /// The scopes to ask for, as policy left them.
    pub scopes: Vec<Scope>,
    /// Whether a client registration is at hand.
    pub registered: bool,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// A new grant.
    SignIn {
        /// Which account the person means.
        login_hint: Option<String>,
    },
    /// New tokens for a grant (RFC 6749 section 6).
    Refresh(StoredGrant),
    /// The end of a grant (RFC 7009).
    Revoke(StoredGrant),
    /// A token for someone or something else (RFC 8693).
    Exchange {
        /// The subject.
        subject: NamedReference,
        /// The audience asked for.
        audience: Option<String>,
    },
    /// A credential that hangs on a grant.
    Derive {
        /// The grant it hangs on.
        grant: StoredGrant,
        /// Name and value of the parameters that were given.
        parameters: Vec<(SettingName, String)>,
        /// Whether `choose` would reach a person.
        interactive: bool,
    },
    /// A new grant that meets a resource's challenge (RFC 9470).
    StepUp(StoredGrant),
}

impl Purpose {
    /// The word that stands in messages.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "sign-in",
            Self::Refresh(_) => "refresh",
            Self::Revoke(_) => "revocation",
            Self::Exchange { .. } => "exchange",
            Self::Derive { .. } => "derivation",
            Self::StepUp(_) => "step-up",
        }
    }
}

/// A grant that the host keeps, as the plugin sees it.
#[derive(Clone, Debug)]
pub struct StoredGrant {
    /// Its parts, by name.
    pub parts: Vec<NamedReference>,
}

/// A secret under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedReference {
    /// The name.
    pub name: SecretName,
    /// The secret, opaque.
    pub reference: Reference,
}
