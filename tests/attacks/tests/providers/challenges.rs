//! Attack: a provider's answer, a challenge or a description at run time proposes another issuer to sign in at.
//! Stopped by: the issuer of the approval, and no other, host/app/src/describe.rs

use std::fs;

use serde_json::{Value, json};
use vestibule_attacks::puppet::{API, call, reference, userinfo};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{Fault, MetadataTwist, Rehearsal, Role, Script};

/// What resource servers say about where to sign in (RFC 6750 section 3, RFC 9728 section 5.1).
fn challenge(mallory: &Rehearsal) -> Fault {
    let issuer = mallory.issuer();
    Fault::Challenge(format!(
        "Bearer realm=\"{issuer}\", as_uri=\"{issuer}\", issuer=\"{issuer}\", authorization_uri=\"{issuer}/authorize\", \
         resource_metadata=\"{issuer}/.well-known/oauth-protected-resource\", error=\"invalid_token\""
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_leads_to_no_other_issuer() {
    for role in [
        Role::Discovery,
        Role::ServerMetadata,
        Role::Jwks,
        Role::PushedAuthorization,
        Role::Token,
        Role::UserInfo,
        Role::Api,
    ] {
        let mallory = Rehearsal::start(Script::honest().any_redirect_path())
            .await
            .unwrap();
        let stage = Stage::honest().await;
        // The conforming plugin stops where it is refused; the other one uses what that one does not.
        let name = if matches!(role, Role::UserInfo | Role::Api) {
            let steps = vec![
                userinfo("access_token"),
                call(API, reference("access_token"), &[], vec![]),
            ];
            let program = Program::honest(&stage.idp).after_tokens(steps);
            stage.approve("stage", &program).await.unwrap()
        } else {
            stage.conforming("").await.unwrap()
        };
        let hostile = Script::honest().any_redirect_path();
        stage.idp.rescript(hostile.fault(role, challenge(&mallory)));
        let ended = stage.sign_in(&name).await;
        if matches!(role, Role::ServerMetadata | Role::UserInfo | Role::Api) {
            // Not asked, or not needed for a sign-in.
            ended.unwrap();
        } else {
            assert_eq!(stopped(ended).blame(), Blame::Provider, "{role:?}");
            stage.kept_nothing();
        }
        assert!(mallory.requests().is_empty(), "{role:?}");
        assert!(stage.tape.browsers() <= 1, "{role:?}");
        let told = stage.tape.entered().concat();
        assert!(!told.contains(&mallory.issuer()), "{role:?}");
        stage.told_nothing();
    }
}

// proves: DISC-01
#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_a_description_at_run_time_propose_no_other_issuer() {
    let mallory = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    let stage = Stage::honest().await;
    let name = stage
        .approve("stage", &Program::honest(&stage.idp))
        .await
        .unwrap();
    let proposing = Script::honest()
        .any_redirect_path()
        .twist(MetadataTwist::Member("issuer", mallory.issuer()));
    stage.idp.rescript(proposing);
    assert_eq!(
        stopped(stage.sign_in(&name).await).code(),
        "discovery.issuer"
    );
    stage.idp.rescript(Script::honest().any_redirect_path());

    // What the plugin says now is not what was approved: seen from the other side, the approval is of another issuer.
    let file = stage.root().join("state/approvals/stage.json");
    let honest = fs::read(&file).unwrap();
    let mut pinned: Value = serde_json::from_slice(&honest).unwrap();
    pinned["permissions"]["issuer"] = json!(mallory.issuer());
    fs::write(&file, pinned.to_string()).unwrap();
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Plugin, "approval.describe")
    );

    // And a tenant file that somebody points elsewhere is not approved.
    fs::write(&file, honest).unwrap();
    let tenant = stage.root().join("config/tenants.d/stage.toml");
    let text = fs::read_to_string(&tenant).unwrap();
    let port = |idp: &Rehearsal| format!(":{}", idp.address().port());
    fs::write(&tenant, text.replace(&port(&stage.idp), &port(&mallory))).unwrap();
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Policy, "approval.stale")
    );

    assert!(mallory.requests().is_empty());
    assert_eq!(stage.tape.browsers(), 0);
    stage.kept_nothing();
    fs::write(&tenant, text).unwrap();
    stage.sign_in(&name).await.unwrap();
}
