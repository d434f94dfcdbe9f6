//! Attack: declare a standard secret as one of the provider's own, so that it gets a name, and places, of the plugin's choice.
//! Stopped by: names, kinds and birthplaces of the standards are the host's (host/policy/src/approval/secrets.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{API, endpoint, list};
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;

fn declared(name: &str, kind: &str, role: &str, pointer: &str, goes: Value) -> Value {
    json!({"name": name, "kind": kind, "born_role": role, "born_pointer": pointer, "goes": goes})
}

fn program(stage: &Stage, secret: Value) -> Program {
    Program::honest(&stage.idp).profile(|profile| list(profile, "secrets").push(secret))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_name_is_not_the_plugins_to_give() {
    let stage = Stage::honest().await;
    for name in [
        "code",
        "code_verifier",
        "state",
        "nonce",
        "device_code",
        "access_token",
        "accesstoken",
        "refresh_token",
        "refresh__token",
        "id_token",
        "client_secret",
        "subject_assertion",
    ] {
        let secret = declared(name, "Opaque", "userinfo", "/handle", json!([]));
        let error = stage
            .refuses(&program(&stage, secret), "approval.secrets")
            .await;
        assert_eq!(error.blame(), Blame::Plugin, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_secret_is_not_born_a_second_time() {
    let stage = Stage::honest().await;
    let goes = || json!([{"role": API, "placement": {"Member": "note"}}]);
    for (role, pointer) in [
        ("token", "/access_token"),
        ("token", "/accessToken"),
        ("token", "/refresh_token"),
        ("token", "/REFRESH-TOKEN"),
        ("token", "/id_token"),
        ("token", "/access_token/x"),
        ("token", "/x/refresh_token"),
        ("userinfo", "/access_token"),
        ("userinfo", "/state"),
    ] {
        let secret = declared("handle", "Opaque", role, pointer, goes());
        stage
            .refuses(&program(&stage, secret), "approval.secrets")
            .await;
    }
    // Neither where only the host reads, nor where nobody does.
    for role in [
        "authorization",
        "revocation",
        "introspection",
        "nowhere",
        "jwks",
    ] {
        let secret = declared("handle", "Opaque", role, "/handle", json!([]));
        stage
            .refuses(&program(&stage, secret), "approval.secrets")
            .await;
    }
    // Nor under a name that the dialect has for it.
    let renamed = program(
        &stage,
        declared("handle", "Opaque", "token", "/ticket", goes()),
    )
    .profile(|profile| {
        let mut row = endpoint("token", "Token", "");
        row["url"] = json!(null);
        row["dialect"]["renames"] = json!([["refresh_token", "ticket"]]);
        list(profile, "endpoints").push(row);
    });
    stage.refuses(&renamed, "approval.secrets").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_gets_no_more_than_it_has() {
    let stage = Stage::honest().await;
    let member = |role: &str| json!([{"role": role, "placement": {"Member": "note"}}]);
    for secret in [
        // A client secret that comes from elsewhere than a registration.
        declared("handle", "ClientSecret", "token", "/handle", json!([])),
        declared("handle", "ClientSecret", "userinfo", "/handle", json!([])),
        // A cloud key that goes anywhere.
        declared("handle", "CloudKey", "userinfo", "/handle", member(API)),
        declared(
            "handle",
            "CloudKey",
            "userinfo",
            "/handle",
            json!([{"role": API, "placement": "Authorization"}]),
        ),
        // An opaque one that goes to the standards' endpoints.
        declared("handle", "Opaque", "userinfo", "/handle", member("token")),
        declared(
            "handle",
            "Opaque",
            "userinfo",
            "/handle",
            member("revocation"),
        ),
    ] {
        stage
            .refuses(&program(&stage, secret), "approval.secrets")
            .await;
    }
    // The same secret under two names would have the places of both.
    let twice = program(
        &stage,
        declared("one", "Opaque", "userinfo", "/handle", json!([])),
    )
    .profile(|profile| {
        list(profile, "secrets").push(declared(
            "two",
            "CloudKey",
            "userinfo",
            "/handle",
            json!([]),
        ))
    });
    stage.refuses(&twice, "approval.secrets").await;
    // And a secret is not read as well.
    let read = program(
        &stage,
        declared("handle", "Opaque", "userinfo", "/handle", json!([])),
    )
    .reads("userinfo", &[("/handle", ".*")]);
    stage.refuses(&read, "approval.readable").await;
}
