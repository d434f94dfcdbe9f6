//! How the client is known to the provider (RFC 6749 section 2).

use crate::settings::ClientAuthenticationMethod;
use crate::wit::{
    self, ClientAuthentication, ConfiguredClient, Field, FieldValue, HostValue, RegisteredClient,
    TimeUnit,
};

/// The client: registered by the operator, or by the plugin itself.
#[derive(Clone, Debug)]
pub struct Client(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Configured(ConfiguredClient),
    Registered(Registration),
}

impl Client {
    /// A client that the operator registered, without a secret (RFC 6749 section 2.1).
    pub fn public(client_id: impl Into<String>) -> Self {
        let authentication = ClientAuthentication::None;
        Self(Kind::Configured(ConfiguredClient {
            client_id: client_id.into(),
            authentication,
        }))
    }

    /// A client that the operator registered, with the secret of the setting `secret` if `method` needs one
    /// (RFC 6749 section 2.3.1); with `private_key_jwt`, the setting is the private key that the host signs with.
    pub fn configured(
        client_id: impl Into<String>,
        method: ClientAuthenticationMethod,
        secret: &impl AsRef<str>,
    ) -> Self {
        let secret = || secret.as_ref().to_owned();
        let authentication = match method {
            ClientAuthenticationMethod::None => ClientAuthentication::None,
            ClientAuthenticationMethod::ClientSecretBasic => {
                ClientAuthentication::ClientSecretBasic(secret())
            }
            ClientAuthenticationMethod::ClientSecretPost => {
                ClientAuthentication::ClientSecretPost(secret())
            }
            ClientAuthenticationMethod::PrivateKeyJwt => {
                ClientAuthentication::PrivateKeyJwt(secret())
            }
        };
        Self(Kind::Configured(ConfiguredClient {
            client_id: client_id.into(),
            authentication,
        }))
    }

    /// A client that this plugin registers when the host has no registration at hand.
    #[must_use]
    pub fn registered(registration: Registration) -> Self {
        Self(Kind::Registered(registration))
    }

    pub(crate) fn registration(&self) -> Option<&Registration> {
        match &self.0 {
            Kind::Configured(_) => None,
            Kind::Registered(registration) => Some(registration),
        }
    }

    pub(crate) fn to_wit(&self) -> wit::Client {
        match &self.0 {
            Kind::Configured(client) => wit::Client::Configured(client.clone()),
            Kind::Registered(registration) => wit::Client::Registered(registration.keeps.clone()),
        }
    }
}

/// The text is the `client_id` of a public client.
impl From<&String> for Client {
    fn from(client_id: &String) -> Self {
        Self::public(client_id)
    }
}

/// The text is the `client_id` of a public client.
impl From<&str> for Client {
    fn from(client_id: &str) -> Self {
        Self::public(client_id)
    }
}

/// A registration (in the spirit of RFC 7591): what is sent to the endpoint of role `registration`, and where its reply
/// has what the host keeps.
#[derive(Clone, Debug)]
pub struct Registration {
    keeps: RegisteredClient,
    metadata: Vec<Field>,
}

impl Registration {
    /// A registration whose reply has the `client_id` at this pointer (RFC 6901).
    pub fn new(client_id: impl Into<String>) -> Self {
        let keeps = RegisteredClient {
            client_id: client_id.into(),
            client_secret: None,
            expires_at: None,
        };
        Self {
            keeps,
            metadata: Vec::new(),
        }
    }

    /// The reply brings a client secret, which [`AuthorizationServer::secret`](crate::AuthorizationServer::secret)
    /// declares under this name.
    #[must_use]
    pub fn client_secret(mut self, name: impl Into<String>) -> Self {
        self.keeps.client_secret = Some(name.into());
        self
    }

    /// The reply says at this pointer until when the registration is good, in Unix time.
    #[must_use]
    pub fn expires_at(mut self, pointer: impl Into<String>, unit: TimeUnit) -> Self {
        self.keeps.expires_at = Some((pointer.into(), unit));
        self
    }

    /// Client metadata (RFC 7591 section 2): one text.
    #[must_use]
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.field(name, FieldValue::Text(value.into()))
    }

    /// Client metadata: several texts.
    #[must_use]
    pub fn texts<const N: usize>(self, name: &str, values: [&str; N]) -> Self {
        self.field(name, FieldValue::Texts(values.map(str::to_owned).into()))
    }

    /// Client metadata that the host knows and the plugin need not.
    #[must_use]
    pub fn host(self, name: &str, value: HostValue) -> Self {
        self.field(name, FieldValue::Host(value))
    }

    pub(crate) fn metadata(&self) -> Vec<Field> {
        self.metadata.clone()
    }

    fn field(mut self, name: &str, value: FieldValue) -> Self {
        self.metadata.push(Field {
            name: name.to_owned(),
            value,
        });
        self
    }
}
