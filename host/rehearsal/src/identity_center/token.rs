//! `CreateToken`: JSON in, JSON out, no ID token.

use crate::encoding::{Fields, base64url, field, sha256};
use crate::flow::device::{self, Poll};
use crate::flow::tokens;
use crate::identity_center::reply;
use crate::ledger::Family;
use crate::members::Members;
use crate::stage::{Client, Scene};
use crate::wire::Response;

pub(super) fn create(scene: &Scene<'_>) -> Response {
    if scene.request.media_type() != "application/json" {
        return reply::invalid_request("the body must be a JSON object");
    }
    let body = scene.form();
    let client = match reply::client(scene, &body) {
        Ok(client) => client,
        Err(response) => return response,
    };
    match field(&body, "grantType") {
        Some("authorization_code") => redeem_code(scene, &client, &body),
        Some("refresh_token") => {
            let spent = field(&body, "refreshToken")
                .and_then(|token| tokens::spend_refresh(scene, &client.id, token));
            spent.map_or_else(reply::invalid_grant, |family| issue(scene, &family))
        }
        Some("urn:ietf:params:oauth:grant-type:device_code") => poll(scene, &client, &body),
        Some(_) => reply::oidc_error(
            400,
            "UnsupportedGrantTypeException",
            "unsupported_grant_type",
            "this grant type is not offered",
        ),
        None => reply::invalid_request("grantType is needed"),
    }
}

fn redeem_code(scene: &Scene<'_>, client: &Client, body: &Fields) -> Response {
    let (Some(code), Some(verifier), Some(redirect_uri)) = (
        field(body, "code"),
        field(body, "codeVerifier"),
        field(body, "redirectUri"),
    ) else {
        return reply::invalid_request("code, codeVerifier and redirectUri are needed");
    };
    let challenge = base64url(sha256(verifier));
    let family = scene.ledger().redeem(
        code,
        &scene.stage.mint.token("family_"),
        scene.now(),
        |entry| {
            entry.request.client_id == client.id
                && entry.request.challenge == challenge
                && entry.request.redirect_uri == redirect_uri
        },
    );
    family.map_or_else(reply::invalid_grant, |family| issue(scene, &family))
}

fn poll(scene: &Scene<'_>, client: &Client, body: &Fields) -> Response {
    let Some(code) = field(body, "deviceCode") else {
        return reply::invalid_request("deviceCode is needed");
    };
    let refuse = |exception, error| reply::oidc_error(400, exception, error, "");
    match device::poll(scene, &client.id, code) {
        Poll::Pending => refuse("AuthorizationPendingException", "authorization_pending"),
        Poll::SlowDown => refuse("SlowDownException", "slow_down"),
        Poll::Denied => refuse("AccessDeniedException", "access_denied"),
        Poll::Expired => refuse("ExpiredTokenException", "expired_token"),
        Poll::Unknown => reply::invalid_grant(),
        Poll::Granted(family) => issue(scene, &family),
    }
}

/// A refresh token comes only to a client that registered for the grant type.
fn issue(scene: &Scene<'_>, family: &Family) -> Response {
    let ttl = scene.access_ttl();
    let mut members = Members::new()
        .with(
            "accessToken",
            tokens::new_access(scene, family, &family.scope, ttl),
        )
        .with("tokenType", "Bearer")
        .with("expiresIn", ttl);
    let refreshes = scene
        .ledger()
        .registrations
        .get(&family.client_id)
        .is_some_and(|client| {
            client
                .grant_types
                .iter()
                .any(|grant| grant == "refresh_token")
        });
    if refreshes {
        members.set("refreshToken", tokens::new_refresh(scene, family));
    }
    Response::json(200, &members)
}
