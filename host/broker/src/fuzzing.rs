//! Ways for the fuzz targets (`tests/fuzz`) to what is private here. They call what a flow calls, and decide nothing.

use vestibule_core::reply::Reply;
use vestibule_core::{Cleared, Result, RoleName};

use crate::authorization_response::{AuthorizationResponse, Expectation, Reading, read};
use crate::broker::Broker;
use crate::http::Exchange;
use crate::loopback;
use crate::token::{Redeemed, answered};

/// What becomes of an authorization response: `None` if it is as if it had never come.
pub fn authorization_response(
    query: &str,
    expected: &Expectation,
) -> Option<Result<AuthorizationResponse>> {
    match read(query, expected) {
        Reading::Accepted(response) => Some(Ok(response)),
        Reading::Ended(error) => Some(Err(error)),
        Reading::Ignored(_) => None,
    }
}

/// The query that a connection's bytes bring to the redirect URI, if they get that far.
pub async fn loopback_query(bytes: &[u8], authority: &str, path: &str) -> Option<String> {
    loopback::query_of(bytes, authority, path).await
}

/// What the guest would be told of a token endpoint's answer to a refresh.
///
/// # Errors
/// As for [`Broker::perform`].
pub async fn token_reply(
    broker: &mut Broker<'_>,
    role: &RoleName,
    status: u16,
    body: &[u8],
) -> Result<Cleared<Reply>> {
    let exchange = Exchange::assembled(status, "application/json", body);
    let reply = answered(broker, role, &exchange, &Redeemed::RefreshToken).await?;
    broker.clear(reply)
}
