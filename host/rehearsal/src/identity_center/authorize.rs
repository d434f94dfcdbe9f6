//! The authorization endpoint: code and PKCE as in RFC 7636, but the scopes come as `scopes`.

use crate::flow::authorization;
use crate::stage::Scene;
use crate::wire::Response;

pub(super) fn page(scene: &Scene<'_>) -> Response {
    match authorization::check(scene, &scene.request.query()) {
        Ok(request) => authorization::show(scene, request),
        Err(refusal) => authorization::refuse(scene, refusal),
    }
}
