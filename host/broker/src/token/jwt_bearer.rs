//! A JWT as an authorization grant (RFC 7523 section 2.1): a workload presents what its platform says of it.

use vestibule_core::{Reference, Result, Scope};

use super::Redeemed;
use super::assertion::Assertion;
use crate::broker::Broker;
use crate::message::Message;

/// Section 2.1.
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Presents the assertion, which goes nowhere else afterwards.
///
/// # Errors
/// If it may not go there, or has ended.
pub(super) fn request(
    broker: &mut Broker<'_>,
    message: &mut Message<'_>,
    scopes: Vec<Scope>,
    assertion: Reference,
) -> Result<Redeemed> {
    let observer = broker.around.observer;
    message.standard("grant_type", GRANT_TYPE);
    message.secret(&mut broker.vault, observer, "assertion", assertion)?;
    message.scopes(&scopes);
    let said = Assertion::read(broker.vault.look(assertion)?);
    said.check_time(broker.around.clock.now())?;
    broker.session.workload = Some(match said.subject {
        Some(subject) => subject,
        None => broker.client.id()?.to_owned(),
    });
    Ok(Redeemed::Workload {
        scopes,
        assertion: Some(assertion),
    })
}
