//! Attack: take the steps of a sign-in in a wrong order, leave some out, or take one twice.
//! Stopped by: the order of a flow, and what the broker has proven in it (host/policy/src/steps/order.rs, host/broker/src/token.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish, finish_as, grant, redeem, reference, refresh, request,
    revoke, userinfo,
};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

fn end() -> Value {
    finish(&["access_token"])
}

// proves: PLUG-09
#[tokio::test(flavor = "multi_thread")]
async fn no_order_of_steps_skips_a_check_exchanges_twice_or_declares_a_session() {
    let stage = Stage::honest().await;
    let orders: Vec<Vec<Value>> = vec![
        // Each of the four left out, and all of them turned around.
        vec![discover(), redeem("code"), end()],
        vec![discover(), authorize(), end()],
        vec![redeem("code"), authorize(), discover(), end()],
        vec![end(), discover(), authorize(), redeem("code")],
        vec![redeem("code")],
        // Twice.
        vec![discover(), authorize(), authorize()],
        vec![discover(), authorize(), redeem("code"), redeem("code")],
        vec![
            discover(),
            authorize(),
            redeem("code"),
            authorize(),
            redeem("code"),
        ],
        // A use before there is anything to use.
        vec![userinfo("access_token")],
        vec![
            discover(),
            call(API, reference("access_token"), &[], vec![]),
        ],
        vec![discover(), authorize(), userinfo("code")],
        // Another flow's deed.
        vec![
            discover(),
            authorize(),
            redeem("code"),
            refresh("refresh_token"),
            end(),
        ],
        vec![
            discover(),
            authorize(),
            redeem("code"),
            revoke("refresh_token"),
            end(),
        ],
        vec![
            discover(),
            authorize(),
            redeem("code"),
            json!({"Finish": "Done"}),
        ],
        // Another way to tokens.
        vec![discover(), grant(json!("ClientCredentials"), vec![]), end()],
        vec![json!({"Device": {"scopes": [], "extra": []}}), end()],
        vec![
            json!({"SubjectToken": {"source": "ci", "audience": "x"}}),
            end(),
        ],
        vec![request("registration", json!({"Registration": []})), end()],
    ];
    for steps in orders {
        let exchanges = stage.idp.count(Role::Token);
        let browsers = stage.tape.browsers();
        let program = Program::honest(&stage.idp).steps("sign-in", steps.clone());
        let error = caught(stage.play(&program).await);
        assert!(
            stage.idp.count(Role::Token) <= exchanges + 1,
            "{steps:?}: {error:?}"
        );
        assert!(
            stage.tape.browsers() <= browsers + 1,
            "{steps:?}: {error:?}"
        );
        stage.kept_nothing();
    }
    for role in [
        Role::Api,
        Role::UserInfo,
        Role::Revocation,
        Role::DeviceAuthorization,
        Role::Registration,
    ] {
        assert_eq!(stage.idp.count(role), 0, "{role:?}");
    }
    stage.sent_nothing_astray();
    assert!(stage.still_works().await.is_ok());
}

// proves: PLUG-09
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_and_a_sign_out_end_as_what_they_are() {
    let stage = Stage::honest().await;
    let honest = Program::honest(&stage.idp);
    let name = stage.approve("corp", &honest).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let kept = || finish_as("Oauth", &[("access_token", reference("access_token"))]);
    for steps in [
        // The old token as if it were a new one.
        vec![kept()],
        vec![discover(), kept()],
        vec![json!({"Finish": "Done"})],
        vec![authorize()],
        vec![revoke("refresh_token")],
        vec![redeem("code")],
        vec![vestibule_attacks::puppet::choose("account", &[("a", "b")])],
    ] {
        let attack = honest.clone().steps("refresh", steps.clone());
        stage.approve_again(&name, &attack).await.unwrap();
        let error = caught(stage.refresh(&name).await);
        assert_eq!(stage.sealed(), 1, "{steps:?}: {error:?}");
    }
    assert_eq!(stage.idp.count(Role::Token), 1);
    assert_eq!(stage.idp.count(Role::Revocation), 0);
    // A revocation that only says so is not believed: the person reads that it was not confirmed.
    let attack = honest
        .clone()
        .steps("revoke", vec![json!({"Finish": "Done"})]);
    stage.approve_again(&name, &attack).await.unwrap();
    let out = stage.vestibule.sign_out(&name, None).await.unwrap();
    assert!(!out.unconfirmed.is_empty(), "{out:?}");
    stage.kept_nothing();
}
