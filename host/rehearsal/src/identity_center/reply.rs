//! The errors of both services, as their models have them.

use crate::encoding::{Fields, field};
use crate::members::Members;
use crate::stage::{Client, Scene};
use crate::wire::Response;

/// `sso-oidc`: `error` and `error_description`, and the exception's name in a header.
pub(super) fn oidc_error(status: u16, exception: &str, error: &str, description: &str) -> Response {
    Response::oauth_error(status, error, description).header("x-amzn-ErrorType", exception)
}

pub(super) fn invalid_request(description: &str) -> Response {
    oidc_error(
        400,
        "InvalidRequestException",
        "invalid_request",
        description,
    )
}

pub(super) fn invalid_grant() -> Response {
    oidc_error(
        400,
        "InvalidGrantException",
        "invalid_grant",
        "Invalid grant provided",
    )
}

/// `sso`: a message alone.
pub(super) fn portal_error(status: u16, exception: &str, message: &str) -> Response {
    Response::json(status, &Members::new().with("message", message))
        .header("x-amzn-ErrorType", exception)
}

/// The registered client that a JSON body names, with its secret.
///
/// # Errors
/// The answer that refuses it: unknown, expired or a wrong secret, all alike.
pub(super) fn client(scene: &Scene<'_>, body: &Fields) -> Result<Client, Response> {
    field(body, "clientId")
        .and_then(|id| scene.client(id))
        .filter(|client| client.secret.as_deref() == field(body, "clientSecret"))
        .ok_or_else(|| {
            oidc_error(
                401,
                "InvalidClientException",
                "invalid_client",
                "Invalid client",
            )
        })
}
