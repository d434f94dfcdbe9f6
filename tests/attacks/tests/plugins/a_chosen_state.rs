//! Attack: choose, extend or read the `state` of the authorization request, or carry data in it.
//! Stopped by: the host draws it anew for each request and shows it to nobody (host/broker/src/authorize.rs, host/policy/src/approval/dialect.rs).

use std::collections::HashSet;

use serde_json::json;
use vestibule_attacks::puppet::{
    API, authorize, authorize_with, call, discover, endpoint, fail, finish, list, redeem,
    reference, told,
};
use vestibule_attacks::verdict::{caught, denied, stopped};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Role, SecretKind};

// proves: RESP-01
#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_the_hosts_own_new_each_time_and_never_shown() {
    let stage = Stage::honest().await;
    for name in ["state", "State", "st%61te", "state[]", "state."] {
        let steps = vec![discover(), authorize_with(&["openid"], &[(name, "chosen")])];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        denied(&caught(stage.play(&program).await), "extra_fields");
    }
    assert_eq!(stage.tape.browsers(), 0);

    // What the guest knows after the response, it sends and says.
    for _ in 0..8 {
        let steps = vec![
            discover(),
            authorize(),
            redeem("code"),
            call(API, reference("access_token"), &[("told", told())], vec![]),
            fail(told()),
        ];
        let program = Program::honest(&stage.idp)
            .profile(|profile| profile["endpoints"][0]["method"] = json!("Get"))
            .steps("sign-in", steps);
        let error = stopped(stage.play(&program).await);
        assert_eq!(error.code(), "plugin.failed", "{error:?}");
    }
    let pushed = stage.idp.requests_to(Role::PushedAuthorization);
    let states: HashSet<&str> = pushed
        .iter()
        .filter_map(|seen| seen.field("state"))
        .collect();
    assert_eq!(states.len(), 8, "a state was used twice");
    // 128 bits are 22 characters of base64url.
    assert!(states.iter().all(|state| state.len() >= 22), "{states:?}");
    let known = stage.idp.secrets();
    assert_eq!(
        known
            .iter()
            .filter(|secret| secret.kind == SecretKind::State)
            .count(),
        8
    );
    stage.told_nothing();
    stage.sent_nothing_astray();
}

// proves: RESP-01
#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_one_request_does_not_go_under_another_name() {
    let stage = Stage::honest().await;
    // A description that calls something else by its name, or its place a readable one.
    let mut row = endpoint("authorization", "Authorization", "");
    row["url"] = json!(null);
    row["method"] = json!("Get");
    for renames in [
        json!([["login_hint", "state"]]),
        json!([["nonce", "state"]]),
        json!([["state", "nonce"]]),
        json!([["state", "audience"]]),
    ] {
        let mut row = row.clone();
        row["dialect"]["renames"] = renames;
        let program =
            Program::honest(&stage.idp).profile(|profile| list(profile, "endpoints").push(row));
        stage.refuses(&program, "approval.dialect").await;
    }
    for pointer in ["/state", "/State", "/x/st-ate"] {
        let program = Program::honest(&stage.idp).reads(API, &[(pointer, ".*")]);
        stage.refuses(&program, "approval.readable").await;
    }
    // Under a name of the provider's own it goes out whole, drawn by the host; a provider that does not know the name gives no answer.
    row["dialect"]["renames"] = json!([["state", "xstate"]]);
    let steps = vec![
        discover(),
        authorize_with(&["openid"], &[("xstate", "chosen")]),
        finish(&["access_token"]),
    ];
    let program = Program::honest(&stage.idp)
        .profile(|profile| list(profile, "endpoints").push(row))
        .steps("sign-in", steps);
    denied(&caught(stage.play(&program).await), "extra_fields");
}
