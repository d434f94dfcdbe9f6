//! Requests to a provider's own endpoints: with a token (RFC 6750 section 2.1), or public ones without.

use vestibule_core::description::EndpointClass;
use vestibule_core::reply::Reply;
use vestibule_core::step::Call;
use vestibule_core::{Error, Result, RoleName};

use crate::broker::Broker;
use crate::message::Message;
use crate::outcome;

pub(crate) async fn perform(broker: &mut Broker<'_>, role: &RoleName, call: Call) -> Result<Reply> {
    let endpoint = broker.endpoint(role)?;
    let observer = broker.around.observer;
    let mut message = Message::new(role.as_str(), endpoint);
    match (endpoint.class, call.token) {
        (EndpointClass::Resource, Some(token)) => {
            message.token(&mut broker.vault, observer, token)?
        }
        (EndpointClass::Resource, None) => {
            return Err(Error::plugin(
                "plugin.token",
                format!("the endpoint \"{role}\" takes a token, and the plugin presents none"),
            ));
        }
        (_, Some(_)) => {
            return Err(Error::plugin(
                "plugin.token",
                format!("the endpoint \"{role}\" takes no token, and the plugin presents one"),
            ));
        }
        (_, None) => {}
    }
    for (name, value) in &call.query {
        message.query(name.as_str(), value);
    }
    message.fields(broker, call.body)?;
    let exchange = broker.exchange(role.as_str(), endpoint, message).await?;
    match outcome::read(endpoint, &exchange)? {
        Ok(document) => broker.response(role.as_str(), &document),
        Err(refusal) => Ok(broker.refused(role.as_str(), &refusal)),
    }
}
