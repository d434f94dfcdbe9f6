//! Attack: let what a person has signed in to serve a workload, or a workload's token a person, when one of them is not there.
//! Stopped by: a record says whose it is, and a tenant is for one of them (host/core/src/record.rs, host/app/src/grants.rs,
//! host/app/src/workload.rs, host/policy/src/method.rs).

use std::fs;

use serde_json::{Value, json};
use vestibule_app::{AuditEvent, SignIn, TokenQuery};
use vestibule_attacks::puppet::{authorize, discover, finish, grant, redeem};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::workload::{CLIENT_SECRET, platform, script};
use vestibule_attacks::{Program, Stage};
use vestibule_core::record::Method;
use vestibule_core::{Blame, Kind, TenantName};
use vestibule_rehearsal::Role;

const PERSON: &str = "[policy]\nmethods = [\"browser\"]\n";
const WORKLOAD: &str = "[policy]\nmethods = [\"workload\"]\n";

/// One description for both, so that no approval stands between them.
fn program(stage: &Stage, steps: Vec<Value>) -> Program {
    let file = stage.client_secret(CLIENT_SECRET);
    Program::honest(&stage.idp)
        .confidential(&file)
        .profile(|profile| profile["methods"] = json!(["browser", "workload"]))
        .steps("sign-in", steps)
}

fn by_browser() -> Vec<Value> {
    vec![
        discover(),
        authorize(),
        redeem("code"),
        finish(&["access_token", "refresh_token"]),
    ]
}

fn by_credentials() -> Vec<Value> {
    vec![
        discover(),
        grant(json!("ClientCredentials"), vec![]),
        finish(&["access_token"]),
    ]
}

async fn becomes(stage: &Stage, name: &TenantName, program: &Program, policy: &str) {
    fs::write(stage.tenant_file(name), program.tenant_file(policy)).unwrap();
    let proposal = stage.vestibule.propose(name).await.unwrap();
    stage.vestibule.approve(&proposal).unwrap();
}

async fn token(stage: &Stage, name: &TenantName) -> vestibule_core::Result<String> {
    let released = stage.vestibule.token(name, &TokenQuery::default()).await?;
    let mut channel = Vec::new();
    released.write_part("access_token", &mut channel).unwrap();
    Ok(String::from_utf8(channel).unwrap())
}

// proves: WKL-01
#[tokio::test(flavor = "multi_thread")]
async fn a_persons_sign_in_is_none_of_a_workloads() {
    let stage = Stage::with(script(&platform())).await;
    let person = program(&stage, by_browser());
    let name = stage
        .approve_file("corp", &person.tenant_file(PERSON))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    let persons = token(&stage, &name).await.unwrap();
    // The tenant is for workloads now, and its workload cannot sign in.
    let broken = program(&stage, vec![discover(), json!({"Fail": {"message": "no"}})]);
    becomes(&stage, &name, &broken, WORKLOAD).await;
    let asked = stage.idp.count(Role::Token);
    let error = stopped(token(&stage, &name).await);
    assert_eq!(error.blame(), Blame::Plugin, "{error:?}");
    assert_eq!(stage.idp.count(Role::Token), asked, "not even renewed");
    assert!(stage.idp.is_live(&persons), "it would have been there");
    assert_eq!(stage.tape.browsers(), 1);
    // One that can gets a token of its own.
    becomes(&stage, &name, &program(&stage, by_credentials()), WORKLOAD).await;
    let workloads = token(&stage, &name).await.unwrap();
    assert_ne!(workloads, persons);
    assert_eq!(stage.tape.browsers(), 1);
    // Both are listed, each as what it is, and both end with the sign-out.
    let status = stage.vestibule.status_of(name.clone()).unwrap();
    let mut whose: Vec<&str> = status
        .records
        .iter()
        .map(|record| record.namespace.as_str())
        .collect();
    whose.sort_unstable();
    assert_eq!(whose, ["person", "workload"]);
    let out = stage.vestibule.sign_out(&name, None).await.unwrap();
    assert_eq!(out.accounts.len(), 2);
    assert_eq!(stage.sealed(), 0);
}

// proves: WKL-01
#[tokio::test(flavor = "multi_thread")]
async fn a_workloads_token_is_none_of_a_persons() {
    let stage = Stage::with(script(&platform())).await;
    let workload = program(&stage, by_credentials());
    let name = stage
        .approve_file("corp", &workload.tenant_file(WORKLOAD))
        .await
        .unwrap();
    let workloads = token(&stage, &name).await.unwrap();
    assert_eq!(stage.idp.count(Role::Token), 1);
    // The tenant is for people now, and nobody has signed in. Its plugin could sign the workload in again.
    becomes(&stage, &name, &workload, PERSON).await;
    let error = stopped(token(&stage, &name).await);
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::LoginRequired, "grant.missing")
    );
    for query in [
        TokenQuery {
            refresh: true,
            ..TokenQuery::default()
        },
        TokenQuery {
            account: Some(vestibule_rehearsal::Script::CLIENT_ID.to_owned()),
            ..TokenQuery::default()
        },
    ] {
        let error = stopped(stage.vestibule.token(&name, &query).await.map(drop));
        assert_eq!(error.kind(), Kind::LoginRequired);
    }
    assert_eq!(stage.idp.count(Role::Token), 1);
    assert!(stage.idp.is_live(&workloads), "it would have been there");
    assert_eq!(stage.tape.browsers(), 0);
}

