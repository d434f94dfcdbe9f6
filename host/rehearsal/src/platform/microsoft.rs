//! Microsoft Azure: "How to use managed identities on an Azure VM to acquire an access token", and the same for App Service.

use super::{House, is_forwarded, one};
use crate::encoding::Fields;
use crate::members::Members;
use crate::wire::{Request, Response};

pub(super) const INSTANCE: &str = "/metadata/identity/oauth2/token";
pub(super) const APP_SERVICE: &str = "/msi/token";

/// The identity that was assigned besides the system's own.
const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";

pub(super) fn instance(house: &House, request: &Request) -> Response {
    if request.method != "GET" {
        return Response::empty(405);
    }
    if request.header("metadata") != Some("true") || is_forwarded(request) {
        return refusal("bad_request_102", "Required metadata header not specified");
    }
    token(house, &request.query(), "2018-02-01")
}

pub(super) fn app_service(house: &House, request: &Request) -> Response {
    if request.method != "GET" {
        return Response::empty(405);
    }
    if request.header("x-identity-header") != Some(&house.identity_header) {
        return Response::empty(401);
    }
    token(house, &request.query(), "2019-08-01")
}

fn token(house: &House, query: &Fields, version: &str) -> Response {
    if one(query, "api-version").as_deref() != Some(version) {
        return refusal("bad_request", "the api-version is not supported");
    }
    let Some(resource) = one(query, "resource") else {
        return refusal("invalid_resource", "the resource parameter is missing");
    };
    if one(query, "client_id").is_some_and(|client_id| client_id != CLIENT_ID) {
        return refusal("invalid_request", "Identity not found");
    }
    // What is asked for by a name is known by another to those who verify it.
    let audience = match resource.as_str() {
        "api://AzureADTokenExchange" => "fb60f99c-7a34-4190-8149-302f77469936",
        other => other,
    };
    house.give(audience, |token| {
        let members = Members::new()
            .with("access_token", token)
            .with("expires_on", (house.clock.now() + 300).to_string())
            .with("resource", resource.as_str())
            .with("token_type", "Bearer");
        Response::json(200, &members)
    })
}

fn refusal(error: &str, description: &str) -> Response {
    Response::oauth_error(400, error, description)
}
