//! Attack: put each secret of a flow where another one belongs, and where none does.
//! Stopped by: the table of kinds and places, asked before each use (host/core/src/matrix.rs, host/broker/src/message.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish, grant, redeem, reference, request, secret, text,
};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Role, Script};

/// Introspection takes a client that authenticates.
const CLIENT_SECRET: &str = "a-client-secret-of-some-length";

async fn confidential() -> Stage {
    Stage::with(Script::honest().client_secret(CLIENT_SECRET)).await
}

/// Every place that a step has for a secret, and the role that would get it.
fn places(stolen: &Value) -> Vec<(&'static str, Role, Value)> {
    let stolen = || stolen.clone();
    let token = || reference("access_token");
    let exchange = json!({
        "subject_token": stolen(),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "actor_token": null,
        "requested_token_type": null,
        "audience": null,
    });
    vec![
        ("resource", Role::Api, call(API, stolen(), &[], vec![])),
        (
            "member",
            Role::Api,
            call(API, token(), &[], vec![secret("note", stolen())]),
        ),
        (
            "userinfo",
            Role::UserInfo,
            request("userinfo", json!({"Userinfo": stolen()})),
        ),
        (
            "introspection",
            Role::Introspection,
            request("introspection", json!({"Introspection": stolen()})),
        ),
        (
            "revocation",
            Role::Revocation,
            request("revocation", json!({"Revocation": stolen()})),
        ),
        (
            "refresh",
            Role::Token,
            grant(json!({"RefreshToken": stolen()}), vec![]),
        ),
        (
            "assertion",
            Role::Token,
            grant(json!({"JwtBearer": stolen()}), vec![]),
        ),
        (
            "exchange",
            Role::Token,
            grant(json!({"TokenExchange": exchange}), vec![]),
        ),
    ]
}

/// Tries one secret in all places after an honest exchange; `allowed` are those that it has.
async fn walk(stolen: &str, allowed: &[&str]) {
    let stage = confidential().await;
    for (place, role, step) in places(&reference(stolen)) {
        let before = stage.idp.count(role);
        let program = Program::honest(&stage.idp)
            .confidential(&stage.client_secret(CLIENT_SECRET))
            .after_tokens(vec![step]);
        let ended = stage.play(&program).await;
        let exchanges = u64::from(role == Role::Token);
        if allowed.contains(&place) {
            assert!(ended.is_ok(), "{stolen} {place}: {ended:?}");
            assert_eq!(stage.idp.count(role), before + 1, "{stolen} {place}");
        } else {
            let error = caught(ended);
            assert!(
                ["plugin.reference", "policy.denied"].contains(&error.code()),
                "{stolen} {place}: {error:?}"
            );
            assert_eq!(
                stage.idp.count(role),
                before + exchanges,
                "{stolen} {place}"
            );
        }
    }
    stage.told_nothing();
    stage.sent_nothing_astray();
}

// proves: PLUG-03
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_into_no_other_cell() {
    walk("access_token", &["resource", "userinfo", "introspection"]).await;
    walk("refresh_token", &["introspection"]).await;
}

// proves: PLUG-03
#[tokio::test(flavor = "multi_thread")]
async fn what_is_spent_or_proof_only_goes_nowhere() {
    walk("code", &[]).await;
    walk("id_token", &[]).await;
}

/// A code that was not redeemed yet is worth more than one that was.
#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_code_goes_to_the_token_endpoint_alone() {
    let stage = confidential().await;
    let mut tried = 0;
    for (place, role, step) in places(&reference("code")) {
        let steps = vec![discover(), authorize(), step];
        let program = Program::honest(&stage.idp)
            .confidential(&stage.client_secret(CLIENT_SECRET))
            .steps("sign-in", steps);
        let error = caught(stage.play(&program).await);
        assert!(
            ["plugin.reference", "policy.denied"].contains(&error.code()),
            "{place}: {error:?}"
        );
        assert_eq!(stage.idp.count(role), 0, "{place}");
        tried += 1;
    }
    assert_eq!(tried, 8);
    stage.kept_nothing();
    stage.told_nothing();
    stage.sent_nothing_astray();
}

/// In the flows that a refresh and a sign-out start, the stored secrets have the same places as from birth.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_secret_goes_where_it_went_from_birth() {
    let stage = Stage::honest().await;
    let honest = Program::honest(&stage.idp);
    let name = stage.approve("corp", &honest).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let token = || reference("access_token");
    for step in [
        grant(json!({"RefreshToken": token()}), vec![]),
        grant(
            json!({"RefreshToken": reference("refresh_token")}),
            vec![secret("note", token())],
        ),
        request("userinfo", json!({"Userinfo": reference("refresh_token")})),
        call(API, reference("refresh_token"), &[], vec![]),
        call(API, token(), &[], vec![secret("note", token())]),
        redeem("refresh_token"),
    ] {
        let attack = honest
            .clone()
            .steps("refresh", vec![step.clone(), finish(&["access_token"])]);
        stage.approve_again(&name, &attack).await.unwrap();
        let error = caught(stage.refresh(&name).await);
        assert!(
            ["plugin.reference", "policy.denied"].contains(&error.code()),
            "{step}: {error:?}"
        );
    }
    assert_eq!(stage.idp.count(Role::Token), 1);
    assert_eq!(stage.idp.count(Role::Api), 0);
    assert_eq!(stage.sealed(), 1);
    stage.told_nothing();
    stage.sent_nothing_astray();
    // The same without what is hostile in it.
    let honest = honest.after_tokens(vec![call(API, token(), &[], vec![text("note", "x")])]);
    stage.approve_again(&name, &honest).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
}
