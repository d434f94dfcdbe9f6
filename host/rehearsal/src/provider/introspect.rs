//! RFC 7662 §2: is this token good? Asked by a resource server with its own credential, or by a confidential client with its own.

use crate::encoding::{basic, single};
use crate::ledger::Family;
use crate::members::Members;
use crate::provider::client_auth;
use crate::rehearsal::RESOURCE_SERVER_ID;
use crate::stage::Scene;
use crate::wire::Response;

pub(super) fn answer(scene: &Scene<'_>) -> Response {
    if !may_ask(scene) {
        return Response::oauth_error(401, "invalid_client", "introspection needs a credential")
            .header("WWW-Authenticate", "Basic realm=\"rehearsal\"");
    }
    let form = scene.form();
    let Ok(Some(token)) = single(&form, "token") else {
        return Response::oauth_error(400, "invalid_request", "token is needed, once");
    };
    let now = scene.now();
    let ledger = scene.ledger();
    let members = if let Some((access, family)) = ledger.live_access(token, now) {
        active(scene, family, &access.scope, access.issued, access.expires)
            .with("token_type", "Bearer")
    } else if let Some((refresh, family)) = ledger.live_refresh(token, now) {
        active(
            scene,
            family,
            &family.scope,
            refresh.issued,
            refresh.expires,
        )
    } else {
        Members::new().with("active", false)
    };
    Response::json(200, &members)
}

fn may_ask(scene: &Scene<'_>) -> bool {
    if scene.script.client_key.is_some() && client_auth::authenticate(scene).is_ok() {
        return true;
    }
    let Some((id, secret)) = scene.request.header("authorization").and_then(basic) else {
        return false;
    };
    let known = if id == RESOURCE_SERVER_ID {
        Some(scene.stage.resource_secret.clone())
    } else {
        scene.client(&id).and_then(|client| client.secret)
    };
    known == Some(secret)
}

fn active(scene: &Scene<'_>, family: &Family, scope: &str, issued: u64, expires: u64) -> Members {
    Members::new()
        .with("active", true)
        .with("iss", scene.issuer())
        .with("sub", family.person.sub)
        .with("username", family.person.login)
        .with("client_id", family.client_id.as_str())
        .with("aud", RESOURCE_SERVER_ID)
        .with("scope", scope)
        .with("iat", issued)
        .with("exp", expires)
}
