//! UserInfo (OIDC Core section 5.3).

use vestibule_core::reply::Reply;
use vestibule_core::{Error, Reference, Result, RoleName};

use crate::broker::Broker;
use crate::message::Message;
use crate::outcome;

pub(crate) async fn perform(
    broker: &mut Broker<'_>,
    role: &RoleName,
    token: Reference,
) -> Result<Reply> {
    let endpoint = broker.endpoint(role)?;
    let observer = broker.around.observer;
    let mut message = Message::new(role.as_str(), endpoint);
    message.token(&mut broker.vault, observer, token)?;
    let exchange = broker.exchange(role.as_str(), endpoint, message).await?;
    let document = match outcome::read(endpoint, &exchange)? {
        Ok(document) => document,
        Err(refusal) => return Ok(broker.refused(role.as_str(), &refusal)),
    };
    // Section 5.3.2: the claims of somebody else are not used (IDT-11).
    if let Some(subject) = broker.session.subject() {
        if document.text("/sub").ok().flatten() != Some(subject) {
            return Err(Error::provider(
                "userinfo.sub",
                "the UserInfo reply is about somebody else than the ID token; nothing of it was used",
            ));
        }
        broker.verified("the UserInfo's sub is the ID token's");
    }
    broker.response(role.as_str(), &document)
}
