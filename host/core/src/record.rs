//! What outlives a flow: grants, registrations and derived credentials, with their secrets still wrapped.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::{Scope, SecretName, TenantName};
use crate::secret::{Secret, SecretKind};

/// What a record is. Part of what its sealing is bound to (LOC-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// The result of a sign-in.
    Grant,
    /// A client registration.
    Registration,
    /// A credential that hangs on a grant.
    Derived,
    /// A secret setting of a tenant, which the operator has put here.
    Setting,
}

impl RecordKind {
    /// Whether it is the client's, whoever signs in: it stays at a sign-out, and goes with the tenant.
    #[must_use]
    pub const fn is_the_clients(self) -> bool {
        match self {
            Self::Registration | Self::Setting => true,
            Self::Grant | Self::Derived => false,
        }
    }

    /// The word that stands in files and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Registration => "registration",
            Self::Derived => "derived",
            Self::Setting => "setting",
        }
    }
}

/// Whose credentials a record holds (WKL-01). Part of what its sealing is bound to: neither ever stands in for the other.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Namespace {
    /// A person's, or the client's, whoever signs in.
    #[default]
    Person,
    /// A workload's.
    Workload,
}

impl Namespace {
    /// The word that stands in files and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Workload => "workload",
        }
    }

    const fn is_a_persons(&self) -> bool {
        matches!(self, Self::Person)
    }
}

/// Which record it is. Two records with different labels never stand in for each other: the label is authenticated with the
/// ciphertext, and names the file (LOC-04, LOC-07).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Label {
    /// What it is.
    pub kind: RecordKind,
    /// Whose credentials.
    #[serde(default, skip_serializing_if = "Namespace::is_a_persons")]
    pub namespace: Namespace,
    /// The tenant.
    pub tenant: TenantName,
    /// The issuer, or what stands for it, character for character.
    pub issuer: String,
    /// The environment that it is for. Empty for a tenant that names none (WKL-07).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub environment: String,
    /// The client id. Empty for a client that registers itself, since its id changes with each registration.
    pub client_id: String,
    /// Who it is for: the subject of a validated ID token, or an account. Empty if unknown, for a workload, which is the client itself,
    /// and for registrations.
    pub subject: String,
    /// For a derived credential: its parameters, sorted, as `name=value` joined by `,`; of an exchange, `audience:` and the audience. For
    /// a setting: its name.
    pub derived_for: String,
}

/// One secret of a record.
#[derive(Debug)]
pub struct Part {
    /// `access_token`, `refresh_token`, or the name of a declared secret.
    pub name: SecretName,
    /// What it is, and so where it may go.
    pub kind: SecretKind,
    /// The secret.
    pub secret: Secret,
}

/// How a grant was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Authorization code with PKCE over a loopback redirect.
    Browser,
    /// The device authorization grant.
    Device,
    /// A workload's own assertion.
    Workload,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Method {
    /// The word that stands in files and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Device => "device",
            Self::Workload => "workload",
        }
    }
}

/// What a grant is in the first place, and so what `token` hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Primary {
    /// OAuth tokens: the access token.
    Oauth,
    /// Keys of a cloud account: all parts.
    CloudKeys,
    /// Something else: all parts.
    Opaque,
}

/// What is known of a record besides its secrets. Sealed with them, since who signed in where is nobody else's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What it is in the first place.
    pub primary: Primary,
    /// How it was obtained.
    pub method: Method,
    /// For display and for `--account`: a name for the subject, where one was read. Never an identity.
    pub account: Option<String>,
    /// What was granted.
    pub scopes: Vec<Scope>,
    /// When the sign-in was, in Unix seconds.
    pub signed_in_at: u64,
    /// When the record was last renewed, in Unix seconds.
    pub renewed_at: u64,
    /// When what is handed out expires, in Unix seconds.
    pub expires_at: u64,
    /// When the record ends at the latest, whatever the provider grants, in Unix seconds.
    pub ends_at: u64,
    /// The digest of the plugin that made it, `sha256:…`.
    pub plugin: String,
    /// The fingerprint of what was approved when it was made. A record is not used under another approval.
    pub approval: String,
    /// What a later ID token must agree with (OIDC Core section 12.2), as the broker wrote it.
    pub id_token: Option<String>,
    /// The fingerprint of what the tenant's policy asked of the person when it was made. Absent if it asked for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_by: Option<String>,
    /// For a registration: the `client_id`. For a grant: that of the client that registered itself and obtained it.
    pub client_id: Option<String>,
    /// Who acts for the subject (RFC 8693 section 4.1), where somebody does: a name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// A record: what it is, what is known of it, and its secrets.
#[derive(Debug)]
pub struct Record {
    /// Which record it is.
    pub label: Label,
    /// What is known of it.
    pub facts: Facts,
    /// Its secrets.
    pub parts: Vec<Part>,
}

impl Record {
    /// The part of this name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name.as_str() == name)
    }
}
