//! Attack: get a grant in an unusual way: by a phished device code, on another machine, in a burst, with a stolen refresh token.
//! Stopped by: rules over the audit log, asked before anything is begun; the tenant says whether an alert refuses, host/app/src/alerts.rs

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use vestibule_app::{AuditEvent as E, Found, Outcome, TokenQuery};
use vestibule_attacks::stage::{puppet, puppet_that_asks_for};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::{BURST_SECONDS, BURST_SIGN_INS, MANY_TENANTS};
use vestibule_core::{Blame, Error, Kind, TenantName};
use vestibule_rehearsal::{Role, Visitor};

use crate::{machine_for, provider, signed_in, visit};

const BOTH_WAYS: &str = "[policy]\nmethods = [\"browser\", \"device\"]\n";
const REFUSES: &str = "on_alert = \"refuse\"\n";
const HIGH_RISK: &str = "\n[policy]\nrisk = \"high\"\n";

/// The alerts that were recorded: by rule, and how they ended.
fn alerts(stage: &Stage) -> Vec<(String, Outcome)> {
    let records = stage.recorded().into_iter();
    records
        .filter(|record| record.entry.event == E::Alert)
        .map(|record| (record.entry.alert.unwrap().rule, record.entry.outcome))
        .collect()
}

fn warnings(stage: &Stage) -> usize {
    let shown = stage.tape.shown();
    let unusual = |text: &&String| text.starts_with("unusual: ");
    shown.iter().filter(unusual).count()
}

/// It was refused as unusual, by this rule alone.
#[track_caller]
fn refused(stage: &Stage, error: &Error, rule: &str) {
    assert_eq!(error.code(), "alert.refused", "{error:?}");
    assert_eq!(error.blame(), Blame::Policy, "{error:?}");
    assert!(error.message().contains(rule), "{error:?}");
    assert!(error.next_step().unwrap().contains("--accept"), "{error:?}");
    assert_eq!(
        alerts(stage).last(),
        Some(&(rule.to_owned(), Outcome::Refused))
    );
}

/// Spans of the clock that are counted begin anew.
fn at_the_beginning_of_a_span(stage: &Stage) {
    let left = BURST_SECONDS - stage.idp.clock().now() % BURST_SECONDS;
    stage.idp.clock().advance(Duration::from_secs(left));
}

async fn by_device(stage: &Stage, name: &TenantName) -> Result<(), Error> {
    stage.enters_code_at(6, Visitor::approve("ada"));
    stage.sign_in_by_device(name).await.map(drop)
}

// proves: POL-07
#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_warned_of_and_where_the_tenant_says_so_refused_before_a_code_is_shown() {
    let stage = Stage::honest().await;
    let name = stage.conforming(BOTH_WAYS).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    by_device(&stage, &name).await.unwrap();
    assert_eq!(
        alerts(&stage),
        [("new-method".to_owned(), Outcome::Done)],
        "it goes on"
    );
    assert_eq!(warnings(&stage), 1);

    let stage = Stage::honest().await;
    let name = stage
        .conforming(&format!("{BOTH_WAYS}{REFUSES}"))
        .await
        .unwrap();
    for _ in 0..3 {
        stage.sign_in(&name).await.unwrap();
    }
    // As often as somebody tries.
    for _ in 0..2 {
        let error = stopped(stage.sign_in_by_device(&name).await);
        refused(&stage, &error, "device-instead");
    }
    let both = ["new-method", "device-instead"].map(|rule| (rule.to_owned(), Outcome::Refused));
    assert_eq!(alerts(&stage), [both.clone(), both].concat());
    assert!(stage.tape.prompts().is_empty());
    assert_eq!(stage.idp.count(Role::DeviceAuthorization), 0);
    // Once an operator has looked at it, it is usual.
    stage.vestibule.accept_alerts(&name).unwrap();
    by_device(&stage, &name).await.unwrap();
    assert_eq!(alerts(&stage).len(), 4);
    stage.told_nothing();
    stage.log_is_whole();
}

