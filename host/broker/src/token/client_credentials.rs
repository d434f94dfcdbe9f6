//! The client credentials grant (RFC 6749 section 4.4): a token for the client itself.

use vestibule_core::{Error, Result, Scope};

use super::Redeemed;
use crate::broker::Broker;
use crate::message::Message;

/// Asks for a token in the client's own name.
///
/// # Errors
/// If the client proves nothing: the grant is for confidential clients alone.
pub(super) fn request(
    broker: &mut Broker<'_>,
    message: &mut Message<'_>,
    scopes: Vec<Scope>,
) -> Result<Redeemed> {
    if broker.client.is_public() {
        return Err(Error::config(
            "client_credentials.public_client",
            "the client has no credentials, and client credentials are all that this sign-in has",
        )
        .hint("say in [settings] of the tenant file how the client authenticates"));
    }
    message.standard("grant_type", "client_credentials");
    message.scopes(&scopes);
    broker.session.workload = Some(broker.client.id()?.to_owned());
    Ok(Redeemed::Workload {
        scopes,
        assertion: None,
    })
}
