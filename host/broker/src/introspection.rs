//! Token introspection (RFC 7662).

use vestibule_core::reply::{Reply, Response};
use vestibule_core::{Error, Reference, Result, RoleName};

use crate::broker::Broker;
use crate::message::Message;
use crate::{outcome, readable};

pub(crate) async fn perform(
    broker: &mut Broker<'_>,
    role: &RoleName,
    token: Reference,
) -> Result<Reply> {
    let endpoint = broker.endpoint(role)?;
    // Section 2.1: the endpoint is for authenticated callers; a public client would tell anyone who asks.
    if broker.client.is_public() {
        return Err(Error::plugin(
            "introspection.public_client",
            "the plugin asks for introspection, which needs a client that authenticates",
        ));
    }
    let observer = broker.around.observer;
    let mut message = Message::new(role.as_str(), endpoint);
    message.secret(&mut broker.vault, observer, "token", token)?;
    message.client(broker)?;
    let exchange = broker.exchange(role.as_str(), endpoint, message).await?;
    match outcome::read(endpoint, &exchange)? {
        Ok(document) => {
            let members = readable::members(
                role.as_str(),
                &document,
                &broker.around.permissions.readable,
            );
            Ok(Reply::Response(Response {
                members,
                secrets: Vec::new(),
            }))
        }
        Err(refusal) => Ok(broker.refused(role.as_str(), &refusal)),
    }
}
