//! Client registration (in the spirit of RFC 7591): the request carries no secret, the reply returns one.

use vestibule_core::description::{Client, EndpointClass};
use vestibule_core::record::Part;
use vestibule_core::reply::{Reply, Response};
use vestibule_core::step::Field;
use vestibule_core::{Error, Reference, Result, RoleName, SecretKind};

use crate::broker::Broker;
use crate::client::{ClientCredential, FlowClient};
use crate::json::Document;
use crate::message::Message;
use crate::{outcome, redirect};

/// A registration that the flow made, to be sealed and used again.
#[derive(Debug)]
pub struct NewRegistration {
    /// `client_id`.
    pub client_id: String,
    /// The client's secrets.
    pub parts: Vec<Part>,
    /// When it ends, in Unix seconds.
    pub expires_at: Option<u64>,
}

pub(crate) async fn perform(
    broker: &mut Broker<'_>,
    role: &RoleName,
    fields: Vec<Field>,
) -> Result<Reply> {
    let endpoint = broker.endpoint(role)?;
    let mut message = Message::new(role.as_str(), endpoint);
    message.fields(broker, fields)?;
    let exchange = broker.exchange(role.as_str(), endpoint, message).await?;
    let document = match outcome::read(endpoint, &exchange)? {
        Ok(document) => document,
        Err(refusal) => return Ok(broker.refused(role.as_str(), &refusal)),
    };
    let (members, secrets) = broker.let_through(role.as_str(), &document)?;
    if endpoint.class == EndpointClass::Registration {
        register(broker, &document)?;
    }
    Ok(Reply::Response(Response { members, secrets }))
}

/// Takes the client out of the reply, at the pointers that were approved.
fn register(broker: &mut Broker<'_>, document: &Document) -> Result<()> {
    let Client::Registered {
        client_id,
        client_secret,
        expires_at,
    } = &broker.around.permissions.client
    else {
        return Err(Error::plugin(
            "plugin.registration",
            "the plugin registers a client, but the approved client is a configured one",
        ));
    };
    let id = document
        .text(client_id.as_str())
        .ok()
        .flatten()
        .filter(|id| !id.is_empty());
    let id = id
        .ok_or_else(|| {
            Error::provider(
                "registration.client_id",
                "the registration's reply has no client id where the plugin says it is",
            )
        })?
        .to_owned();
    let expires_at = match expires_at {
        None => None,
        Some((pointer, unit)) => {
            let value = document.integer(pointer.as_str()).map_err(|problem| {
                Error::provider(
                    "registration.expiry",
                    format!("the registration's expiry {problem}"),
                )
            })?;
            // RFC 7591 section 3.2.1: 0 means that it does not expire.
            value
                .filter(|value| *value != 0)
                .map(|value| unit.to_seconds(value))
        }
    };
    let mut parts = Vec::new();
    let mut credential = ClientCredential::None;
    if let Some(name) = client_secret {
        let declared = broker
            .around
            .permissions
            .secrets
            .iter()
            .find(|secret| secret.name == *name && secret.kind == SecretKind::ClientSecret);
        let value =
            declared.and_then(|secret| document.text(secret.born_pointer.as_str()).ok().flatten());
        if let Some(value) = value {
            // One copy stays for this flow's own requests, one goes into the record.
            let reference: Reference = broker.keep_quietly(
                SecretKind::ClientSecret,
                vestibule_core::Secret::new(value.to_owned()),
            )?;
            credential = ClientCredential::Post(reference);
            parts.push(Part {
                name: name.clone(),
                kind: SecretKind::ClientSecret,
                secret: vestibule_core::Secret::new(value.to_owned()),
            });
        }
    }
    broker.client = FlowClient::known(id.clone(), credential);
    broker.registration = Some(NewRegistration {
        client_id: id,
        parts,
        expires_at,
    });
    Ok(())
}

/// The redirect URI as it is registered: without the port, which the operating system chooses later (RFC 8252 section 7.3).
pub(crate) fn redirect_uri(broker: &Broker<'_>) -> Result<String> {
    let issuer = broker.around.permissions.issuer()?;
    Ok(redirect::target(&issuer, broker.around.redirect)?.uri_without_port())
}
