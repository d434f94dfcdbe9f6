//! OIDC Discovery §3 and RFC 8414 §2: what the provider says about itself, the same in both places.

use serde_json::json;

use crate::keys::alg;
use crate::members::Members;
use crate::record::Role;
use crate::script::Par;
use crate::stage::Scene;
use crate::twist::MetadataTwist;
use crate::wire::Response;

const ISS_SUPPORTED: &str = "authorization_response_iss_parameter_supported";

pub(super) fn document(scene: &Scene<'_>) -> Response {
    let mut members = honest(scene);
    let mut media_type = "application/json";
    for twist in scene.metadata_twists() {
        match twist {
            MetadataTwist::Member(name, value) => members.set(name, value),
            MetadataTwist::MemberMissing(name) => members.remove(name),
            MetadataTwist::MemberMistyped(name) => members.set(name, vec![1, 2, 3]),
            MetadataTwist::IssuerTrailingSlash => {
                members.set("issuer", format!("{}/", scene.issuer()))
            }
            MetadataTwist::IssuerUpperCase => {
                members.set("issuer", scene.issuer().replacen("http", "HTTP", 1))
            }
            MetadataTwist::NotJson => media_type = "text/html",
            MetadataTwist::IssNotAdvertised => members.remove(ISS_SUPPORTED),
            MetadataTwist::IssDisappears => {
                let record = &scene.stage.record;
                if record.count(Role::Discovery) + record.count(Role::ServerMetadata) > 0 {
                    members.remove(ISS_SUPPORTED);
                }
            }
        }
    }
    Response::new(200, media_type, members.render())
}

fn honest(scene: &Scene<'_>) -> Members {
    let client_auth = if scene.script.client_key.is_some() {
        json!(["private_key_jwt"])
    } else if scene.script.client_secret.is_some() {
        json!(["client_secret_basic", "client_secret_post"])
    } else {
        json!(["none"])
    };
    let mut grants = vec![
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ];
    let mut members = Members::new()
        .with("issuer", scene.issuer())
        .with("authorization_endpoint", scene.url("/authorize"))
        .with("token_endpoint", scene.url("/token"))
        .with("userinfo_endpoint", scene.url("/userinfo"))
        .with("jwks_uri", scene.url("/jwks"))
        .with("revocation_endpoint", scene.url("/revoke"))
        .with("introspection_endpoint", scene.url("/introspect"));
    match scene.script.par {
        Par::Absent => {}
        Par::Offered => members.set("pushed_authorization_request_endpoint", scene.url("/par")),
        Par::Required => {
            members.set("pushed_authorization_request_endpoint", scene.url("/par"));
            members.set("require_pushed_authorization_requests", true);
        }
    }
    if scene.script.device {
        grants.push("urn:ietf:params:oauth:grant-type:device_code");
        members.set(
            "device_authorization_endpoint",
            scene.url("/device_authorization"),
        );
    }
    members
        .with(
            "scopes_supported",
            json!(["openid", "profile", "email", "offline_access"]),
        )
        .with("response_types_supported", json!(["code"]))
        .with("response_modes_supported", json!(["query"]))
        .with("grant_types_supported", grants)
        .with("subject_types_supported", json!(["public"]))
        .with(
            "id_token_signing_alg_values_supported",
            vec![alg(scene.script.signing)],
        )
        .with("token_endpoint_auth_methods_supported", client_auth.clone())
        .with("revocation_endpoint_auth_methods_supported", client_auth)
        .with(
            "introspection_endpoint_auth_methods_supported",
            json!(["client_secret_basic"]),
        )
        .with("code_challenge_methods_supported", json!(["S256"]))
        .with(ISS_SUPPORTED, true)
}
