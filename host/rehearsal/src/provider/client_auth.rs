//! RFC 6749 §2.3 and §3.2.1: who calls, by Basic, by secret in the body, or as a public client by name alone.

use crate::encoding::{basic, single};
use crate::stage::{Client, Scene};
use crate::wire::Response;

/// The calling client.
///
/// # Errors
/// The answer that refuses it.
pub(super) fn authenticate(scene: &Scene<'_>) -> Result<Client, Response> {
    let form = scene.form();
    let in_header = scene.request.header("authorization").and_then(basic);
    let by_basic = in_header.is_some();
    let (id, secret) = match in_header {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (
            single(&form, "client_id").ok().flatten().map(str::to_owned),
            single(&form, "client_secret")
                .ok()
                .flatten()
                .map(str::to_owned),
        ),
    };
    let client = id
        .and_then(|id| scene.client(&id))
        .ok_or_else(|| refusal(by_basic))?;
    if client.secret == secret {
        Ok(client)
    } else {
        Err(refusal(by_basic))
    }
}

/// §5.2: a client that tried the header is answered in kind.
fn refusal(by_basic: bool) -> Response {
    let response =
        Response::oauth_error(401, "invalid_client", "unknown client or wrong credentials");
    if by_basic {
        response.header("WWW-Authenticate", "Basic realm=\"rehearsal\"")
    } else {
        response
    }
}
