//! Attack: do something that leaves open who did it, for whom, how and with what.
//! Stopped by: one definition of a record, filled by each use-case as it learns more, host/audit/src/entry.rs, host/app/src/known.rs

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vestibule_app::{AuditEvent as E, By, Entry, Outcome, Principal, SignIn, TokenQuery};
use vestibule_attacks::puppet::{API, call, discover, finish_as, list, reference};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::SettingName;
use vestibule_core::record::Method;
use vestibule_rehearsal::{IdTokenTwist, Script};

/// What is known of everything that happens under a grant.
const GRANT: [&str; 13] = [
    "time",
    "method",
    "tenant",
    "issuer",
    "client",
    "subject",
    "device",
    "session",
    "plugin_digest",
    "audience",
    "acr",
    "auth_time",
    "outcome",
];

/// What a change of policy has, which is about nobody's session.
const POLICY: [&str; 8] = [
    "time",
    "method",
    "tenant",
    "issuer",
    "client",
    "device",
    "plugin_digest",
    "outcome",
];

fn script() -> Script {
    let acr = IdTokenTwist::Claim("acr", "urn:example:strong");
    Script::honest().any_redirect_path().twist(acr)
}

/// A program that also makes a credential of a grant.
fn deriving(stage: &Stage) -> Program {
    let handle = json!({
        "name": "handle",
        "kind": "Opaque",
        "born_role": API,
        "born_pointer": "/message",
        "goes": [],
    });
    Program::honest(&stage.idp)
        .profile(|profile| {
            list(profile, "secrets").push(handle);
            list(profile, "derivation").push(json!({"name": "what", "summary": "which"}));
        })
        .steps(
            "derive",
            vec![
                discover(),
                call(API, reference("access_token"), &[], vec![]),
                finish_as("Opaque", &[("handle", reference("handle"))]),
            ],
        )
}

fn last(stage: &Stage) -> BTreeMap<&'static str, Value> {
    let records = stage.recorded().into_iter();
    let written = |record| serde_json::to_value(record).unwrap();
    records
        .map(|record| (record.entry.event.as_str(), written(record)))
        .collect()
}

#[track_caller]
fn has(record: &Value, fields: &[&str]) {
    for field in fields {
        assert!(
            record.get(field).is_some(),
            "{field} is missing: {record:#}"
        );
    }
    // What was asked for, or what was granted.
    let scopes = [record.get("scopes_asked"), record.get("scopes_granted")];
    assert!(scopes.iter().any(Option::is_some), "{record:#}");
}

// proves: POL-04
#[tokio::test(flavor = "multi_thread")]
async fn each_event_has_every_field_and_each_record_is_what_the_schema_says() {
    let stage = Stage::with(script()).await;
    let name = stage.approve("corp", &deriving(&stage)).await.unwrap();
    has(&last(&stage)["policy"], &POLICY);
    stage.sign_in(&name).await.unwrap();
    let derived = TokenQuery {
        derived_for: vec![(SettingName::parse("what").unwrap(), "this".to_owned())],
        ..TokenQuery::default()
    };
    // Made and handed out; then what lay there is handed out.
    for _ in 0..2 {
        let _ = stage.vestibule.token(&name, &derived).await.unwrap();
        let released = &last(&stage)["release"];
        has(released, &GRANT);
        assert!(released["token_ids"]["handle"].is_string(), "{released:#}");
        assert!(released["derived_for"].is_string(), "{released:#}");
    }
    let _ = stage.refresh(&name).await.unwrap();
    has(&last(&stage)["release"], &GRANT);
    stage.idp.rescript(script().twist(IdTokenTwist::ForeignKey));
    let _ = stopped(stage.refresh(&name).await);
    stage.vestibule.sign_out(&name, None).await.unwrap();

    let last_of_all = last(&stage);
    let of_grants = [
        "issuance",
        "refresh",
        "derive",
        "release",
        "refusal",
        "revocation",
    ];
    for event in of_grants {
        has(&last_of_all[event], &GRANT);
        for field in [
            "session",
            "subject",
            "acr",
            "client",
            "plugin_digest",
            "device",
        ] {
            assert_eq!(
                last_of_all[event][field], last_of_all["issuance"][field],
                "{event}: {field}"
            );
        }
    }
    stage.vestibule.remove_tenant(&name).await.unwrap();
    let removed = &last(&stage)["policy"];
    assert_eq!(removed["change"]["what"], "removed");
    for field in ["tenant", "issuer", "client", "device", "plugin_digest"] {
        assert!(removed.get(field).is_some(), "{field}: {removed:#}");
    }
    stage.log_is_whole();
}

