//! How a workload signs in: by which grant, with what it presents of itself.

use crate::settings::SettingType;
use crate::wit::{SettingKind, SettingValue};

/// The grant of a workload, as a tenant file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkloadGrant {
    /// `client_credentials` (RFC 6749 section 4.4): the client in its own name.
    ClientCredentials,
    /// `jwt_bearer` (RFC 7523 section 2.1): an assertion of the workload's platform.
    JwtBearer,
    /// `token_exchange` (RFC 8693): such an assertion, exchanged.
    TokenExchange,
}

impl WorkloadGrant {
    const ALL: [(&str, Self); 3] = [
        ("client_credentials", Self::ClientCredentials),
        ("jwt_bearer", Self::JwtBearer),
        ("token_exchange", Self::TokenExchange),
    ];

    /// Whether it presents an assertion.
    #[must_use]
    pub fn presents_an_assertion(self) -> bool {
        match self {
            Self::ClientCredentials => false,
            Self::JwtBearer | Self::TokenExchange => true,
        }
    }
}

impl SettingType for WorkloadGrant {
    fn kind() -> SettingKind {
        SettingKind::OneOf(Self::ALL.map(|(name, _)| name.to_owned()).into())
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        let text = String::from_value(value)?;
        let grant = Self::ALL.into_iter().find(|(name, _)| *name == text);
        grant
            .map(|(_, grant)| grant)
            .ok_or_else(|| "is no grant of a workload".to_owned())
    }
}

/// An assertion that the host fetches and presents, and that the plugin has a reference to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    pub(crate) source: String,
    pub(crate) audience: String,
    pub(crate) token_type: String,
}

impl Assertion {
    /// Of the source of this name in the tenant file, for this audience: a JWT.
    pub fn new(source: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            audience: audience.into(),
            token_type: "urn:ietf:params:oauth:token-type:jwt".to_owned(),
        }
    }

    /// Of another type (RFC 8693 section 3).
    #[must_use]
    pub fn of_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = token_type.into();
        self
    }
}

/// How a workload signs in, for [`AuthorizationServer::workload`](crate::AuthorizationServer::workload).
#[derive(Clone, Debug)]
pub struct Workload {
    pub(crate) way: Way,
    pub(crate) audience: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Way {
    ClientCredentials,
    JwtBearer(Assertion),
    TokenExchange {
        subject: Assertion,
        actor: Option<Assertion>,
    },
}

impl Workload {
    /// By the client's own credentials.
    #[must_use]
    pub fn client_credentials() -> Self {
        Self::by(Way::ClientCredentials)
    }

    /// By an assertion.
    #[must_use]
    pub fn jwt_bearer(assertion: Assertion) -> Self {
        Self::by(Way::JwtBearer(assertion))
    }

    /// By the exchange of an assertion; where there is an actor, it acts for the subject (RFC 8693 section 2.1).
    #[must_use]
    pub fn token_exchange(subject: Assertion, actor: Option<Assertion>) -> Self {
        Self::by(Way::TokenExchange { subject, actor })
    }

    /// For this audience. Where the standards have none, it is the field `audience`, as several vendors want it.
    #[must_use]
    pub fn audience(mut self, audience: Option<impl Into<String>>) -> Self {
        self.audience = audience.map(Into::into);
        self
    }

    fn by(way: Way) -> Self {
        Self {
            way,
            audience: None,
        }
    }
}
