//! UserInfo (OIDC Core section 5.3).

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
    let observer = broker.around.observer;
    let mut message = Message::new(role.as_str(), endpoint);
    message.token(&mut broker.vault, observer, token)?;
    let exchange = broker.exchange(role.as_str(), endpoint, message).await?;
    let document = match outcome::read(endpoint, &exchange)? {
        Ok(document) => document,
        Err(refusal) => {
            broker.refusal = Some(refusal.error(role.as_str(), &broker.vault));
            return Ok(Reply::Failed(refusal.problem()));
        }
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
    let members = readable::members(
        role.as_str(),
        &document,
        &broker.around.permissions.readable,
    );
    let secrets = readable::secrets(
        role.as_str(),
        &document,
        &broker.around.permissions.secrets,
        &mut broker.vault,
    )?;
    broker.tell_kept(&secrets)?;
    broker.learn_account(role.as_str(), &document);
    Ok(Reply::Response(Response { members, secrets }))
}
