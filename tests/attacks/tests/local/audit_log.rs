//! Attack: take back what was recorded: edit, delete, exchange or cut off records, or keep them from being written at all.
//! Stopped by: a keyed chain and a head of its own; a tenant of high risk stops where nothing can be recorded, host/app/src/audit.rs

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::Value;
use vestibule_app::{AuditEvent, Outcome, SignIn, TokenQuery, plugins};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Handing, Program, Stage};
use vestibule_core::{Blame, TenantName};
use vestibule_e2e::Machine;
use vestibule_rehearsal::{Role, Script, Visitor};

use crate::{provider, signed_in};

const HIGH_RISK: &str = "\n[policy]\nrisk = \"high\"\n";

/// A log of seven records or more.
fn machine() -> (vestibule_e2e::Practice, Machine) {
    let idp = provider();
    let machine = signed_in(&idp);
    for _ in 0..3 {
        let _ = machine.run(&["token", "corp"]).succeeded();
    }
    (idp, machine)
}

fn log(machine: &Machine) -> std::path::PathBuf {
    machine.state().join("audit/log.jsonl")
}

// proves: POL-06
#[test]
fn whoever_verifies_the_log_is_told_which_record_was_touched() {
    let (_idp, machine) = machine();
    let (file, head) = (log(&machine), machine.state().join("audit/head"));
    let (good, good_head) = (fs::read_to_string(&file).unwrap(), fs::read(&head).unwrap());
    let lines: Vec<&str> = good.lines().collect();
    let told = machine.run(&["audit", "verify"]).succeeded();
    let all = format!("Records 1 to {}: verified.", lines.len());
    assert!(told.stdout.contains(&all), "{told}");

    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect();
    let without = |from: usize, to: usize| joined(&[&lines[..from], &lines[to..]].concat());
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    let mut twice = lines.clone();
    twice.insert(4, lines[4]);
    let deeds: [(&str, String, Option<u64>); 7] = [
        (
            "edited",
            good.replacen("\"issuance\"", "\"log\"", 1),
            Some(4),
        ),
        ("one deleted", without(4, 5), Some(6)),
        ("the first deleted", without(0, 1), None),
        ("exchanged", joined(&swapped), Some(5)),
        ("there twice", joined(&twice), Some(5)),
        ("cut off", joined(&lines[..lines.len() - 1]), None),
        ("emptied", String::new(), None),
    ];
    for (what, text, record) in deeds {
        fs::write(&file, &text).unwrap();
        let outcome = machine.run(&["audit", "verify", "--json"]);
        outcome.failed("audit.tampered", "host", 1);
        let told: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(told["good"], false, "{what}: {outcome}");
        assert_eq!(
            told["breaks"][0]["record"],
            Value::from(record),
            "{what}: {outcome}"
        );
        let hint = outcome.error()["hint"].as_str().unwrap().to_owned();
        assert!(hint.contains("as evidence"), "{what}: {hint}");
        let shown = machine.run(&["audit", "show"]).succeeded();
        assert!(shown.stderr.contains("audit verify"), "{what}: {shown}");
    }
    // The whole log, without a trace, but for its end.
    fs::write(&file, joined(&lines[..3])).unwrap();
    fs::remove_file(&head).unwrap();
    let outcome = machine.run(&["audit", "verify"]);
    assert_eq!(outcome.code, Some(1), "{outcome}");

    fs::write(&file, &good).unwrap();
    fs::write(&head, good_head).unwrap();
    fs::set_permissions(&head, fs::Permissions::from_mode(0o600)).unwrap();
    let _ = machine.run(&["audit", "verify"]).succeeded();
    // What is added later follows.
    let _ = machine.run(&["token", "corp"]).succeeded();
    let _ = machine.run(&["audit", "verify"]).succeeded();
}

