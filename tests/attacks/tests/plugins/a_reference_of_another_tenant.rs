//! Attack: pass a reference of one tenant's flow to the flow of another tenant of the same plugin, issuer and client.
//! Stopped by: a vault for each flow of each tenant (host/broker/src/vault.rs, host/app/src/flow.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish_as, grant, kept, reference, request, secret,
};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Role, Script};

/// Introspection takes a client that authenticates.
const CLIENT_SECRET: &str = "a-client-secret-of-some-length";

#[tokio::test(flavor = "multi_thread")]
async fn what_one_tenants_flow_was_given_is_nothing_to_another() {
    let stage = Stage::with(Script::honest().client_secret(CLIENT_SECRET)).await;
    let honest = Program::honest(&stage.idp).confidential(&stage.client_secret(CLIENT_SECRET));
    let alice = stage.approve("alice", &honest).await.unwrap();
    stage.sign_in(&alice).await.unwrap();
    let theirs = stage.tape.references();
    assert_eq!(theirs.len(), 4);
    let before = stage.idp.requests().len();

    for (name, known) in theirs {
        let known = || kept(known);
        let uses: Vec<Vec<Value>> = vec![
            vec![call(API, known(), &[], vec![])],
            vec![request("userinfo", json!({"Userinfo": known()}))],
            vec![request("introspection", json!({"Introspection": known()}))],
            vec![finish_as("Oauth", &[("access_token", known())])],
        ];
        for steps in uses {
            let steps = [vec![discover()], steps].concat();
            let program = honest.clone().steps("sign-in", steps);
            let error = caught(stage.play(&program).await);
            assert!(
                ["plugin.reference", "plugin.identity"].contains(&error.code()),
                "{name}: {error:?}"
            );
        }
    }
    let asked = stage.idp.requests().split_off(before);
    let metadata = [Role::Discovery, Role::ServerMetadata, Role::Jwks];
    assert!(asked.iter().all(|seen| metadata.contains(&seen.role)));
    assert_eq!(stage.sealed(), 1, "only what is Alice's");
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_in_a_flow_that_has_tokens_of_its_own() {
    let stage = Stage::honest().await;
    let alice = stage.approve("alice", &Program::honest(&stage.idp)).await;
    stage.sign_in(&alice.unwrap()).await.unwrap();
    let theirs = |name: &str| {
        let given = stage.tape.references();
        kept(
            given
                .into_iter()
                .find(|(known, _)| known == name)
                .unwrap()
                .1,
        )
    };
    let (access, refresh, code) = (
        theirs("access_token"),
        theirs("refresh_token"),
        theirs("code"),
    );
    for step in [
        call(API, access.clone(), &[], vec![]),
        call(
            API,
            reference("access_token"),
            &[],
            vec![secret("note", access.clone())],
        ),
        finish_as("Oauth", &[("access_token", access)]),
        finish_as(
            "Oauth",
            &[
                ("access_token", reference("access_token")),
                ("refresh_token", refresh),
            ],
        ),
    ] {
        let program = Program::honest(&stage.idp).after_tokens(vec![step]);
        let error = caught(stage.play(&program).await);
        assert_eq!(error.code(), "plugin.reference", "{error:?}");
    }
    let steps = vec![
        discover(),
        authorize(),
        grant(json!({"AuthorizationCode": code}), vec![]),
    ];
    let program = Program::honest(&stage.idp).steps("sign-in", steps);
    let error = caught(stage.play(&program).await);
    assert_eq!(error.code(), "plugin.reference", "{error:?}");
    assert_eq!(stage.idp.count(Role::Api), 0);
    assert_eq!(stage.sealed(), 1);
    stage.told_nothing();
    stage.sent_nothing_astray();
}