// proves: POL-07
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_sign_ins_ends_at_a_tenant_of_high_risk_and_is_told_elsewhere() {
    for (policy, ends) in [(HIGH_RISK, true), ("", false)] {
        let stage = Stage::honest().await;
        at_the_beginning_of_a_span(&stage);
        let file = Program::honest(&stage.idp).tenant_file("") + policy;
        let name = stage.approve_file("corp", &file).await.unwrap();
        for _ in 1..BURST_SIGN_INS {
            stage.sign_in(&name).await.unwrap();
        }
        assert_eq!(alerts(&stage), []);
        let tokens = stage.idp.count(Role::Token);
        let last = stage.sign_in(&name).await;
        if ends {
            refused(&stage, &stopped(last), "burst");
            refused(&stage, &stopped(stage.sign_in(&name).await), "burst");
            assert_eq!(stage.idp.count(Role::Token), tokens);
            // It is over when the time is.
            stage
                .idp
                .clock()
                .advance(Duration::from_secs(BURST_SECONDS));
            stage.sign_in(&name).await.unwrap();
        } else {
            last.unwrap();
            assert_eq!(alerts(&stage), [("burst".to_owned(), Outcome::Done)]);
            assert_eq!(warnings(&stage), 1);
        }
    }
}

// proves: POL-07
#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_the_credentials_of_many_tenants_is_noticed() {
    let stage = Stage::honest().await;
    at_the_beginning_of_a_span(&stage);
    let file = |more: &str| Program::honest(&stage.idp).tenant_file("") + more;
    let mut names = Vec::new();
    for at in 1..MANY_TENANTS {
        let name = stage
            .approve_file(&format!("tenant-{at}"), &file(""))
            .await
            .unwrap();
        stage.sign_in(&name).await.unwrap();
        names.push(name);
        if at % 8 == 0 {
            // Nobody signs in so often.
            at_the_beginning_of_a_span(&stage);
        }
    }
    let strict = file(&format!("\n[policy]\n{REFUSES}"));
    let strict = stage.approve_file("strict", &strict).await.unwrap();
    stage.sign_in(&strict).await.unwrap();
    at_the_beginning_of_a_span(&stage);
    assert_eq!(alerts(&stage), []);
    let take = async |name: &TenantName| {
        let query = TokenQuery::default();
        stage.vestibule.token(name, &query).await
    };
    for name in &names {
        let _ = take(name).await.unwrap();
    }
    assert_eq!(alerts(&stage), []);
    let error = stopped(take(&strict).await);
    refused(&stage, &error, "many-tenants");
    // Nothing was handed out, and that is what is recorded.
    assert_eq!(stage.last(E::Release).tenant.as_deref(), Some("tenant-19"));
}

// proves: POL-07
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_is_noticed() {
    for (more, ends) in [("\n[policy]\non_alert = \"refuse\"\n", true), ("", false)] {
        let stage = Stage::honest().await;
        let file = Program::honest(&stage.idp).tenant_file("") + more;
        let name = stage.approve_file("corp", &file).await.unwrap();
        stage.sign_in(&name).await.unwrap();
        stage.skew.store(-200, Ordering::SeqCst);
        let query = TokenQuery::default();
        let token = stage.vestibule.token(&name, &query).await;
        if ends {
            refused(&stage, &stopped(token), "clock-step");
        } else {
            let _ = token.unwrap();
            assert_eq!(alerts(&stage), [("clock-step".to_owned(), Outcome::Done)]);
            assert_eq!(warnings(&stage), 1);
        }
    }
}

