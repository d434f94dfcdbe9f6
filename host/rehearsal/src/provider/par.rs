//! RFC 9126 §2: pushed authorization requests.

use crate::encoding::field;
use crate::flow::authorization::{self, Refusal};
use crate::ledger::Pushed;
use crate::members::Members;
use crate::provider::client_auth;
use crate::record::SecretKind;
use crate::stage::Scene;
use crate::wire::Response;

/// Seconds. §2.2 suggests 5 to 600; a person may look at the URL first.
const TTL: u64 = 90;

pub(super) fn push(scene: &Scene<'_>) -> Response {
    let client = match client_auth::authenticate(scene) {
        Ok(client) => client,
        Err(response) => return response,
    };
    let fields = scene.form();
    if field(&fields, "request_uri").is_some() {
        return Response::oauth_error(400, "invalid_request", "request_uri cannot be pushed");
    }
    match authorization::check(scene, &fields) {
        Ok(request) if request.client_id == client.id => {
            let reference =
                scene.mint(SecretKind::RequestUri, "urn:ietf:params:oauth:request_uri:");
            scene.ledger().pushed.insert(
                reference.clone(),
                Pushed {
                    request,
                    expires: scene.now() + TTL,
                },
            );
            Response::json(
                201,
                &Members::new()
                    .with("request_uri", reference)
                    .with("expires_in", TTL),
            )
        }
        Ok(_) => Response::oauth_error(
            400,
            "invalid_request",
            "client_id is not the client that authenticated",
        ),
        Err(
            Refusal::Here { error, description }
            | Refusal::AtClient {
                error, description, ..
            },
        ) => Response::oauth_error(400, error, description),
    }
}
