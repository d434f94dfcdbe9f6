//! The provider by the book: OAuth 2.0 and OpenID Connect, one RFC a file.

mod api;
mod authorize;
mod client_auth;
mod device;
mod discovery;
mod exchange;
mod grant;
mod id_token;
mod introspect;
mod jwks;
mod par;
mod revoke;
mod token;
mod userinfo;
mod workload;

use crate::flow;
use crate::record::Role;
use crate::script::{Par, Script};
use crate::stage::Scene;
use crate::wire::Response;

/// OIDC Discovery §4 appends to the issuer's path; RFC 8414 §3.1 inserts before it.
const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";

/// Which endpoint a path is.
pub(crate) fn role(script: &Script, path: &str) -> Role {
    if path.strip_prefix(SERVER_METADATA) == Some(&script.path) {
        return Role::ServerMetadata;
    }
    match path.strip_prefix(script.path.as_str()) {
        Some(OPENID_CONFIGURATION) => Role::Discovery,
        Some("/jwks") => Role::Jwks,
        Some("/authorize") => Role::Authorization,
        Some("/consent") => Role::Consent,
        Some("/par") if script.par != Par::Absent => Role::PushedAuthorization,
        Some("/token") => Role::Token,
        Some("/revoke") => Role::Revocation,
        Some("/introspect") => Role::Introspection,
        Some("/userinfo") => Role::UserInfo,
        Some("/api/hello") => Role::Api,
        Some("/device_authorization") if script.device => Role::DeviceAuthorization,
        Some("/device") if script.device => Role::Verification,
        _ => Role::Unknown,
    }
}

/// Answers as an honest provider, save for the script's twists.
pub(crate) fn answer(scene: &Scene<'_>, role: Role) -> Response {
    match (role, scene.request.method.as_str()) {
        (Role::Discovery | Role::ServerMetadata, "GET") => discovery::document(scene),
        (Role::Jwks, "GET") => jwks::document(scene),
        (Role::Authorization, "GET" | "POST") => authorize::page(scene),
        (Role::Consent, "POST") => flow::authorization::decide(scene),
        (Role::PushedAuthorization, "POST") => par::push(scene),
        (Role::Token, "POST") => token::answer(scene),
        (Role::Revocation, "POST") => revoke::answer(scene),
        (Role::Introspection, "POST") => introspect::answer(scene),
        (Role::UserInfo, "GET" | "POST") => userinfo::answer(scene),
        (Role::Api, "GET" | "POST") => api::hello(scene),
        (Role::DeviceAuthorization, "POST") => device::start(scene),
        (Role::Verification, "GET" | "POST") => flow::device::verification(scene),
        (Role::Unknown, _) => Response::empty(404),
        _ => Response::empty(405),
    }
}