// proves: POL-06
#[test]
fn a_cut_at_the_end_is_hidden_by_no_head_that_needs_no_key() {
    let (_idp, machine) = machine();
    let (file, head) = (log(&machine), machine.state().join("audit/head"));
    let (good, good_head) = (
        fs::read_to_string(&file).unwrap(),
        fs::read_to_string(&head).unwrap(),
    );
    let lines: Vec<String> = good.lines().map(|line| format!("{line}\n")).collect();
    let kept = lines.len() - 2;
    let cut = lines[..kept].concat();
    let last: Value = serde_json::from_str(&lines[kept - 1]).unwrap();
    let place = serde_json::json!({
        "seq": last["seq"], "code": last["code"], "offset": cut.len(),
    });
    let forged = |key: &str, keeper: &str| {
        let mut forged: Value = serde_json::from_str(&good_head).unwrap();
        for part in ["last", "durable"] {
            forged[part] = place.clone();
        }
        forged["key"] = key.into();
        forged["keeper"] = keeper.into();
        forged.as_object_mut().unwrap().remove("code");
        let body = forged.to_string();
        let body = body.strip_suffix('}').unwrap();
        format!("{body},\"code\":\"{}\"}}\n", "5".repeat(64))
    };
    let heads = [
        // Releases are not made durable one by one, and this machine has not stopped.
        ("as it was", good_head.clone()),
        (
            "a key of nobody",
            forged("ffffffffffffffff", "kernel-keyring"),
        ),
        ("no key", forged("none", "none")),
        (
            "its key, held by nobody",
            forged(last["key"].as_str().unwrap(), "none"),
        ),
    ];
    for (what, text) in heads {
        fs::write(&file, &cut).unwrap();
        fs::write(&head, &text).unwrap();
        let verified = || {
            let outcome = machine.run(&["audit", "verify", "--json"]);
            outcome.failed("audit.tampered", "host", 1);
            assert!(!outcome.stdout.contains("machine stopped"), "{what}");
        };
        verified();
        // Nothing is added that would make it good.
        let token = machine.run(&["token", "corp"]).succeeded();
        assert!(
            token
                .stderr
                .contains("could not be written to the audit log"),
            "{what}: {token}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), cut, "{what}");
        assert_eq!(fs::read_to_string(&head).unwrap(), text, "{what}");
        verified();
    }
    fs::write(&file, &good).unwrap();
    fs::write(&head, &good_head).unwrap();
    let _ = machine.run(&["token", "corp"]).succeeded();
    let _ = machine.run(&["audit", "verify"]).succeeded();
}

/// What is done to the folder of the log: its name in failures, and how.
type Spoil = (&'static str, fn(&Path));

/// What keeps records from being written, whoever has done it.
const SPOILS: [Spoil; 5] = [
    ("open to others", |folder| {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }),
    ("a link", |folder| {
        let (file, away) = (folder.join("log.jsonl"), folder.with_file_name("elsewhere"));
        fs::rename(&file, &away).unwrap();
        symlink(&away, &file).unwrap();
    }),
    ("a directory", |folder| {
        let file = folder.join("log.jsonl");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
    }),
    ("no head", |folder| {
        fs::remove_file(folder.join("head")).unwrap()
    }),
    ("another head", |folder| {
        fs::write(folder.join("head"), "x").unwrap();
    }),
];

// proves: POL-06
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_recorded_high_risk_stops_and_others_are_warned() {
    for (what, spoil) in SPOILS {
        let stage = Stage::honest().await;
        let program = Program::honest(&stage.idp);
        let normal = stage.approve("normal", &program).await.unwrap();
        let file = program.tenant_file("") + HIGH_RISK;
        let high = stage.approve_file("high", &file).await.unwrap();
        stage.sign_in(&high).await.unwrap();
        stage.sign_in(&normal).await.unwrap();
        spoil(&stage.audit_folder());
        let (browsers, tokens) = (stage.tape.browsers(), stage.idp.count(Role::Token));
        let warned = || {
            let shown = stage.tape.shown();
            shown
                .iter()
                .filter(|text| text.contains("audit log"))
                .count()
        };
        let wish = SignIn {
            force: true,
            ..SignIn::default()
        };
        let again = TokenQuery {
            refresh: true,
            ..TokenQuery::default()
        };

        // Before a browser is opened, and before anything is sent or handed out.
        let ends = [
            stopped(stage.vestibule.sign_in(&high, &wish).await),
            stopped(stage.vestibule.token(&high, &TokenQuery::default()).await),
            stopped(stage.vestibule.token(&high, &again).await),
        ];
        for error in ends {
            assert_eq!(error.code(), "audit.unwritable", "{what}: {error:?}");
            assert!(
                matches!(error.blame(), Blame::Host | Blame::Config),
                "{what}"
            );
            assert!(error.next_step().is_some(), "{what}: {error:?}");
        }
        assert_eq!(stage.tape.browsers(), browsers, "{what}");
        assert_eq!(stage.idp.count(Role::Token), tokens, "{what}");
        assert_eq!(warned(), 0, "{what}");

        assert!(
            stage.vestibule.sign_in(&normal, &wish).await.is_ok(),
            "{what}"
        );
        assert!(
            stage.vestibule.token(&normal, &again).await.is_ok(),
            "{what}"
        );
        assert!(warned() >= 3, "{what}: {:?}", stage.tape.shown());
        // Nothing keeps anybody from signing out.
        for name in [&high, &normal] {
            let out = stage.vestibule.sign_out(name, None).await.unwrap();
            assert_eq!(out.accounts.len(), 1, "{what}");
        }
        assert_eq!(stage.sealed(), 0, "{what}");
    }
}

// proves: POL-06
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recorded_any_more_is_revoked_and_not_kept() {
    let (browser, mut handed) = Handing::over();
    let stage = Stage::seated(Script::honest(), browser).await;
    let file = Program::honest(&stage.idp).tenant_file("") + HIGH_RISK;
    let high = stage.approve_file("high", &file).await.unwrap();
    let signing_in = async {
        let wish = SignIn {
            force: true,
            ..SignIn::default()
        };
        stopped(stage.vestibule.sign_in(&high, &wish).await)
    };
    let person = async {
        let url = handed.next().await;
        // While the person is looking at the provider's page.
        let folder = stage.audit_folder();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        Visitor::approve("ada").visit(&url).await.unwrap()
    };
    let (error, _) = tokio::join!(signing_in, person);
    assert_eq!(error.code(), "audit.unwritable", "{error:?}");
    assert_eq!(stage.sealed(), 0);
    assert_eq!(stage.idp.count(Role::Token), 1, "they were issued");
    let live = stage.idp.secrets().into_iter();
    let live: Vec<_> = live
        .filter(|secret| stage.idp.is_live(&secret.value))
        .collect();
    assert!(live.is_empty(), "{live:?}");
}

// proves: POL-05
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_the_same_in_each_record_and_cannot_be_found_by_it() {
    let stage = Stage::honest().await;
    let name = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    let _ = stage
        .vestibule
        .token(&name, &TokenQuery::default())
        .await
        .unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    stage.vestibule.sign_out(&name, None).await.unwrap();
    let ids = |event| stage.last(event).token_ids;
    let issued = ids(AuditEvent::Issuance);
    assert_eq!(
        issued.keys().collect::<Vec<_>>(),
        ["access_token", "refresh_token"]
    );
    // The last release is that of the renewed token, and what was revoked is what was renewed.
    let renewed = ids(AuditEvent::Refresh);
    assert_eq!(
        ids(AuditEvent::Release).get("access_token"),
        renewed.get("access_token")
    );
    assert_eq!(
        ids(AuditEvent::Release).len(),
        1,
        "no refresh token is handed out"
    );
    assert_eq!(ids(AuditEvent::Revocation), renewed);
    assert_ne!(issued["access_token"], renewed["access_token"]);
    let first = stage.recorded().into_iter();
    let first = first
        .map(|record| record.entry)
        .find(|entry| entry.event == AuditEvent::Release);
    assert_eq!(
        first.unwrap().token_ids["access_token"],
        issued["access_token"]
    );

    // Neither a part of any secret, nor a plain hash of it, nor the secret in any encoding.
    stage.told_nothing();
    let texts = stage.log_files().concat();
    for secret in stage.idp.secrets() {
        let hash = plugins::digest(secret.value.as_bytes());
        let hash = hash.strip_prefix("sha256:").unwrap();
        for part in [&hash[..12], &hash[52..]] {
            assert!(!texts.contains(part), "{:?}", secret.kind);
        }
        let parts = secret.value.as_bytes().windows(10);
        let random = parts.filter(|part| !b"rehearsal-".starts_with(part));
        for part in random {
            let part = String::from_utf8_lossy(part);
            assert!(!texts.contains(part.as_ref()), "{:?}: {part}", secret.kind);
        }
    }
    stage.log_is_whole();
}

/// A key store that ends with the process: the log says that nobody can verify it.
#[test]
fn without_a_key_store_nobody_is_told_that_the_log_was_verified() {
    let machine = Machine::new("/does/not/exist");
    fs::write(
        machine.home().join("config/config.toml"),
        "[keystore]\nuse_only = \"memory\"\n",
    )
    .unwrap();
    let plugin = vestibule_e2e::machine::plugin("oidc");
    let outcome = machine
        .run(&["plugin", "install", plugin.to_str().unwrap()])
        .succeeded();
    assert!(
        outcome
            .stderr
            .contains("audit log of this run cannot be verified later"),
        "{outcome}"
    );
    let told = machine.run(&["audit", "verify"]).succeeded();
    assert!(
        told.stdout
            .contains("cannot be verified, since no key store"),
        "{told}"
    );
    assert!(!told.stdout.contains(": verified"), "{told}");
}

/// Each thing that can happen, with what belongs to it.
#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_tenant_is_recorded_from_its_beginning_to_its_end() {
    let stage = Stage::honest().await;
    let file = Program::honest(&stage.idp).tenant_file("") + HIGH_RISK;
    let name: TenantName = stage.approve_file("corp", &file).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    stage.vestibule.remove_tenant(&name).await.unwrap();
    let recorded: Vec<_> = stage
        .recorded()
        .into_iter()
        .map(|record| {
            let entry = record.entry;
            let what = entry.change.map(|change| change.what);
            (entry.event, entry.outcome, what.unwrap_or_default())
        })
        .collect();
    let done = |event, what: &str| (event, Outcome::Done, what.to_owned());
    assert_eq!(
        recorded,
        [
            done(AuditEvent::Log, ""),
            done(AuditEvent::Plugin, "installed"),
            done(AuditEvent::Policy, "added"),
            done(AuditEvent::Policy, "approved"),
            done(AuditEvent::Consent, ""),
            done(AuditEvent::Issuance, ""),
            done(AuditEvent::Refresh, ""),
            done(AuditEvent::Release, ""),
            done(AuditEvent::Revocation, ""),
            done(AuditEvent::Policy, "removed"),
        ]
    );
    stage.log_is_whole();
}
