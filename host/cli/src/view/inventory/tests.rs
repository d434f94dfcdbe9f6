use vestibule_app::KeyStoreId;
use vestibule_core::record::{Facts, Primary};
use vestibule_core::{Scope, TenantName};

use super::*;

const NOW: u64 = 1_900_000_000;

fn record(kind: RecordKind, change: impl FnOnce(&mut RecordStatus)) -> RecordStatus {
    let mut record = RecordStatus {
        kind,
        namespace: Namespace::Person,
        issuer: "https://login.example".to_owned(),
        subject: "248289761001".to_owned(),
        environment: String::new(),
        derived_for: String::new(),
        facts: Facts {
            primary: Primary::Oauth,
            method: Method::Browser,
            account: Some("ada@example.com".to_owned()),
            scopes: vec![Scope::parse("openid").unwrap()],
            signed_in_at: NOW - 3 * 86_400,
            renewed_at: NOW - 5400,
            expires_at: NOW + 600,
            ends_at: NOW + 8 * 3600,
            plugin: format!("sha256:{}", "a".repeat(64)),
            approval: String::new(),
            id_token: None,
            judged_by: None,
            client_id: None,
            actor: None,
        },
        last_use: Some(NOW - 300),
        renewable: true,
        binding: Binding::Bearer,
        key_store: KeyStoreId::KernelKeyring,
        standing: Standing::Good,
    };
    change(&mut record);
    record
}

fn tenant(name: &str, records: Vec<RecordStatus>) -> TenantStatus {
    TenantStatus {
        tenant: TenantName::parse(name).unwrap(),
        problem: None,
        records,
        troubles: Vec::new(),
    }
}

fn fits(lines: &[String]) {
    let wide: Vec<&String> = lines
        .iter()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn a_table_has_a_line_a_record_with_what_is_asked_first() {
    let grant = record(RecordKind::Grant, |_| {});
    let unused = record(RecordKind::Grant, |record| {
        record.namespace = Namespace::Workload;
        record.last_use = None;
        record.standing = Standing::Over;
        record.facts.ends_at = NOW;
    });
    let secret = record(RecordKind::Setting, |record| {
        record.derived_for = "client_secret".to_owned();
        record.subject = String::new();
        record.facts.account = None;
        record.facts.ends_at = u64::MAX;
        record.last_use = None;
    });
    let lines = short(
        &[
            tenant("build", vec![]),
            tenant("corp", vec![grant, unused, secret]),
        ],
        NOW,
    );
    assert_eq!(
        lines,
        [
            "TENANT  ACCOUNT          WHAT                  AGE  USED  ENDS  STATE",
            "build   -                not signed in",
            "corp    ada@example.com  grant                 3d   5m    8h    good",
            "corp    ada@example.com  workload              3d   -     past  over",
            "corp    -                secret client_secret  3d   -     -     good",
            "",
            "All that is known of them: vestibule status --long",
        ]
    );
}

#[test]
fn a_table_keeps_within_eighty_columns_whatever_it_holds() {
    let long_record = record(RecordKind::Derived, |record| {
        record.derived_for = format!("audience:https://{}.example", "x".repeat(120));
        record.facts.account = Some("y".repeat(200));
        record.facts.actor = Some("z".repeat(90));
        record.standing = Standing::Expired;
    });
    let mut one = tenant(&"t".repeat(60), vec![long_record]);
    one.problem = Some("word ".repeat(60));
    let other = tenant("corp", vec![record(RecordKind::Grant, |_| {})]);
    let lines = short(&[one, other], NOW);
    fits(&lines);
    let row = &lines[1];
    assert!(row.contains("...  for aud"), "{row}");
    assert!(row.ends_with("8h    expired"), "{row}");
}

#[test]
fn a_block_has_all_that_is_known_of_a_grant() {
    let grant = record(RecordKind::Grant, |record| {
        record.environment = "production".to_owned();
        record.standing = Standing::Stale("it was made under another approval".to_owned());
    });
    let lines = long(&[tenant("corp", vec![grant])], NOW);
    assert_eq!(
        lines.join("\n"),
        "\
corp: grant
  owner        ada@example.com, subject 248289761001; a person
  issuer       https://login.example
  environment  production
  method       browser
  scopes       openid
  signed in    2030-03-14T17:46:40Z (3 days ago)
  last used    2030-03-17T17:41:40Z (5 minutes ago), to the minute
  renewed      2030-03-17T16:16:40Z (90 minutes ago)
  token until  2030-03-17T17:56:40Z (in 10 minutes); renewable without a
               browser
  ends         2030-03-18T01:46:40Z (in 8 hours)
  binding      bearer: whoever has the token can use it
  key          in the kernel's user keyring; lasts until this machine
               restarts; not in hardware
  plugin       sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
               aaaaaaaaaa
  state        stale: it was made under another approval"
    );
}

#[test]
fn a_block_keeps_within_eighty_columns_whatever_it_holds() {
    let grant = record(RecordKind::Grant, |record| {
        record.facts.account = Some("y".repeat(200));
        let scope = |at: usize| Scope::parse(&format!("scope-{at}")).unwrap();
        record.facts.scopes = (0..60).map(scope).collect();
        record.last_use = None;
    });
    let unused = long(&[tenant("corp", vec![grant])], NOW);
    fits(&unused);
    assert!(
        unused
            .iter()
            .any(|line| line == "  last used    not known to have been"),
        "{unused:#?}"
    );
}

#[test]
fn what_is_the_clients_has_no_method_and_no_state() {
    let registration = record(RecordKind::Registration, |record| {
        record.facts.ends_at = u64::MAX;
        record.facts.expires_at = u64::MAX;
    });
    let lines = long(&[tenant("corp", vec![registration])], NOW).join("\n");
    assert!(lines.contains("the client, whoever signs in"), "{lines}");
    for absent in ["method", "binding", "state", "token until"] {
        assert!(!lines.contains(absent), "{absent}: {lines}");
    }
}
