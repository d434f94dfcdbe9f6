//! Attack: the answer to a token exchange is another token than was asked for: of another type, for more, for longer, or for anybody.
//! Stopped by: type, scopes and lifetime are held against the request and its subject, host/broker/src/token/exchange.rs

use std::time::Duration;

use vestibule_app::broker::release::Released;
use vestibule_app::{AuditEvent, Outcome, TokenQuery};
use vestibule_attacks::Stage;
use vestibule_attacks::verdict::{stopped, unusable};
use vestibule_attacks::workload::{platform, script};
use vestibule_core::record::{Facts, RecordKind};
use vestibule_core::{Blame, Result, TenantName};
use vestibule_rehearsal::{Role, WorkloadTwist as W};

const API: &str = "https://api.example";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A person's tenant whose client authenticates, and whose policy names the audience.
const AUDIENCES: &str = "scopes = [\"openid\", \"profile\"]\naudiences = [\"https://api.example\"]";

async fn exchange(stage: &Stage, name: &TenantName) -> Result<Released> {
    let query = TokenQuery {
        audience: Some(API.to_owned()),
        ..TokenQuery::default()
    };
    stage.vestibule.token(name, &query).await
}

fn text(released: &Released) -> String {
    let mut channel = Vec::new();
    released.write_part("access_token", &mut channel).unwrap();
    String::from_utf8(channel).unwrap()
}

fn facts(stage: &Stage, name: &TenantName, kind: RecordKind) -> Option<Facts> {
    let status = stage.vestibule.status_of(name.clone()).unwrap();
    let found = status
        .records
        .into_iter()
        .find(|record| record.kind == kind);
    found.map(|record| record.facts)
}

/// Somebody has signed in, and the provider goes on by this twist.
async fn signed_in(
    policy: &str,
) -> (
    Stage,
    TenantName,
    std::sync::Arc<vestibule_rehearsal::Signer>,
) {
    let platform = platform();
    let stage = Stage::with(script(&platform)).await;
    stage.install_conforming();
    let file = stage.confidential_file("", policy, &[]);
    let name = stage.approve_file("corp", &file).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    (stage, name, platform)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_exchanged_token_is_what_was_asked_for_and_no_more() {
    let (stage, name, _) = signed_in(AUDIENCES).await;
    let parent = facts(&stage, &name, RecordKind::Grant).unwrap();
    let token = text(&exchange(&stage, &name).await.unwrap());
    let (audience, scope) = stage.idp.exchanged(&token).unwrap();
    assert_eq!(audience.as_deref(), Some(API));
    assert_eq!(scope, "profile");
    let derived = facts(&stage, &name, RecordKind::Derived).unwrap();
    assert!(derived.expires_at <= parent.expires_at);
    // Once more is the same one, from the store.
    let asked = stage.idp.count(Role::Token);
    assert_eq!(text(&exchange(&stage, &name).await.unwrap()), token);
    assert_eq!(stage.idp.count(Role::Token), asked);
    stage.told_nothing();
}

// proves: WKL-04
#[tokio::test(flavor = "multi_thread")]
async fn a_persons_exchange_that_brings_something_else_is_refused() {
    for (twist, code) in [
        (
            W::IssuedTokenType(JWT.to_owned()),
            "exchange.issued_token_type",
        ),
        (
            W::IssuedTokenType(String::new()),
            "exchange.issued_token_type",
        ),
        (W::IssuedTokenTypeMissing, "exchange.issued_token_type"),
        (W::NotToBeUsed, "token.token_type"),
        (W::WiderScope, "exchange.scope"),
    ] {
        let (stage, name, platform) = signed_in(AUDIENCES).await;
        stage.idp.rescript(script(&platform).twist(twist.clone()));
        let before = stage.sealed();
        let error = stopped(exchange(&stage, &name).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, code),
            "{twist:?}: {error:?}"
        );
        assert_eq!(stage.sealed(), before, "{twist:?}");
        assert!(
            facts(&stage, &name, RecordKind::Derived).is_none(),
            "{twist:?}"
        );
        let refusal = stage.last(AuditEvent::Refusal);
        assert_eq!(refusal.during.as_deref(), Some("exchange"));
        assert_eq!(refusal.outcome, Outcome::Refused);
        // The sign-in is as good as before.
        let own = stage.vestibule.token(&name, &TokenQuery::default()).await;
        assert!(stage.idp.is_live(&text(&own.unwrap())));
        stage.told_nothing();
    }
}

