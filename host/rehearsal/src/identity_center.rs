//! A provider of the shape of AWS IAM Identity Center: `sso-oidc` under `/oidc` and the `sso` portal under `/portal`, in one server.
//!
//! Member names, header names and error codes are those of AWS's published service models; there is no discovery and no ID token.

mod authorize;
mod device;
mod portal;
mod register;
mod reply;
mod token;

use crate::flow;
use crate::record::Role;
use crate::stage::Scene;
use crate::wire::Response;

pub(crate) const OIDC: &str = "/oidc";
pub(crate) const PORTAL: &str = "/portal";

/// Which endpoint a path is.
pub(crate) fn role(path: &str) -> Role {
    if let Some(path) = path.strip_prefix(OIDC) {
        match path {
            "/client/register" => Role::Registration,
            "/authorize" => Role::Authorization,
            "/consent" => Role::Consent,
            "/token" => Role::Token,
            "/device_authorization" => Role::DeviceAuthorization,
            "/device" => Role::Verification,
            _ => Role::Unknown,
        }
    } else {
        match path.strip_prefix(PORTAL) {
            Some("/assignment/accounts") => Role::Accounts,
            Some("/assignment/roles") => Role::AccountRoles,
            Some("/federation/credentials") => Role::RoleCredentials,
            Some("/logout") => Role::PortalLogout,
            _ => Role::Unknown,
        }
    }
}

pub(crate) fn answer(scene: &Scene<'_>, role: Role) -> Response {
    match (role, scene.request.method.as_str()) {
        (Role::Registration, "POST") => register::client(scene),
        (Role::Authorization, "GET") => authorize::page(scene),
        (Role::Consent, "POST") => flow::authorization::decide(scene),
        (Role::Token, "POST") => token::create(scene),
        (Role::DeviceAuthorization, "POST") => device::start(scene),
        (Role::Verification, "GET" | "POST") => flow::device::verification(scene),
        (Role::Accounts, "GET") => portal::accounts(scene),
        (Role::AccountRoles, "GET") => portal::roles(scene),
        (Role::RoleCredentials, "GET") => portal::credentials(scene),
        (Role::PortalLogout, "POST") => portal::logout(scene),
        (Role::Unknown, _) => Response::empty(404),
        _ => Response::empty(405),
    }
}
