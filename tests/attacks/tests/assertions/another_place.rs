//! Attack: put an assertion somewhere else than into a token request, or into two of them, or keep it in the grant.
//! Stopped by: the table of kinds and places, which has the token endpoint for it, once: host/core/src/matrix.rs

use serde_json::json;
use vestibule_attacks::puppet::{
    API, call, discover, finish, grant, jwt_bearer, redeem, reference, request, secret,
    subject_token,
};
use vestibule_attacks::verdict::caught;
use vestibule_rehearsal::{Role, Script};

use crate::support::{AUDIENCE, Machine, doing};

const CLIENT_SECRET: &str = "a-client-secret-of-some-length";

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_goes_to_the_token_endpoint_and_nowhere_else() {
    // Introspection takes a client that authenticates, and federation would rule its secret out.
    let machine = Machine::with(Script::honest().client_secret(CLIENT_SECRET)).await;
    let keys = machine.projected().replace("kubernetes", "file");
    let stolen = || reference("subject_token");
    for step in [
        call(API, stolen(), &[], vec![]),
        call(API, stolen(), &[], vec![secret("note", stolen())]),
        request("userinfo", json!({"Userinfo": stolen()})),
        request("introspection", json!({"Introspection": stolen()})),
        request("revocation", json!({"Revocation": stolen()})),
        grant(json!({"RefreshToken": stolen()}), vec![]),
        grant(json!("ClientCredentials"), vec![secret("note", stolen())]),
        redeem("subject_token"),
        finish(&["subject_token"]),
    ] {
        machine.project("token", &machine.platform.assertion(AUDIENCE));
        let steps = vec![discover(), subject_token("ci", AUDIENCE), step.clone()];
        let secret = machine.stage.client_secret(CLIENT_SECRET);
        let program = doing(&machine, steps).confidential(&secret);
        let error = caught(machine.plays(&keys, &program).await);
        assert!(
            [
                "plugin.reference",
                "policy.denied",
                "plugin.finish",
                "plugin.order"
            ]
            .contains(&error.code()),
            "{step}: {error:?}"
        );
    }
    for seen in machine.stage.idp.requests() {
        let told = format!(
            "{} {:?} {}",
            seen.target,
            seen.headers,
            String::from_utf8_lossy(&seen.body)
        );
        for token in machine.platform.secrets() {
            assert!(!told.contains(&token), "{seen:?}");
        }
    }
    machine.stage.kept_nothing();
    machine.told_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_presented_once() {
    let machine = Machine::start().await;
    machine.project("token", &machine.platform.assertion(AUDIENCE));
    let steps = vec![
        discover(),
        subject_token("ci", AUDIENCE),
        jwt_bearer("subject_token"),
        jwt_bearer("subject_token"),
    ];
    let error = caught(
        machine
            .plays(&machine.projected(), &doing(&machine, steps))
            .await,
    );
    assert!(
        ["plugin.reference", "policy.denied"].contains(&error.code()),
        "{error:?}"
    );
    assert_eq!(machine.stage.idp.count(Role::Token), 1);
    machine.stage.kept_nothing();
}