// proves: WKL-04
#[tokio::test(flavor = "multi_thread")]
async fn an_exchanged_token_ends_with_its_subject_whatever_the_provider_says() {
    let (stage, name, platform) = signed_in(AUDIENCES).await;
    stage.idp.clock().advance(Duration::from_secs(100));
    stage.idp.rescript(
        script(&platform)
            .twist(W::LongerLife)
            .clock(&stage.idp.clock()),
    );
    let parent = facts(&stage, &name, RecordKind::Grant).unwrap();
    let _ = exchange(&stage, &name).await.unwrap();
    let derived = facts(&stage, &name, RecordKind::Derived).unwrap();
    assert_eq!(derived.expires_at, parent.expires_at);
    assert_eq!(derived.ends_at, parent.ends_at);
}

/// A workload that exchanges an assertion of so many seconds.
async fn workload(
    twist: Option<W>,
    seconds: u64,
    policy: &str,
) -> (Stage, Result<vestibule_app::SignedIn>, TenantName) {
    let platform = platform();
    let twisted = twist.map_or(script(&platform), |twist| script(&platform).twist(twist));
    let stage = Stage::with(twisted).await;
    stage.install_conforming();
    let settings = "workload = \"token_exchange\"\nsubject_token_source = \"ci\"";
    let file = stage.confidential_file(settings, policy, &["ci"]);
    let name = stage.approve_file("build", &file).await.unwrap();
    stage.asserts(&platform, "ci", "job-7", seconds);
    let signed_in = stage.sign_in(&name).await;
    (stage, signed_in, name)
}

const WORKLOAD: &str = "methods = [\"workload\"]\nscopes = [\"api:read\"]";

// proves: WKL-04
#[tokio::test(flavor = "multi_thread")]
async fn a_workloads_exchange_that_brings_something_else_is_refused() {
    for (twist, code) in [
        (
            W::IssuedTokenType(JWT.to_owned()),
            "exchange.issued_token_type",
        ),
        (W::IssuedTokenTypeMissing, "exchange.issued_token_type"),
        (W::NotToBeUsed, "token.token_type"),
        (W::WiderScope, "exchange.scope"),
    ] {
        let (stage, signed_in, _) = workload(Some(twist.clone()), 600, WORKLOAD).await;
        let error = unusable(signed_in);
        assert_eq!(error.code(), code, "{twist:?}");
        stage.kept_nothing();
        stage.told_nothing();
        assert_eq!(stage.tape.browsers(), 0);
    }
}

// proves: WKL-04
#[tokio::test(flavor = "multi_thread")]
async fn a_workloads_token_ends_with_its_assertion_whatever_the_provider_says() {
    for twist in [None, Some(W::LongerLife)] {
        let (stage, signed_in, name) = workload(twist, 120, WORKLOAD).await;
        let signed_in = signed_in.unwrap();
        let now = stage.idp.clock().now();
        assert!(signed_in.expires_at <= now + 120, "{signed_in:?}");
        assert!(signed_in.expires_at > now, "{signed_in:?}");
        let grant = facts(&stage, &name, RecordKind::Grant).unwrap();
        assert_eq!(grant.expires_at, signed_in.expires_at);
    }
}

