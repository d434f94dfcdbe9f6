//! Attack: keep the references of one flow and use them in the next one of the same tenant.
//! Stopped by: a vault for each flow, and new references for stored secrets (host/broker/src/vault.rs, host/broker/src/broker.rs).

use serde_json::json;
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish_as, grant, kept, reference, request, userinfo,
};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Reference;
use vestibule_rehearsal::{Role, Script};

/// Introspection takes a client that authenticates.
const CLIENT_SECRET: &str = "a-client-secret-of-some-length";

/// The last reference of this name that a guest was given.
fn last(stage: &Stage, name: &str) -> Reference {
    let given = stage.tape.references();
    let mut of_name = given.into_iter().filter(|(known, _)| known == name);
    of_name.next_back().unwrap().1
}

// proves: PLUG-01
#[tokio::test(flavor = "multi_thread")]
async fn references_of_one_flow_mean_nothing_in_the_next() {
    let stage = Stage::with(Script::honest().client_secret(CLIENT_SECRET)).await;
    let honest = Program::honest(&stage.idp).confidential(&stage.client_secret(CLIENT_SECRET));
    let name = stage.approve("corp", &honest).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let (access, old) = (last(&stage, "access_token"), last(&stage, "refresh_token"));
    let tokens = stage.idp.count(Role::Token);

    // In a refresh, where the secrets themselves are at hand again, under new names.
    for steps in [
        vec![grant(json!({"RefreshToken": kept(old)}), vec![])],
        vec![call(API, kept(access), &[], vec![])],
        vec![request("userinfo", json!({"Userinfo": kept(access)}))],
        vec![request(
            "introspection",
            json!({"Introspection": kept(old)}),
        )],
    ] {
        let attack = honest.clone().steps("refresh", steps);
        stage.approve_again(&name, &attack).await.unwrap();
        let error = caught(stage.refresh(&name).await);
        assert_eq!(error.code(), "plugin.reference", "{error:?}");
    }
    // In a revocation.
    let steps = vec![request("revocation", json!({"Revocation": kept(old)}))];
    let attack = honest.clone().steps("revoke", steps);
    stage.approve_again(&name, &attack).await.unwrap();
    assert_eq!(stage.idp.count(Role::Token), tokens);
    for role in [Role::Api, Role::UserInfo, Role::Introspection] {
        assert_eq!(stage.idp.count(role), 0, "{role:?}");
    }
    assert_eq!(stage.sealed(), 1, "the grant is gone");

    // The new references go where the old ones went.
    stage.approve_again(&name, &honest).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    assert_eq!(stage.idp.count(Role::Token), tokens + 1);
    assert_ne!(last(&stage, "refresh_token"), old);

    // And the attack on the revocation revokes nothing, while signing out forgets all the same.
    stage.approve_again(&name, &attack).await.unwrap();
    let out = stage.vestibule.sign_out(&name, None).await.unwrap();
    assert!(!out.unconfirmed.is_empty(), "{out:?}");
    assert_eq!(stage.idp.count(Role::Revocation), 0);
    stage.kept_nothing();
    stage.told_nothing();
    stage.sent_nothing_astray();
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_in_another_sign_in() {
    let stage = Stage::honest().await;
    let honest = Program::honest(&stage.idp);
    stage.play(&honest).await.unwrap();
    let (code, access) = (last(&stage, "code"), last(&stage, "access_token"));
    let before = stage.idp.count(Role::Token);
    for steps in [
        vec![
            discover(),
            authorize(),
            grant(json!({"AuthorizationCode": kept(code)}), vec![]),
        ],
        vec![discover(), call(API, kept(access), &[], vec![])],
        vec![
            discover(),
            finish_as("Oauth", &[("access_token", kept(access))]),
        ],
    ] {
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        caught(stage.play(&program).await);
    }
    assert_eq!(stage.idp.count(Role::Token), before);
    assert_eq!(stage.idp.count(Role::Api), 0);
    assert_eq!(stage.sealed(), 1);
    // What is the flow's own works beside it.
    let own = honest.after_tokens(vec![
        userinfo("access_token"),
        call(API, reference("access_token"), &[], vec![]),
    ]);
    assert!(stage.play(&own).await.is_ok());
}
