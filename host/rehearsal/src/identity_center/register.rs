//! `RegisterClient`: a client id and secret for a while, for whoever asks.

use serde_json::Value;

use crate::flow::redirect::loopback;
use crate::identity_center::reply::{invalid_request, oidc_error};
use crate::ledger::Registration;
use crate::members::Members;
use crate::record::SecretKind;
use crate::stage::Scene;
use crate::wire::Response;

pub(super) fn client(scene: &Scene<'_>) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(&scene.request.body) else {
        return invalid_request("the body must be a JSON object");
    };
    let metadata = |description| {
        oidc_error(
            400,
            "InvalidClientMetadataException",
            "invalid_client_metadata",
            description,
        )
    };
    if text(&body, "clientName").is_none_or(str::is_empty) {
        return metadata("clientName is needed");
    }
    if text(&body, "clientType") != Some("public") {
        return metadata("clientType must be public");
    }
    let (Some(grant_types), Some(redirect_uris)) =
        (list(&body, "grantTypes"), list(&body, "redirectUris"))
    else {
        return metadata("grantTypes and redirectUris are lists of strings");
    };
    if grant_types
        .iter()
        .any(|grant| grant == "authorization_code")
    {
        if redirect_uris.is_empty() || redirect_uris.iter().any(|uri| loopback(uri).is_none()) {
            return oidc_error(
                400,
                "InvalidRedirectUriException",
                "invalid_redirect_uri",
                "redirectUris must be http on a loopback literal",
            );
        }
        if text(&body, "issuerUrl").is_none() {
            return metadata("issuerUrl is needed for authorization_code");
        }
    }

    let now = scene.now();
    let expires = now + scene.script.registration_ttl.as_secs();
    let id = scene.stage.mint.token("rhc-");
    let secret = scene.mint(SecretKind::ClientSecret, "rh_cs_");
    let registration = Registration {
        secret: secret.clone(),
        redirect_uris,
        grant_types,
        expires,
    };
    scene
        .ledger()
        .registrations
        .insert(id.clone(), registration);
    let members = Members::new()
        .with("clientId", id)
        .with("clientSecret", secret)
        .with("clientIdIssuedAt", now)
        .with("clientSecretExpiresAt", expires);
    Response::json(200, &members)
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}

/// A list of strings; a missing one is empty, anything else is `None`.
fn list(body: &Value, name: &str) -> Option<Vec<String>> {
    match body.get(name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(value) => value
            .as_array()?
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
    }
}