// proves: WKL-05
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_proves_nothing_exchanges_nothing_but_by_a_line() {
    let platform = platform();
    let public = || {
        vestibule_rehearsal::Script::honest()
            .any_redirect_path()
            .trusts(&platform)
    };
    let exchanges = "workload = \"token_exchange\"\nsubject_token_source = \"ci\"";
    let line = "allow_unauthenticated_exchange = true";
    // A person's token.
    let stage = Stage::with(public()).await;
    stage.install_conforming();
    let file = stage.client_file("", "", AUDIENCES, &[]);
    let name = stage.approve_file("corp", &file).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let asked = stage.idp.count(Role::Token);
    let error = stopped(exchange(&stage, &name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Policy, "policy.denied")
    );
    assert!(error.next_step().unwrap().contains(line), "{error:?}");
    assert_eq!(stage.idp.count(Role::Token), asked, "nothing was sent");
    // A workload's assertion.
    stage.asserts(&platform, "ci", "job-7", 600);
    let file = stage.client_file(exchanges, "", WORKLOAD, &["ci"]);
    let build = stage.approve_file("build", &file).await.unwrap();
    let error = stopped(stage.sign_in(&build).await);
    assert!(error.next_step().unwrap().contains(line), "{error:?}");
    assert_eq!(stage.idp.count(Role::Token), asked, "nothing was sent");

    // With the line it is done, said each time, and recorded.
    let file = stage.client_file("", "", &format!("{AUDIENCES}\n{line}"), &[]);
    let name = stage.approve_file("relaxed", &file).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let told = stage.tape.shown().len();
    let _ = exchange(&stage, &name).await.unwrap();
    let named = |text: &String| text.contains("policy.allow_unauthenticated_exchange");
    assert!(stage.tape.shown()[told..].iter().any(named));
    let recorded = stage.last(AuditEvent::Exchange);
    assert!(recorded.exceptions.unwrap().iter().any(named));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_for_the_audiences_of_the_tenant_and_no_other() {
    let (stage, name, _) = signed_in("audiences = [\"https://other.example\"]").await;
    let asked = stage.idp.count(Role::Token);
    let error = stopped(exchange(&stage, &name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Policy, "policy.denied")
    );
    let line = "policy.audiences = [\"https://other.example\", \"https://api.example\"]";
    assert!(error.next_step().unwrap().contains(line), "{error:?}");
    let (none, name, _) = signed_in("").await;
    let error = stopped(exchange(&none, &name).await);
    assert!(
        error
            .next_step()
            .unwrap()
            .contains("policy.audiences = [\"https://api.example\"]")
    );
    assert_eq!(stage.idp.count(Role::Token), asked, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchanged_token_ends_with_the_sign_in_that_it_hangs_on() {
    let (stage, name, _) = signed_in(AUDIENCES).await;
    let first = text(&exchange(&stage, &name).await.unwrap());
    // A new sign-in: the second that it was in may be the same.
    stage.sign_in(&name).await.unwrap();
    assert!(facts(&stage, &name, RecordKind::Derived).is_none());
    let second = text(&exchange(&stage, &name).await.unwrap());
    assert_ne!(first, second);
    let out = stage.vestibule.sign_out(&name, None).await.unwrap();
    assert!(out.unconfirmed.is_empty(), "{out:?}");
    assert!(!stage.idp.is_live(&second));
    assert_eq!(stage.sealed(), 0);
    assert_eq!(out.accounts.len(), 1);
}

// proves: POL-04, WKL-06
#[tokio::test(flavor = "multi_thread")]
async fn who_acts_for_whom_is_recorded_and_shown() {
    let platform = platform();
    let stage = Stage::with(script(&platform)).await;
    stage.install_conforming();
    let settings = "workload = \"token_exchange\"\nsubject_token_source = \"ci\"\nactor_token_source = \"runner\"";
    let policy = format!("{WORKLOAD}\naudiences = [\"{API}\"]");
    let file = stage.confidential_file(settings, &policy, &["ci", "runner"]);
    let name = stage.approve_file("build", &file).await.unwrap();
    stage.asserts(&platform, "ci", "job-7", 600);
    stage.asserts(&platform, "runner", "runner-3", 600);
    stage.sign_in(&name).await.unwrap();
    let sent = stage.idp.requests_to(Role::Token).pop().unwrap();
    assert!(sent.field("actor_token").is_some());
    let _ = exchange(&stage, &name).await.unwrap();
    let _ = stage
        .vestibule
        .token(&name, &TokenQuery::default())
        .await
        .unwrap();
    for event in [
        AuditEvent::Issuance,
        AuditEvent::Exchange,
        AuditEvent::Release,
    ] {
        let entry = stage.last(event);
        assert_eq!(entry.subject.as_deref(), Some("job-7"), "{entry:?}");
        assert_eq!(entry.actor.as_deref(), Some("runner-3"), "{entry:?}");
        assert_eq!(entry.method.as_deref(), Some("workload"));
    }
    for kind in [RecordKind::Grant, RecordKind::Derived] {
        let facts = facts(&stage, &name, kind).unwrap();
        assert_eq!(facts.account.as_deref(), Some("job-7"));
        assert_eq!(facts.actor.as_deref(), Some("runner-3"));
    }
    stage.told_nothing();

    // Without an actor there is none, and the client that asked is named.
    let (stage, name, _) = signed_in(AUDIENCES).await;
    let _ = exchange(&stage, &name).await.unwrap();
    let entry = stage.last(AuditEvent::Exchange);
    assert_eq!(entry.actor, None);
    assert!(entry.subject.is_some() && entry.client.is_some());
    assert_eq!(
        entry.derived_for.as_deref(),
        Some("audience:https://api.example")
    );
}
