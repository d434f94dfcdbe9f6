//! RFC 6749 §3.1: the authorization endpoint, with requests by value or by reference (RFC 9126 §4).

use crate::encoding::{Fields, field};
use crate::flow::authorization::{self, Refusal};
use crate::ledger::AuthorizationRequest;
use crate::script::Par;
use crate::stage::Scene;
use crate::wire::Response;

pub(super) fn page(scene: &Scene<'_>) -> Response {
    let fields = if scene.request.method == "POST" {
        scene.form()
    } else {
        scene.request.query()
    };
    let request = match field(&fields, "request_uri") {
        Some(reference) => pushed(scene, &fields, reference),
        None if scene.script.par == Par::Required => Err(Refusal::Here {
            error: "invalid_request",
            description: "authorization requests must be pushed (RFC 9126)",
        }),
        None => authorization::check(scene, &fields),
    };
    match request {
        Ok(request) => authorization::show(scene, request),
        Err(refusal) => authorization::refuse(scene, refusal),
    }
}

/// A reference is good once, for its own client.
fn pushed(
    scene: &Scene<'_>,
    fields: &Fields,
    reference: &str,
) -> Result<AuthorizationRequest, Refusal> {
    let now = scene.now();
    scene
        .ledger()
        .pushed
        .remove(reference)
        .filter(|pushed| {
            now < pushed.expires && field(fields, "client_id") == Some(&pushed.request.client_id)
        })
        .map(|pushed| pushed.request)
        .ok_or(Refusal::Here {
            error: "invalid_request_uri",
            description: "request_uri is unknown, used or expired",
        })
}
