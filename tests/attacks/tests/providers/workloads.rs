//! Attack: the answer to a workload repeats its credentials, or brings what nobody has asked for.
//! Stopped by: a plugin is told a known code, a person nothing that repeats a secret, host/broker/src/outcome.rs; and a workload keeps no
//! refresh token, host/policy/src/method.rs

use std::time::Duration;

use vestibule_app::TokenQuery;
use vestibule_attacks::Stage;
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::workload::{CLIENT_SECRET, platform, script};
use vestibule_core::{Blame, TenantName};
use vestibule_e2e::encodings;
use vestibule_rehearsal::{Role, Signer, WorkloadTwist};

const POLICY: &str = "methods = [\"workload\"]\nscopes = [\"api:read\"]";

/// The three grants, by their settings.
const GRANTS: [&str; 3] = [
    "workload = \"client_credentials\"",
    "workload = \"jwt_bearer\"\nsubject_token_source = \"ci\"",
    "workload = \"token_exchange\"\nsubject_token_source = \"ci\"",
];

async fn stage(
    settings: &str,
    platform: &std::sync::Arc<Signer>,
    twist: Option<WorkloadTwist>,
) -> (Stage, TenantName) {
    let twisted = twist.map_or(script(platform), |twist| script(platform).twist(twist));
    let stage = Stage::with(twisted).await;
    stage.install_conforming();
    let sources: &[&str] = if settings.contains("ci") {
        &["ci"]
    } else {
        &[]
    };
    let file = stage.confidential_file(settings, POLICY, sources);
    let name = stage.approve_file("build", &file).await.unwrap();
    (stage, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_signs_in_by_each_grant_asks_nobody_and_keeps_what_it_needs() {
    for settings in GRANTS {
        let platform = platform();
        let twist = Some(WorkloadTwist::RefreshToken);
        let (stage, name) = stage(settings, &platform, twist).await;
        stage.asserts(&platform, "ci", "job-7", 6000);
        let signed_in = stage.sign_in(&name).await.unwrap();
        assert_eq!(signed_in.method.as_str(), "workload");
        let whose = if settings.contains("ci") {
            "job-7"
        } else {
            "rehearsal-cli"
        };
        assert_eq!(signed_in.account.as_deref(), Some(whose), "{settings}");
        let status = stage.vestibule.status_of(name.clone()).unwrap();
        assert_eq!(status.records.len(), 1);
        assert!(!status.records[0].renewable, "{settings}");
        assert_eq!(status.records[0].namespace.as_str(), "workload");
        // When the token has ended, the flow is run again.
        stage.idp.clock().advance(Duration::from_secs(400));
        let token = stage.vestibule.token(&name, &TokenQuery::default()).await;
        let mut channel = Vec::new();
        token
            .unwrap()
            .write_part("access_token", &mut channel)
            .unwrap();
        assert!(stage.idp.is_live(std::str::from_utf8(&channel).unwrap()));
        assert_eq!(stage.idp.count(Role::Token), 2, "{settings}");
        assert_eq!(stage.tape.browsers(), 0);
        assert!(stage.tape.prompts().is_empty());
        stage.told_nothing();
        let out = stage.vestibule.sign_out(&name, None).await.unwrap();
        assert!(out.unconfirmed.is_empty(), "{out:?}");
        assert_eq!(stage.sealed(), 0);
    }
}

// proves: PLUG-08
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_repeats_credentials_tells_nobody_what_they_are() {
    for settings in GRANTS {
        let platform = platform();
        let (stage, name) = stage(settings, &platform, Some(WorkloadTwist::RefusesWithEcho)).await;
        let assertion = stage.asserts(&platform, "ci", "job-7", 600);
        let error = stopped(stage.sign_in(&name).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, "provider.invalid_grant")
        );
        for secret in [assertion.as_str(), CLIENT_SECRET] {
            for form in encodings::of(secret) {
                assert!(!error.message().contains(&form), "{settings}: {error:?}");
            }
        }
        stage.told_nothing();
        stage.kept_nothing();
        assert!(!stage.keeps(&format!("\"{assertion}\"")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_need_the_token_at_once_sign_in_once() {
    let platform = platform();
    let (stage, name) = stage(GRANTS[0], &platform, None).await;
    let query = TokenQuery::default();
    let (first, second, third) = tokio::join!(
        stage.vestibule.token(&name, &query),
        stage.vestibule.token(&name, &query),
        stage.vestibule.token(&name, &query)
    );
    for token in [first, second, third] {
        let _ = token.unwrap();
    }
    assert_eq!(stage.idp.count(Role::Token), 1);
    let forced = TokenQuery {
        refresh: true,
        ..TokenQuery::default()
    };
    let _ = stage.vestibule.token(&name, &forced).await.unwrap();
    assert_eq!(stage.idp.count(Role::Token), 2);
    let another = TokenQuery {
        account: Some("somebody-else".to_owned()),
        ..TokenQuery::default()
    };
    let error = stopped(stage.vestibule.token(&name, &another).await.map(drop));
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::User, "grant.account")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_has_ended_is_not_sent() {
    let platform = platform();
    let (stage, name) = stage(GRANTS[1], &platform, None).await;
    stage.asserts(&platform, "ci", "job-7", 60);
    stage.idp.clock().advance(Duration::from_secs(61));
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(error.blame(), Blame::Config, "{error:?}");
    assert_eq!(stage.idp.count(Role::Token), 0);
    stage.kept_nothing();
}
