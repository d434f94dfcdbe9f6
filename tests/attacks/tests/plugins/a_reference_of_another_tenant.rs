//! Attack: pass a reference of one tenant's flow to the flow of another tenant of the same plugin, issuer and client.
//! Stopped by: a vault for each flow of each tenant (host/broker/src/vault.rs, host/app/src/flow.rs).

use serde_json::{Value, json};
use vestibule_app::AuditEvent;
use vestibule_attacks::puppet::{
    API, authorize, call, discover, endpoint, finish_as, grant, kept, list, reference, request,
    secret,
};
use vestibule_attacks::stage::puppet;
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Error;
use vestibule_rehearsal::{Role, Script};

/// Introspection takes a client that authenticates.
const CLIENT_SECRET: &str = "a-client-secret-of-some-length";

/// A public endpoint, to which no secret may go.
fn news(profile: &mut Value) {
    let url = profile["server"]["Discovered"].as_str().unwrap();
    let news = endpoint("news", "Public", &format!("{url}/news"));
    list(profile, "endpoints").push(news);
}

/// The last record of a refusal is of this error, of the plugin that tried, and not of the tenant whose secret it was.
#[track_caller]
fn refusal_is_of(stage: &Stage, during: &str, error: &Error) {
    let refused = stage.last(AuditEvent::Refusal);
    assert_eq!(refused.during.as_deref(), Some(during));
    assert_ne!(refused.tenant.as_deref(), Some("alice"));
    assert_eq!(
        refused.plugin_digest,
        Some(vestibule_app::plugins::digest(&puppet()))
    );
    let reason = refused.reason.unwrap();
    assert_eq!(
        (reason.code.as_str(), reason.blame.as_str()),
        (error.code(), "plugin")
    );
}

// proves: PLUG-11
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
            vec![request("revocation", json!({"Revocation": known()}))],
            vec![call(
                "news",
                Value::Null,
                &[],
                vec![secret("note", known())],
            )],
            vec![grant(json!({"AuthorizationCode": known()}), vec![])],
            vec![grant(json!({"RefreshToken": known()}), vec![])],
            vec![finish_as("Oauth", &[("access_token", known())])],
            vec![finish_as("Opaque", &[("note", known())])],
        ];
        for steps in uses {
            let steps = [vec![discover()], steps].concat();
            let program = honest.clone().profile(news).steps("sign-in", steps);
            let error = caught(stage.play(&program).await);
            assert!(
                ["plugin.reference", "plugin.identity", "policy.denied"].contains(&error.code()),
                "{name}: {error:?}"
            );
            refusal_is_of(&stage, "sign-in", &error);
        }
    }
    let asked = stage.idp.requests().split_off(before);
    let metadata = [Role::Discovery, Role::ServerMetadata, Role::Jwks];
    assert!(asked.iter().all(|seen| metadata.contains(&seen.role)));
    assert_eq!(stage.sealed(), 1, "only what is Alice's");
}

/// The other tenant's refresh and its end are transactions as its sign-in is.
// proves: PLUG-11
#[tokio::test(flavor = "multi_thread")]
async fn nor_to_the_refresh_and_the_end_of_another() {
    let stage = Stage::with(Script::honest().client_secret(CLIENT_SECRET)).await;
    let honest = Program::honest(&stage.idp).confidential(&stage.client_secret(CLIENT_SECRET));
    let alice = stage.approve("alice", &honest).await.unwrap();
    let bob = stage.approve("bob", &honest).await.unwrap();
    stage.sign_in(&alice).await.unwrap();
    let theirs = stage.tape.references();
    stage.sign_in(&bob).await.unwrap();
    let tokens = stage.idp.count(Role::Token);
    for (name, known) in &theirs {
        let known = || kept(*known);
        for step in [
            grant(json!({"RefreshToken": known()}), vec![]),
            grant(
                json!({"RefreshToken": reference("refresh_token")}),
                vec![secret("note", known())],
            ),
            call(API, known(), &[], vec![]),
            request("userinfo", json!({"Userinfo": known()})),
            request("introspection", json!({"Introspection": known()})),
            finish_as("Oauth", &[("access_token", known())]),
        ] {
            let attack = honest.clone().steps("refresh", vec![discover(), step]);
            stage.approve_again(&bob, &attack).await.unwrap();
            let error = caught(stage.refresh(&bob).await);
            let codes = ["plugin.reference", "policy.denied", "plugin.grant"];
            assert!(codes.contains(&error.code()), "{name}: {error:?}");
            refusal_is_of(&stage, "refresh", &error);
        }
    }
    assert_eq!(stage.idp.count(Role::Token), tokens);
    assert_eq!(stage.sealed(), 2, "both sign-ins are as they were");

    let (_, known) = theirs[0].clone();
    let end = vec![request("revocation", json!({"Revocation": kept(known)}))];
    let attack = honest.clone().steps("revoke", end);
    stage.approve_again(&bob, &attack).await.unwrap();
    let out = stage.vestibule.sign_out(&bob, None).await.unwrap();
    assert_eq!(out.confirmed.len(), 0, "{out:?}");
    let refused = stage.last(AuditEvent::Refusal);
    assert_eq!(refused.during.as_deref(), Some("sign-out"));
    assert_eq!(refused.tenant.as_deref(), Some("bob"));
    assert_eq!(refused.reason.unwrap().code, "plugin.reference");
    assert_eq!(stage.idp.count(Role::Revocation), 0);
    assert_eq!(stage.sealed(), 1, "what is Alice's");
    stage.told_nothing();
    stage.sent_nothing_astray();
    stage.log_is_whole();
}

// proves: PLUG-11
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
        refusal_is_of(&stage, "sign-in", &error);
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