// proves: POL-07
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_was_exchanged_together_with_its_pin_is_noticed() {
    let stage = Stage::honest().await;
    let file = Program::honest(&stage.idp).tenant_file("") + "\n[policy]\non_alert = \"refuse\"\n";
    let name = stage.approve_file("corp", &file).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let other = puppet_that_asks_for(&json!({"scopes": []}));
    let digest = |bytes: &[u8]| vestibule_app::plugins::digest(bytes);
    let pin = stage.root().join("state/approvals/corp.json");
    let pinned = fs::read_to_string(&pin).unwrap();
    assert!(pinned.contains(&digest(&puppet())));
    stage.install(&other);
    fs::write(&pin, pinned.replace(&digest(&puppet()), &digest(&other))).unwrap();
    refused(
        &stage,
        &stopped(stage.sign_in(&name).await),
        "plugin-changed",
    );
    assert_eq!(stage.tape.browsers(), 1);
    // An approval that went the usual way is none to be noticed.
    fs::write(&pin, pinned).unwrap();
    let proposal = stage.vestibule.propose(&name).await.unwrap();
    stage.vestibule.approve(&proposal).unwrap();
    stage.sign_in(&name).await.unwrap();
}

// proves: POL-07
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_somebody_else_has_spent_is_noticed() {
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp);
    let name = stage.approve("corp", &program).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    // A copy of the machine's files refreshes first.
    let sealed = vestibule_e2e::kept::sealed(&stage.root().join("state"));
    let copies: Vec<_> = sealed
        .iter()
        .map(|file| (file.clone(), fs::read(file).unwrap()))
        .collect();
    let _ = stage.refresh(&name).await.unwrap();
    for (file, bytes) in copies {
        fs::write(file, bytes).unwrap();
    }
    let error = stopped(stage.refresh(&name).await);
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::LoginRequired, "grant.dead")
    );
    assert_eq!(
        alerts(&stage),
        [("refresh-reuse".to_owned(), Outcome::Done)],
        "{:#?}",
        stage.recorded()
    );
    assert_eq!(warnings(&stage), 1);
    stage.told_nothing();
}

// proves: POL-07
#[test]
fn a_log_that_was_carried_to_another_machine_makes_its_sign_in_unusual() {
    let idp = provider();
    let before = signed_in(&idp);
    let machine = machine_for(&idp, "[policy]\non_alert = \"refuse\"\n");
    let (from, to) = (before.state().join("audit"), machine.state().join("audit"));
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    let outcome = machine.run(&["login", "corp", "--no-browser", "--json"]);
    outcome.failed("alert.refused", "policy", 5);
    let told = machine.run(&["audit", "alerts", "--json"]);
    assert_eq!(told.code, Some(10), "{told}");
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told[0]["rule"], "new-device");
    assert_eq!(told[0]["told"], "refused");
    let _ = machine
        .run(&["audit", "alerts", "--accept", "corp"])
        .succeeded();
    let login = machine.start(&["login", "corp", "--no-browser"]);
    let _ = visit(&login.address());
    let _ = login.finish().succeeded();
}

// proves: POL-07
#[tokio::test(flavor = "multi_thread")]
async fn normal_use_raises_no_alert_at_any_risk() {
    for more in ["", HIGH_RISK] {
        let stage = Stage::honest().await;
        let file = Program::honest(&stage.idp).tenant_file("") + more;
        let name = stage.approve_file("corp", &file).await.unwrap();
        for _ in 0..3 {
            stage.sign_in(&name).await.unwrap();
            for _ in 0..5 {
                let query = TokenQuery::default();
                let _ = stage.vestibule.token(&name, &query).await.unwrap();
            }
            let _ = stage.refresh(&name).await.unwrap();
            stage.vestibule.sign_out(&name, None).await.unwrap();
            stage.idp.clock().advance(Duration::from_secs(36_000));
        }
        assert_eq!(alerts(&stage), []);
        assert_eq!(warnings(&stage), 0);
        let found: Vec<Found> = stage.vestibule.audit_alerts().unwrap().found;
        assert_eq!(found, []);
    }
}
