//! Ways for the fuzz targets (`tests/fuzz`) to what is private here. They call what a flow calls, and decide nothing.

use std::time::Duration;

use vestibule_core::approval::Permissions;
use vestibule_core::reply::Reply;
use vestibule_core::{Cleared, Result, RoleName, Secret};

use crate::authorization_response::{AuthorizationResponse, Expectation, Reading, read};
use crate::broker::Broker;
use crate::client_key::ClientKey;
use crate::device::DeviceResponse;
use crate::egress::EgressPolicy;
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

/// What of a device authorization response would be shown and counted with.
#[derive(Debug)]
pub struct DeviceCode {
    /// The code for the person.
    pub user_code: String,
    /// Where it is entered.
    pub verification_uri: String,
    /// The same with the code.
    pub verification_uri_complete: Option<String>,
    /// How long it is good.
    pub expires_in: Duration,
    /// The wait between questions.
    pub interval: Duration,
}

/// Reads a device authorization response as a flow does.
///
/// # Errors
/// As for [`Broker::perform`].
pub fn device_response(body: &[u8], permissions: &Permissions) -> Result<DeviceCode> {
    let document = Exchange::assembled(200, "application/json", body).json()?;
    let dialect = &permissions.endpoint("device_authorization")?.dialect;
    let egress = EgressPolicy::default();
    let response = DeviceResponse::read(&document, dialect, permissions, &egress)?;
    Ok(DeviceCode {
        user_code: response.user_code.as_str().to_owned(),
        verification_uri: response.verification_uri.to_string(),
        verification_uri_complete: response
            .verification_uri_complete
            .map(|uri| uri.to_string()),
        expires_in: response.expires_in,
        interval: response.interval,
    })
}

/// The algorithm of a client's key, and what it signs.
///
/// # Errors
/// If it is no key that signs here.
pub fn client_key(secret: &Secret, message: &[u8]) -> Result<(&'static str, Vec<u8>)> {
    let key = ClientKey::parse(secret)?;
    Ok((key.algorithm(), key.sign(message)?))
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
