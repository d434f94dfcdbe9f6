//! Token revocation (RFC 7009).

use vestibule_core::reply::{Reply, Response};
use vestibule_core::{Reference, Result, RoleName, SecretKind};

use crate::broker::Broker;
use crate::message::Message;
use crate::outcome;

/// What became of one revocation (REV-02).
#[derive(Debug)]
pub struct RevocationResult {
    /// What was to be revoked.
    pub kind: SecretKind,
    /// Whether the provider confirmed that it is no longer good.
    pub confirmed: bool,
    /// If not: what the provider said.
    pub reason: Option<String>,
    /// If the provider asked to be left alone for a while: how long, in seconds.
    pub retry_after: Option<u64>,
}

pub(crate) async fn perform(
    broker: &mut Broker<'_>,
    role: &RoleName,
    token: Reference,
) -> Result<Reply> {
    let endpoint = broker.endpoint(role)?;
    let observer = broker.around.observer;
    let kind = broker.vault.kind_of(token)?.0;
    let mut message = Message::new(role.as_str(), endpoint);
    if endpoint.token_header.is_some() {
        message.token(&mut broker.vault, observer, token)?;
    } else {
        message.secret(&mut broker.vault, observer, "token", token)?;
        message.standard("token_type_hint", kind.as_str());
        message.client(broker)?;
    }
    let exchange = broker.exchange(role.as_str(), endpoint, message).await?;
    // Section 2.2: 200 means that it is revoked, or was no good before. The body of a success means nothing.
    let confirmed =
        exchange.status() == 200 || (exchange.status() == 204 && endpoint.token_header.is_some());
    if confirmed {
        broker.revocations.push(RevocationResult {
            kind,
            confirmed,
            reason: None,
            retry_after: None,
        });
        return Ok(Reply::Response(Response {
            members: Vec::new(),
            secrets: Vec::new(),
        }));
    }
    let refusal = outcome::Refusal::of(
        &endpoint.dialect,
        exchange.status(),
        exchange.json().ok().as_ref(),
    );
    let error = refusal.error(role.as_str(), &broker.vault);
    let retry_after = exchange
        .header("retry-after")
        .and_then(|value| value.parse().ok());
    broker.revocations.push(RevocationResult {
        kind,
        confirmed,
        reason: Some(error.message().to_owned()),
        retry_after,
    });
    broker.refusal = Some(error);
    Ok(Reply::Failed(refusal.problem()))
}