// proves: POL-10
#[tokio::test(flavor = "multi_thread")]
async fn records_tell_people_workloads_and_the_plugins_that_act_for_them_apart() {
    let stage = Stage::with(script(&platform())).await;
    let person = program(&stage, by_browser());
    let name = stage
        .approve_file("corp", &person.tenant_file(PERSON))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    let of_person = stage.last(AuditEvent::Issuance);
    let workload = program(&stage, by_credentials());
    becomes(&stage, &name, &workload, WORKLOAD).await;
    let _ = token(&stage, &name).await.unwrap();
    let of_workload = stage.last(AuditEvent::Issuance);
    let released = stage.last(AuditEvent::Release);
    // A plugin that does what nobody has asked it for.
    becomes(
        &stage,
        &name,
        &program(&stage, vec![discover(), authorize()]),
        WORKLOAD,
    )
    .await;
    let refresh = TokenQuery {
        refresh: true,
        ..TokenQuery::default()
    };
    let _ = stopped(stage.vestibule.token(&name, &refresh).await.map(drop));
    let of_plugin = stage.last(AuditEvent::Refusal);

    assert_eq!(of_person.method.as_deref(), Some("browser"));
    assert_eq!(
        of_person.subject.as_deref(),
        Some(vestibule_rehearsal::PEOPLE[0].sub)
    );
    for entry in [&of_workload, &released] {
        assert_eq!(entry.method.as_deref(), Some("workload"), "{entry:?}");
        assert_eq!(
            entry.subject.as_deref(),
            Some(vestibule_rehearsal::Script::CLIENT_ID)
        );
        assert_ne!(entry.session, of_person.session);
    }
    assert_eq!(of_plugin.reason.unwrap().blame, "plugin");
    for entry in [&of_person, &of_workload, &released] {
        assert_eq!(entry.plugin.as_deref(), Some("puppet"));
        assert_eq!(entry.plugin_digest, of_plugin.plugin_digest);
        assert!(entry.plugin_digest.is_some());
    }
    // And so do the records that are kept.
    let status = stage.vestibule.status_of(name).unwrap();
    let kept = |word: &str| {
        let one = status
            .records
            .iter()
            .find(|record| record.namespace.as_str() == word);
        one.unwrap().facts.method.as_str()
    };
    assert_eq!((kept("person"), kept("workload")), ("browser", "workload"));
    stage.told_nothing();
}

// proves: WKL-01
#[tokio::test(flavor = "multi_thread")]
async fn neither_is_chosen_where_the_other_was_meant() {
    let stage = Stage::with(script(&platform())).await;
    let both = program(&stage, by_credentials());
    let wish = |method| SignIn {
        method: Some(method),
        force: true,
        ..SignIn::default()
    };
    let name = stage
        .approve_file("corp", &both.tenant_file(PERSON))
        .await
        .unwrap();
    let error = stopped(
        stage
            .vestibule
            .sign_in(&name, &wish(Method::Workload))
            .await,
    );
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Policy, "policy.denied")
    );
    // Nor by the plugin, which would rather be a workload.
    let error = stopped(stage.sign_in(&name).await);
    assert!(error.message().ends_with("(rule: purpose)"), "{error:?}");
    becomes(&stage, &name, &both, WORKLOAD).await;
    for method in [Method::Browser, Method::Device] {
        let error = stopped(stage.vestibule.sign_in(&name, &wish(method)).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Policy, "policy.denied")
        );
    }
    // A tenant for both is for nobody: the file says so at its line, approved or not.
    let mixed = both.tenant_file("[policy]\nmethods = [\"browser\", \"workload\"]\n");
    fs::write(stage.tenant_file(&name), mixed).unwrap();
    let error = stopped(stage.vestibule.propose(&name).await);
    assert_eq!(error.code(), "tenant.policy");
    assert!(error.message().contains("mixes"), "{error:?}");
    let error = stopped(
        stage
            .vestibule
            .sign_in(&name, &wish(Method::Workload))
            .await,
    );
    assert!(error.message().contains("mixes"), "{error:?}");
    let error = stopped(token(&stage, &name).await);
    assert!(error.message().contains("mixes"), "{error:?}");
    assert_eq!(stage.idp.count(Role::Token), 0);
    assert_eq!(stage.tape.browsers(), 0);
    stage.kept_nothing();
}

// proves: WKL-01
#[tokio::test(flavor = "multi_thread")]
async fn a_workloads_secret_is_typed_by_nobody() {
    let stage = Stage::with(script(&platform())).await;
    stage.install_conforming();
    let settings =
        "token_endpoint_auth_method = \"client_secret_basic\"\nworkload = \"client_credentials\"";
    let file = stage.client_file(
        settings,
        "client_secret = \"prompt\"",
        "methods = [\"workload\"]\nrisk = \"high\"",
        &[],
    );
    let name = stage.approve_file("build", &file).await.unwrap();
    let shown = stage.tape.shown().len();
    let error = stopped(token(&stage, &name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::User, "secret.nobody")
    );
    let asked = |text: &String| text.contains('?');
    assert!(
        !stage.tape.shown()[shown..].iter().any(asked),
        "somebody was asked"
    );
    assert_eq!(stage.idp.count(Role::Token), 0);
    stage.kept_nothing();
}
