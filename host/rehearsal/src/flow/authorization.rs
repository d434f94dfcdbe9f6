//! RFC 6749 §4.1.1 with RFC 7636 §4.3: the authorization request is checked, shown to a person, and answered.

use crate::encoding::{Fields, field, single};
use crate::flow::callback::{self, Outcome};
use crate::flow::redirect;
use crate::ledger::AuthorizationRequest;
use crate::page::{self, Hidden};
use crate::people::person;
use crate::stage::{Scene, Shape};
use crate::twist::CallbackTwist;
use crate::wire::Response;

/// Why an authorization request is not shown to anybody.
pub(crate) enum Refusal {
    /// The client or its redirect URI is unknown: there is nobody to send the browser back to (RFC 6749 §4.1.2.1).
    Here {
        error: &'static str,
        description: &'static str,
    },
    /// The client is told through the browser.
    AtClient {
        redirect_uri: String,
        state: Option<String>,
        error: &'static str,
        description: &'static str,
    },
}

/// Checks a request's fields.
///
/// # Errors
/// What is wrong with them, and who is to be told.
pub(crate) fn check(scene: &Scene<'_>, fields: &Fields) -> Result<AuthorizationRequest, Refusal> {
    let here = |error, description| Refusal::Here { error, description };
    let client_id = single(fields, "client_id")
        .ok()
        .flatten()
        .ok_or(here("invalid_request", "client_id is missing or repeated"))?;
    let client = scene
        .client(client_id)
        .ok_or(here("invalid_client", "no such client"))?;
    let redirect_uri = single(fields, "redirect_uri").ok().flatten().ok_or(here(
        "invalid_request",
        "redirect_uri is missing or repeated",
    ))?;
    let any_path = scene.script.any_redirect_path;
    if !client
        .redirect_uris
        .iter()
        .any(|known| redirect::matches(known, redirect_uri, any_path))
    {
        return Err(here(
            "invalid_request",
            "redirect_uri is not registered for this client",
        ));
    }

    let state = field(fields, "state").map(str::to_owned);
    let at_client = |error, description| Refusal::AtClient {
        redirect_uri: redirect_uri.to_owned(),
        state: state.clone(),
        error,
        description,
    };
    let read = |name| {
        single(fields, name).map_err(|_| at_client("invalid_request", "a parameter is repeated"))
    };

    if read("response_type")? != Some("code") {
        return Err(at_client(
            "unsupported_response_type",
            "only response_type=code is offered",
        ));
    }
    if scene.script.has(CallbackTwist::RefusesS256) {
        return Err(at_client(
            "invalid_request",
            "transform algorithm not supported",
        ));
    }
    let challenge = read("code_challenge")?
        .ok_or(at_client("invalid_request", "PKCE is required (RFC 7636)"))?;
    if read("code_challenge_method")? != Some("S256") {
        return Err(at_client(
            "invalid_request",
            "only code_challenge_method=S256 is offered",
        ));
    }
    if challenge.len() != 43 {
        return Err(at_client(
            "invalid_request",
            "an S256 challenge has 43 characters",
        ));
    }
    if read("prompt")? == Some("none") {
        return Err(at_client(
            "login_required",
            "nobody is ever signed in beforehand",
        ));
    }
    let scope = match scene.stage.shape {
        Shape::OpenId => read("scope")?.unwrap_or("openid"),
        Shape::IdentityCenter => read("scopes")?.unwrap_or("sso:account:access"),
    };
    Ok(AuthorizationRequest {
        client_id: client.id,
        redirect_uri: redirect_uri.to_owned(),
        scope: scope.to_owned(),
        state: read("state")?.map(str::to_owned),
        nonce: read("nonce")?.map(str::to_owned),
        challenge: challenge.to_owned(),
        acr: read("acr_values")?
            .and_then(|values| values.split(' ').next())
            .map(str::to_owned),
    })
}

/// Shows the request to a person.
pub(crate) fn show(scene: &Scene<'_>, request: AuthorizationRequest) -> Response {
    let ticket = scene.stage.mint.token("rh_ticket_");
    let hidden = Hidden {
        name: "ticket",
        value: &ticket,
    };
    let response = page::consent(
        &scene.url("/consent"),
        &hidden,
        &request.client_id,
        &request.scope,
    );
    scene.ledger().tickets.insert(ticket, request);
    response
}

/// Tells whoever is to be told.
pub(crate) fn refuse(scene: &Scene<'_>, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Here { error, description } => page::message(400, error, description),
        Refusal::AtClient {
            redirect_uri,
            state,
            error,
            description,
        } => callback::answer(
            scene,
            &redirect_uri,
            state.as_deref(),
            &Outcome::Error { error, description },
        ),
    }
}

/// The form behind the page: the person has decided.
pub(crate) fn decide(scene: &Scene<'_>) -> Response {
    let form = scene.form();
    let request = field(&form, "ticket").and_then(|ticket| scene.ledger().tickets.remove(ticket));
    let Some(request) = request else {
        return page::message(
            400,
            "This page is no longer good",
            "Start again from the program that asked.",
        );
    };
    let state = request.state.clone();
    let redirect_uri = request.redirect_uri.clone();
    let hostile = scene.script.has(CallbackTwist::HostileErrorText);
    let outcome = match (
        field(&form, "decision"),
        field(&form, "account").and_then(person),
    ) {
        (Some("approve"), Some(person)) if !hostile => {
            Outcome::Code(callback::new_code(scene, request, person))
        }
        (Some("approve"), None) => {
            return page::message(
                400,
                "Nobody of that name",
                "Choose one of the people shown.",
            );
        }
        _ => Outcome::Error {
            error: "access_denied",
            description: "the person said no",
        },
    };
    callback::answer(scene, &redirect_uri, state.as_deref(), &outcome)
}
