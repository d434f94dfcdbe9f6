//! RFC 6749 §3.2: the token endpoint. Codes are redeemed once (§4.1.3), refresh tokens rotate (RFC 9700 §4.14.2).

use crate::encoding::{Fields, base64url, sha256, single};
use crate::flow::tokens;
use crate::provider::grant::{self, Occasion};
use crate::provider::{client_auth, device, exchange, workload};
use crate::stage::{Client, Scene};
use crate::twist::GrantTwist;
use crate::wire::Response;

pub(super) fn answer(scene: &Scene<'_>) -> Response {
    if scene.request.media_type() != "application/x-www-form-urlencoded" {
        return Response::oauth_error(400, "invalid_request", "the body must be a form");
    }
    let form = scene.form();
    let client = match client_auth::authenticate(scene) {
        Ok(client) => client,
        Err(response) => return response,
    };
    match single(&form, "grant_type") {
        Ok(Some("authorization_code")) => redeem_code(scene, &client, &form),
        Ok(Some("refresh_token")) => refresh(scene, &client, &form),
        Ok(Some("urn:ietf:params:oauth:grant-type:device_code")) if scene.script.device => {
            device::redeem(scene, &client, &form)
        }
        Ok(Some("client_credentials")) => workload::client_credentials(scene, &client, &form),
        Ok(Some("urn:ietf:params:oauth:grant-type:jwt-bearer")) => {
            workload::jwt_bearer(scene, &client, &form)
        }
        Ok(Some("urn:ietf:params:oauth:grant-type:token-exchange")) => {
            exchange::answer(scene, &client, &form)
        }
        Ok(Some(_)) => Response::oauth_error(
            400,
            "unsupported_grant_type",
            "this grant type is not offered",
        ),
        _ => Response::oauth_error(400, "invalid_request", "grant_type is missing or repeated"),
    }
}

fn redeem_code(scene: &Scene<'_>, client: &Client, form: &Fields) -> Response {
    let (Ok(Some(code)), Ok(Some(verifier)), Ok(redirect_uri)) = (
        single(form, "code"),
        single(form, "code_verifier"),
        single(form, "redirect_uri"),
    ) else {
        return Response::oauth_error(
            400,
            "invalid_request",
            "code, code_verifier and redirect_uri are needed, once each",
        );
    };
    let challenge = base64url(sha256(verifier));
    let family = scene.ledger().redeem(
        code,
        &scene.stage.mint.token("family_"),
        scene.now(),
        |entry| {
            entry.request.client_id == client.id
                && entry.request.challenge == challenge
                && redirect_uri == Some(entry.request.redirect_uri.as_str())
        },
    );
    match family {
        Some(family) => grant::issue(scene, &family, &family.scope, Occasion::First),
        None => invalid_grant(),
    }
}

fn refresh(scene: &Scene<'_>, client: &Client, form: &Fields) -> Response {
    let Ok(Some(token)) = single(form, "refresh_token") else {
        return Response::oauth_error(400, "invalid_request", "refresh_token is needed, once");
    };
    if scene.script.has(GrantTwist::RefusesRefresh) {
        return invalid_grant();
    }
    let Some(family) = tokens::spend_refresh(scene, &client.id, token) else {
        return invalid_grant();
    };
    match single(form, "scope") {
        Ok(None) => grant::issue(scene, &family, &family.scope, Occasion::Refresh),
        Ok(Some(wanted))
            if wanted
                .split(' ')
                .all(|one| family.scope.split(' ').any(|had| had == one)) =>
        {
            grant::issue(scene, &family, wanted, Occasion::Refresh)
        }
        _ => Response::oauth_error(400, "invalid_scope", "more than was granted"),
    }
}

/// §5.2: one answer for all that can be wrong with a grant.
pub(super) fn invalid_grant() -> Response {
    Response::oauth_error(
        400,
        "invalid_grant",
        "the grant is unknown, used, expired, revoked or not yours",
    )
}
