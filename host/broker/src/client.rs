//! The client of a flow (RFC 6749 section 2): configured by the operator, or registered by the plugin (RFC 7591).

use vestibule_core::{Error, Reference, Result};

use crate::client_key::ClientKey;

/// Who asks, and with what proof.
#[derive(Debug)]
pub(crate) struct FlowClient {
    id: Option<String>,
    credential: ClientCredential,
}

/// How a client authenticates (RFC 6749 section 2.3).
#[derive(Debug)]
pub(crate) enum ClientCredential {
    /// Not at all: a public client.
    None,
    /// HTTP Basic.
    Basic(Reference),
    /// In the body.
    Post(Reference),
    /// By what its key signs (RFC 7523 section 2.2), for this audience.
    PrivateKeyJwt {
        /// The key.
        key: Box<ClientKey>,
        /// Whom its assertions are for.
        audience: String,
    },
}

impl FlowClient {
    /// A client that is known.
    pub(crate) fn known(id: String, credential: ClientCredential) -> Self {
        Self {
            id: Some(id),
            credential,
        }
    }

    /// A client that is yet to be registered.
    pub(crate) fn unregistered() -> Self {
        Self {
            id: None,
            credential: ClientCredential::None,
        }
    }

    /// Whether there is a client id.
    pub(crate) fn is_known(&self) -> bool {
        self.id.is_some()
    }

    /// `client_id`.
    pub(crate) fn id(&self) -> Result<&str> {
        self.id.as_deref().ok_or_else(|| {
            Error::plugin(
                "plugin.order",
                "the plugin used a client before it registered one",
            )
        })
    }

    /// Whether the client has no secret that proves it (RFC 6749 section 2.1).
    pub(crate) fn is_public(&self) -> bool {
        matches!(self.credential, ClientCredential::None)
    }

    pub(crate) fn credential(&self) -> &ClientCredential {
        &self.credential
    }
}
