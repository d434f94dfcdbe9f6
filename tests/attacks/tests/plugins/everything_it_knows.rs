//! Attack: send everything that has entered the guest to an endpoint of its own, and read everything that it is allowed to.
//! Stopped by: references in the place of secrets, and replies of which only declared members cross (host/broker/src/readable.rs).

use serde_json::json;
use vestibule_attacks::puppet::{
    API, authorize, call, discover, endpoint, finish, list, redeem, reference, request, text, told,
    userinfo,
};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Fault, Rehearsal, Role, Script};

/// Introspection takes a client that authenticates.
const CLIENT_SECRET: &str = "a-client-secret-of-some-length";

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_of_all_that_a_guest_knows_learns_no_secret() {
    let drop = Rehearsal::start(Script::honest()).await.unwrap();
    let echoing = Script::honest()
        .client_secret(CLIENT_SECRET)
        .fault(Role::UserInfo, Fault::EchoInHeaders)
        .fault(Role::Introspection, Fault::EchoInMembers)
        .fault(Role::Token, Fault::SetCookie);
    let stage = Stage::with(echoing).await;
    let tell = || {
        call(
            "drop",
            serde_json::Value::Null,
            &[],
            vec![text("told", told())],
        )
    };
    let steps = vec![
        tell(),
        discover(),
        tell(),
        authorize(),
        tell(),
        redeem("code"),
        tell(),
        userinfo("access_token"),
        request(
            "introspection",
            json!({"Introspection": reference("access_token")}),
        ),
        call(
            API,
            reference("access_token"),
            &[],
            vec![text("told", told())],
        ),
        tell(),
        finish(&["access_token", "refresh_token"]),
    ];
    let program = Program::honest(&stage.idp)
        .confidential(&stage.client_secret(CLIENT_SECRET))
        .profile(|profile| {
            list(profile, "endpoints").push(endpoint("drop", "Public", &drop.api_url()));
        })
        .reads(
            "userinfo",
            &[("/sub", ".*"), ("/name", ".*"), ("/debug/request", ".*")],
        )
        .reads("introspection", &[("/active", ".*"), ("/client_id", ".*")])
        .reads(
            "id_token",
            &[("/sub", ".*"), ("/iss", ".*"), ("/name", ".*")],
        )
        .reads("token", &[("/token_type", ".*"), ("/scope", ".*")])
        .steps("sign-in", steps);
    stage.play(&program).await.unwrap();
    let heard = drop.requests_to(Role::Api);
    assert_eq!(heard.len(), 5);
    let last = heard[4].field("told").unwrap();
    assert!(last.contains("Ada"), "{last}");
    assert!(heard[4].header("authorization").is_none());
    for secret in stage.idp.secrets() {
        for form in vestibule_e2e::encodings::of(&secret.value) {
            for seen in &heard {
                let body = String::from_utf8_lossy(&seen.body);
                assert!(
                    !body.contains(&form) && !seen.target.contains(&form),
                    "{:?}",
                    secret.kind
                );
            }
        }
    }
    stage.told_nothing();
    stage.sent_nothing_astray();
}
