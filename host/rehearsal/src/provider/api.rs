//! RFC 6750: a small protected API, so that a token can be seen to work, and to have died.

use crate::ledger::Family;
use crate::members::Members;
use crate::stage::Scene;
use crate::wire::Response;

/// `GET /api/hello`.
pub(super) fn hello(scene: &Scene<'_>) -> Response {
    let (family, scope) = match bearer(scene) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let members = Members::new()
        .with("message", format!("Hello, {}.", family.person.name))
        .with("login", family.person.login)
        .with("sub", family.person.sub)
        .with("client_id", family.client_id)
        .with("scope", scope);
    Response::json(200, &members)
}

/// The person and the scope behind the request's token.
///
/// # Errors
/// The answer that refuses it (§3.1).
pub(super) fn bearer(scene: &Scene<'_>) -> Result<(Family, String), Response> {
    let Some(token) = scene.request.bearer() else {
        return Err(Response::empty(401).header("WWW-Authenticate", "Bearer realm=\"rehearsal\""));
    };
    let ledger = scene.ledger();
    ledger
        .live_access(token, scene.now())
        .map(|(access, family)| (family.clone(), access.scope.clone()))
        .ok_or_else(|| {
            Response::empty(401).header(
                "WWW-Authenticate",
                "Bearer realm=\"rehearsal\", error=\"invalid_token\"",
            )
        })
}
