//! Attack: metadata that is honest but for one endpoint, which is the attacker's, so that a code, a verifier or a token goes there.
//! Stopped by: endpoints at approved hosts only, pinned at approval and compared before each use, host/broker/src/discover.rs

use serde_json::json;
use vestibule_attacks::puppet::{endpoint, list};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{MetadataTwist, Par, Rehearsal, Role, Script};

/// Every endpoint that metadata can name.
const ENDPOINTS: [&str; 9] = [
    "token_endpoint",
    "authorization_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "introspection_endpoint",
    "userinfo_endpoint",
    "registration_endpoint",
];

async fn mallory() -> Rehearsal {
    Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap()
}

/// The honest provider's script with one endpoint of the attacker's, and neither code nor verifier in a pushed request.
fn leading_to(member: &'static str, mallory: &Rehearsal) -> Script {
    let there = format!("{}/token", mallory.issuer());
    Script::honest()
        .any_redirect_path()
        .twist(MetadataTwist::Member(member, there))
}

// proves: DISC-04
#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_of_an_attacker_is_approved() {
    for member in ENDPOINTS {
        let mallory = mallory().await;
        let stage = Stage::with(leading_to(member, &mallory)).await;
        let error = stopped(stage.approve("stage", &Program::honest(&stage.idp)).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, "discovery.host"),
            "{member}"
        );
        assert!(mallory.requests().is_empty(), "{member}");
        assert_eq!(stage.tape.browsers(), 0);
    }
}

// proves: DISC-04
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_moves_to_an_attacker_after_approval_gets_nothing() {
    for member in ENDPOINTS {
        let mallory = mallory().await;
        let stage = Stage::honest().await;
        let program = Program::honest(&stage.idp);
        let name = stage.approve("stage", &program).await.unwrap();
        stage.idp.rescript(leading_to(member, &mallory));
        let error = stopped(stage.sign_in(&name).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, "discovery.host"),
            "{member}"
        );
        assert!(mallory.requests().is_empty(), "{member}");
        assert_eq!(stage.idp.count(Role::Token), 0);
        assert_eq!(stage.tape.browsers(), 0);
        stage.kept_nothing();
    }
}

// proves: DISC-04
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_moves_on_its_own_host_waits_for_approval() {
    for member in ENDPOINTS {
        let stage = Stage::honest().await;
        let name = stage.conforming("").await.unwrap();
        let there = format!("{}/api/hello", stage.idp.issuer());
        let moved = Script::honest().any_redirect_path();
        stage
            .idp
            .rescript(moved.twist(MetadataTwist::Member(member, there)));
        let ended = stage.sign_in(&name).await;
        assert_eq!(stage.idp.count(Role::Api), 0, "{member}");
        // One that was not there to approve is no place that anything goes to.
        if member == "registration_endpoint" {
            ended.unwrap();
            continue;
        }
        let error = stopped(ended);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Policy, "approval.endpoint"),
            "{member}"
        );
        assert!(
            error
                .next_step()
                .is_some_and(|hint| hint.contains("tenant approve"))
        );
        assert_eq!(stage.idp.count(Role::Token), 0, "{member}");
        stage.kept_nothing();
    }
}

// proves: DISC-04
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_the_metadata_lacks_is_supplied_on_the_issuers_host_or_not_at_all() {
    let silent = || {
        Script::honest()
            .par(Par::Absent)
            .any_redirect_path()
            .twist(MetadataTwist::MemberMissing("revocation_endpoint"))
    };
    let supplied = |program: Program, url: &str| {
        program.profile(|profile| {
            list(profile, "endpoints").push(endpoint("revocation", "Revocation", url));
        })
    };
    let mallory = mallory().await;
    let stage = Stage::with(silent()).await;
    let there = format!("{}/revoke", mallory.issuer());
    let error = stopped(
        stage
            .approve("stage", &supplied(Program::honest(&stage.idp), &there))
            .await,
    );
    assert_eq!(error.code(), "approval.hosts", "{error:?}");
    assert!(mallory.requests().is_empty());

    let here = format!("{}/revoke", stage.idp.issuer());
    let program = supplied(Program::honest(&stage.idp), &here);
    let name = stage.approve("supplied", &program).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let out = stage.vestibule.sign_out(&name, None).await.unwrap();
    assert!(out.unconfirmed.is_empty(), "{out:?}");
    assert_eq!(stage.idp.count(Role::Revocation), 2);
    stage.sent_nothing_astray();

    // One that the metadata has is not the plugin's to name, not even where it is.
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp).profile(|profile| {
        let url = format!(
            "{}/api/hello",
            profile["server"]["Discovered"].as_str().unwrap()
        );
        list(profile, "endpoints").push(endpoint("token", "Token", &url));
        profile["hosts"] = json!([]);
    });
    let error = stopped(stage.approve("stage", &program).await);
    assert_eq!(error.blame(), Blame::Plugin, "{error:?}");
}