// proves: POL-04
#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_of_policy_and_plugins_says_what_was_there_before_and_after() {
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp);
    let name = stage.approve("corp", &program).await.unwrap();
    let before = stage.last(E::Policy).change.unwrap();
    let other = program.reads(API, &[("/login", ".*")]);
    stage.approve_again(&name, &other).await.unwrap();
    let after = stage.last(E::Policy).change.unwrap();
    assert_eq!(after.before, before.after);
    assert!(after.after.is_some() && after.after != after.before);
    let installed = stage.last(E::Plugin);
    assert_eq!(installed.change.unwrap().after, installed.plugin_digest);
}

fn who(entry: &Entry) -> (E, Option<Principal>, Option<By>) {
    (entry.event, entry.principal, entry.by)
}

// proves: POL-10
#[tokio::test(flavor = "multi_thread")]
async fn a_person_a_workload_and_a_plugin_that_acts_for_one_of_them_are_told_apart() {
    let stage = Stage::honest().await;
    let person = Program::honest(&stage.idp);
    let high = person.tenant_file("") + "\n[policy]\nrisk = \"high\"\n";
    let name = stage.approve_file("corp", &high).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    stage.vestibule.sign_out(&name, None).await.unwrap();
    let human = Some(Principal::Person);
    for (event, principal, by) in [
        (E::Plugin, None, By::Operator),
        (E::Policy, human, By::Operator),
        (E::Consent, human, By::Person),
        (E::Issuance, human, By::Plugin),
        (E::Refresh, human, By::Plugin),
        (E::Release, human, By::Host),
        (E::Revocation, human, By::Plugin),
        (E::Log, None, By::Host),
    ] {
        let entry = stage.last(event);
        assert_eq!(who(&entry), (event, principal, Some(by)));
        // Which plugin acts is told, as is which person.
        if by == By::Plugin {
            assert!(entry.plugin_digest.is_some() && entry.subject.is_some());
        }
    }

    // A workload: its flow is driven by the same plugin, and nobody has signed in.
    let workload = Program::honest(&stage.idp)
        .profile(|profile| {
            profile["methods"] = json!(["workload"]);
            profile["scopes"] = json!(["openid"]);
        })
        .steps(
            "sign-in",
            vec![
                discover(),
                json!({"SubjectToken": {"source": "ci", "audience": null}}),
            ],
        );
    let file = workload.tenant_file("[policy]\nmethods = [\"workload\"]\n");
    let name = stage.approve_file("ci", &file).await.unwrap();
    assert_eq!(stage.last(E::Policy).principal, Some(Principal::Workload));
    let wish = SignIn {
        force: true,
        method: Some(Method::Workload),
        ..SignIn::default()
    };
    let _ = stage.vestibule.sign_in(&name, &wish).await;
    let records = stage.recorded();
    let ended = records
        .iter()
        .map(|record| &record.entry)
        .rfind(|entry| matches!(entry.event, E::Issuance | E::Refusal))
        .unwrap();
    assert_eq!(ended.tenant.as_deref(), Some("ci"));
    assert_eq!(ended.principal, Some(Principal::Workload), "{ended:?}");
    assert_eq!(ended.by, Some(By::Plugin), "{ended:?}");
    assert_ne!(ended.outcome, Outcome::Done, "no source is configured");
    let of_ci = |entry: &Entry| entry.tenant.as_deref() == Some("ci");
    let mixed = records
        .iter()
        .any(|record| of_ci(&record.entry) && record.entry.principal == human);
    assert!(!mixed, "a workload is never a person");
}
