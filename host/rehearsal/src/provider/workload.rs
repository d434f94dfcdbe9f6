//! What workloads ask with: RFC 6749 §4.4, RFC 7523 §2.1.

use crate::encoding::{Fields, single};
use crate::flow::tokens;
use crate::ledger::Family;
use crate::members::Members;
use crate::people::WORKLOAD;
use crate::stage::{Client, Scene};
use crate::twist::WorkloadTwist;
use crate::wire::Response;

/// RFC 6749 §4.4.2: for confidential clients alone.
pub(super) fn client_credentials(scene: &Scene<'_>, client: &Client, form: &Fields) -> Response {
    if !client.is_confidential {
        return Response::oauth_error(
            401,
            "invalid_client",
            "client credentials are for clients that have some",
        );
    }
    if let Some(refused) = echo(scene, form) {
        return refused;
    }
    match single(form, "scope") {
        Ok(scope) => issue(scene, client, scope.unwrap_or("api:read")),
        Err(_) => Response::oauth_error(400, "invalid_request", "scope is repeated"),
    }
}

/// RFC 7523 §2.1.
pub(super) fn jwt_bearer(scene: &Scene<'_>, client: &Client, form: &Fields) -> Response {
    if let Some(refused) = echo(scene, form) {
        return refused;
    }
    let (Ok(Some(assertion)), Ok(scope)) = (single(form, "assertion"), single(form, "scope"))
    else {
        return Response::oauth_error(400, "invalid_request", "assertion is needed, once");
    };
    if asserted(scene, assertion).is_none() {
        return super::token::invalid_grant();
    }
    issue(scene, client, scope.unwrap_or("api:read"))
}

/// The subject of an assertion that the platform has signed, for this issuer, and that has not ended (RFC 7523 §3).
pub(super) fn asserted(scene: &Scene<'_>, assertion: &str) -> Option<String> {
    let platform = scene.script.platform.as_ref()?;
    let (_, claims) = platform.open(assertion)?;
    let audience = claims.get("aud")?.as_str()?;
    let expires = claims.get("exp")?.as_u64()?;
    let subject = claims.get("sub")?.as_str()?;
    (audience == scene.issuer() && scene.now() < expires).then(|| subject.to_owned())
}

/// A family of its own for each workload's token.
pub(super) fn family(scene: &Scene<'_>, client: &Client, scope: &str) -> Family {
    let family = Family {
        id: scene.stage.mint.token("family_"),
        client_id: client.id.clone(),
        person: &WORKLOAD,
        scope: scope.to_owned(),
        nonce: None,
        auth_time: scene.now(),
        acr: None,
        revoked: false,
    };
    scene
        .ledger()
        .families
        .insert(family.id.clone(), family.clone());
    family
}

fn issue(scene: &Scene<'_>, client: &Client, scope: &str) -> Response {
    let family = family(scene, client, scope);
    let ttl = scene.access_ttl();
    let access = tokens::new_access(scene, &family, scope, ttl);
    let mut members = Members::new()
        .with("access_token", access)
        .with("token_type", "Bearer")
        .with("expires_in", ttl)
        .with("scope", scope);
    if scene.script.has(WorkloadTwist::RefreshToken) {
        members.set("refresh_token", tokens::new_refresh(scene, &family));
    }
    Response::json(200, &members)
}

/// A refusal that repeats every credential that was sent.
pub(super) fn echo(scene: &Scene<'_>, form: &Fields) -> Option<Response> {
    if !scene.script.has(WorkloadTwist::RefusesWithEcho) {
        return None;
    }
    let sent: Vec<&str> = form
        .iter()
        .filter(|(name, _)| {
            [
                "assertion",
                "subject_token",
                "actor_token",
                "client_assertion",
                "client_secret",
            ]
            .contains(&name.as_str())
        })
        .map(|(_, value)| value.as_str())
        .collect();
    Some(Response::oauth_error(
        400,
        "invalid_grant",
        &format!("not good: {}", sent.join(" ")),
    ))
}
