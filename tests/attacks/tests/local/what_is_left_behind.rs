//! Attack: come back with what was left of a tenant or of a plugin that was removed: a token that is still good, or a file that holds one.
//! Stopped by: what is removed is revoked first and then erased, whatever it is and whether it can be opened or not,
//! host/app/src/{remove,remove_plugin,sign_out}.rs, host/store/src/erase.rs

use std::path::PathBuf;

use vestibule_app::broker::release::Released;
use vestibule_app::{AuditEvent, Binding, KeyStoreId, SignIn, Standing, TokenQuery};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::workload::{CLIENT_SECRET, platform, script};
use vestibule_attacks::{Program, Stage};
use vestibule_core::record::{Method, Namespace, RecordKind};
use vestibule_core::{Blame, PluginName, Secret, SettingName, TenantName};
use vestibule_e2e::{Machine, encodings, kept};
use vestibule_rehearsal::{Role, Script, SecretKind, Visitor};

use super::{provider, signed_in};

const API: &str = "https://api.example";

/// Who signs in, as the provider names them.
const ADA: &str = "u-4f21a0";
const GRACE: &str = "u-93bc17";

const PEOPLE: &str = "methods = [\"browser\", \"device\"]\nscopes = [\"openid\", \"offline_access\"]\n\
    audiences = [\"https://api.example\"]\ndevice = { scopes = [\"openid\", \"offline_access\"] }";

const WORKLOADS: &str = "methods = [\"workload\"]\nscopes = [\"api:read\"]";

fn name(text: &str) -> TenantName {
    TenantName::parse(text).unwrap()
}

fn text(released: &Released) -> String {
    let mut channel = Vec::new();
    released.write_part("access_token", &mut channel).unwrap();
    String::from_utf8(channel).unwrap()
}

/// Approves a tenant whose client has its secret in the key store.
async fn with_kept_secret(stage: &Stage, tenant: &str, settings: &str, policy: &str) {
    let settings = format!("token_endpoint_auth_method = \"client_secret_basic\"\n{settings}");
    let secret = "client_secret = \"key_store\"";
    let file = stage.client_file(&settings, secret, policy, &[]);
    let tenant = stage.approve_file(tenant, &file).await.unwrap();
    let setting = SettingName::parse("client_secret").unwrap();
    stage
        .vestibule
        .keep_secret(&tenant, &setting, |_| {
            Ok(Secret::new(CLIENT_SECRET.to_owned()))
        })
        .await
        .unwrap();
}

/// Two people of `corp`, one by browser and one by device; a token exchanged for another; and a workload, `build`. What each was handed
/// out: the first two are of `corp`, and so is the third.
async fn inhabited() -> (Stage, [String; 4]) {
    let stage = Stage::with(script(&platform())).await;
    stage.install_conforming();
    with_kept_secret(&stage, "corp", "", PEOPLE).await;
    let workload = "workload = \"client_credentials\"";
    with_kept_secret(&stage, "build", workload, WORKLOADS).await;
    stage.sign_in(&name("corp")).await.unwrap();
    stage.enters_code_at(2, Visitor::approve("grace"));
    stage.sign_in_by_device(&name("corp")).await.unwrap();
    let of = |account: Option<&str>, audience: Option<&str>| TokenQuery {
        account: account.map(str::to_owned),
        audience: audience.map(str::to_owned),
        ..TokenQuery::default()
    };
    let mut tokens = Vec::new();
    for (tenant, query) in [
        ("corp", of(Some(ADA), None)),
        ("corp", of(Some(GRACE), None)),
        ("corp", of(Some(ADA), Some(API))),
        ("build", of(None, None)),
    ] {
        let token = stage.vestibule.token(&name(tenant), &query).await;
        tokens.push(text(&token.unwrap()));
    }
    let tokens: [String; 4] = tokens.try_into().unwrap();
    for token in &tokens {
        assert!(stage.idp.is_live(token));
    }
    (stage, tokens)
}

/// Every token that the provider has given, but for these.
fn are_dead(stage: &Stage, but: &[&String]) {
    let issued = stage.idp.secrets();
    let tokens = issued.iter().filter(|secret| {
        matches!(
            secret.kind,
            SecretKind::AccessToken | SecretKind::RefreshToken
        )
    });
    for token in tokens {
        assert_eq!(
            stage.idp.is_live(&token.value),
            but.contains(&&token.value),
            "{:?}",
            token.kind
        );
    }
}

/// No file below the machine's root holds a secret that the provider has given or seen, in any form.
fn holds_no_secret(stage: &Stage) {
    for secret in stage.idp.secrets() {
        for form in encodings::of(&secret.value) {
            assert!(!stage.keeps(&form), "{:?}", secret.kind);
        }
    }
    for form in encodings::of(CLIENT_SECRET) {
        assert!(!stage.keeps(&form));
    }
}

/// Files of the memory that belong to tenants and grants: the way of the last sign-in and the last use have a word or none in them;
/// what belongs to an issuer is a document.
fn remembered(stage: &Stage) -> usize {
    let files = kept::files(&stage.root().join("state/cache"));
    files.iter().filter(|(_, bytes)| bytes.len() < 64).count()
}

/// The files below the folder of a tenant's records.
fn records_of(stage: &Stage, tenant: &str) -> Vec<PathBuf> {
    let folder = stage.root().join("state/grants").join(tenant);
    let files = kept::files(&folder).into_iter();
    files.map(|(path, _)| path).collect()
}

// proves: WKL-09
#[tokio::test(flavor = "multi_thread")]
async fn the_inventory_says_of_every_grant_whose_it_is_how_and_since_when_and_what_it_is_for() {
    let (stage, _) = inhabited().await;
    stage
        .idp
        .clock()
        .advance(std::time::Duration::from_secs(130));
    let now = stage.vestibule.now();
    let mut listed = Vec::new();
    for tenant in stage.vestibule.status().unwrap() {
        assert_eq!((tenant.problem, tenant.troubles.len()), (None, 0));
        for record in tenant.records {
            let owner = record.facts.account.unwrap_or(record.subject);
            if !record.kind.is_the_clients() {
                let age = now - record.facts.signed_in_at;
                let idle = now - record.last_use.unwrap();
                assert!((130..600).contains(&age), "{owner}: {age}");
                // To the minute.
                assert!((130..=age.max(190)).contains(&idle), "{owner}: {idle}");
                assert_eq!(record.binding, Binding::Bearer);
                assert_eq!(record.standing, Standing::Good, "{owner}");
            }
            assert_eq!(record.key_store, KeyStoreId::KernelKeyring);
            let scopes: Vec<String> = record
                .facts
                .scopes
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect();
            listed.push((
                tenant.tenant.to_string(),
                record.kind,
                record.namespace,
                owner,
                record.facts.method,
                scopes.join(" "),
                record.derived_for,
            ));
        }
    }
    let (person, workload) = (Namespace::Person, Namespace::Workload);
    let (grant, setting) = (RecordKind::Grant, RecordKind::Setting);
    let line = |tenant: &str, kind, whose, owner: &str, method, scopes: &str, what: &str| {
        let [tenant, owner, scopes, what] = [tenant, owner, scopes, what].map(str::to_owned);
        (tenant, kind, whose, owner, method, scopes, what)
    };
    let wanted = [
        line(
            "build",
            grant,
            workload,
            "rehearsal-cli",
            Method::Workload,
            "api:read",
            "",
        ),
        line(
            "corp",
            grant,
            person,
            ADA,
            Method::Browser,
            "offline_access openid",
            "",
        ),
        line(
            "corp",
            grant,
            person,
            GRACE,
            Method::Device,
            "offline_access openid",
            "",
        ),
        line(
            "corp",
            RecordKind::Derived,
            person,
            ADA,
            Method::Browser,
            "offline_access openid",
            &format!("audience:{API}"),
        ),
    ];
    let (settings, grants): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|line| line.1 == setting);
    assert_eq!(settings.len(), 2);
    let mut without_order = grants;
    for line in &mut without_order {
        let mut scopes: Vec<&str> = line.5.split(' ').collect();
        scopes.sort_unstable();
        line.5 = scopes.join(" ");
    }
    assert_eq!(without_order, wanted);
}

// proves: WKL-09
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_tenant_that_was_removed_and_no_other_is_touched() {
    let (stage, tokens) = inhabited().await;
    let revocations = stage.idp.count(Role::Revocation);
    let before = remembered(&stage);
    let removed = stage.vestibule.remove_tenant(&name("corp")).await.unwrap();
    assert!(removed.signed_out.unconfirmed.is_empty(), "{removed:?}");
    assert_eq!(removed.signed_out.accounts.len(), 2);
    assert!(stage.idp.count(Role::Revocation) >= revocations + 5);
    are_dead(&stage, &[&tokens[3]]);
    holds_no_secret(&stage);
    // The workload's grant, and its client's secret.
    assert_eq!(stage.sealed(), 2);
    assert_eq!(records_of(&stage, "build").len(), 2);
    assert!(!stage.root().join("state/grants/corp").exists());
    assert!(!stage.root().join("state/approvals/corp.json").exists());
    assert!(!stage.tenant_file(&name("corp")).exists());
    // The way of the last sign-in, and the last use of each of two grants.
    assert_eq!(remembered(&stage), before - 3);
    let listed = stage.vestibule.status().unwrap();
    let names: Vec<&str> = listed.iter().map(|one| one.tenant.as_str()).collect();
    assert_eq!(names, ["build"]);
}

// proves: WKL-09
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_what_a_plugin_that_was_removed_has_obtained() {
    let (stage, _) = inhabited().await;
    let program = Program::honest(&stage.idp);
    let other = stage.approve("other", &program).await;
    let oidc = PluginName::parse("oidc").unwrap();
    let tenants = stage.vestibule.tenants_of_plugin(&oidc).unwrap();
    assert_eq!(tenants, [name("build"), name("corp")]);
    let component = stage.root().join("data/plugins/oidc.wasm");
    assert!(component.exists());

    let removed = stage.vestibule.remove_plugin(&oidc).await.unwrap();
    for (tenant, out) in &removed.tenants {
        assert!(out.unconfirmed.is_empty(), "{tenant}: {out:?}");
    }
    assert!(removed.digest.is_some() && !removed.of_the_system);
    are_dead(&stage, &[]);
    holds_no_secret(&stage);
    assert_eq!((stage.sealed(), remembered(&stage)), (0, 0));
    assert!(!component.exists());
    for tenant in tenants {
        let query = TokenQuery::default();
        let error = stopped(stage.vestibule.token(&tenant, &query).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Policy, "approval.missing")
        );
        assert!(stage.tenant_file(&tenant).exists());
    }
    let change = stage.last(AuditEvent::Plugin);
    assert_eq!(change.plugin.as_deref(), Some("oidc"));
    assert_eq!(change.change.unwrap().what, "removed");
    let withdrawn = stage.last(AuditEvent::Policy).change.unwrap();
    assert_eq!(withdrawn.what, "approval withdrawn");
    // The other plugin's tenant is as it was.
    stage.idp.rescript(Script::honest().any_redirect_path());
    stage.sign_in(&other.unwrap()).await.unwrap();
}

// proves: WKL-09
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_any_more_is_erased_as_well_and_said() {
    for set_aside in [false, true] {
        let stage = Stage::honest().await;
        let corp = stage.conforming("").await.unwrap();
        stage.sign_in(&corp).await.unwrap();
        let [file] = &records_of(&stage, "corp")[..] else {
            panic!("not one record");
        };
        let whole = std::fs::read(file).unwrap();
        std::fs::write(file, &whole[..whole.len() - 1]).unwrap();
        if set_aside {
            let status = stage.vestibule.status_of(corp.clone()).unwrap();
            assert_eq!(status.troubles.len(), 1);
            assert!(!file.exists());
        }
        assert_eq!(records_of(&stage, "corp").len(), 1);
        let removed = stage.vestibule.remove_tenant(&corp).await.unwrap();
        let reasons = removed.signed_out.unconfirmed;
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert!(reasons[0].reason.contains("not be opened"), "{reasons:?}");
        assert!(records_of(&stage, "corp").is_empty());
        assert!(!stage.root().join("state/grants/corp").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_plugin_of_a_tenant_has_obtained_goes_with_that_plugin() {
    let stage = Stage::honest().await;
    let corp = stage.conforming("").await.unwrap();
    stage.sign_in(&corp).await.unwrap();
    // The tenant is another plugin's now, and its old grant lies there.
    let program = Program::honest(&stage.idp);
    stage.approve_again(&corp, &program).await.unwrap();
    let status = stage.vestibule.status_of(corp.clone()).unwrap();
    assert!(
        matches!(&status.records[0].standing, Standing::Stale(_)),
        "{status:?}"
    );
    let oidc = PluginName::parse("oidc").unwrap();
    let removed = stage.vestibule.remove_plugin(&oidc).await.unwrap();
    assert_eq!(removed.tenants.len(), 1);
    assert_eq!(removed.tenants[0].1.unconfirmed.len(), 1);
    assert_eq!(stage.sealed(), 0);
    // It may go on with the plugin that it has.
    let wish = SignIn::default();
    stage.vestibule.sign_in(&corp, &wish).await.unwrap();
}

fn compiled(machine: &Machine) -> usize {
    let files = kept::files(&machine.home().join("cache/compiled"));
    let code = files
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "code"));
    code.count()
}

#[test]
fn a_plugin_goes_with_its_compiled_form_once_somebody_agrees() {
    let idp = provider();
    let machine = signed_in(&idp);
    let token = machine.run(&["token", "corp"]).succeeded();
    let remove = ["plugin", "remove", "oidc"];
    machine
        .with_input(&["plugin", "remove", "oidc", "--json"], "y\n")
        .failed("remove.refused", "user", 3);
    let refused = machine.at_a_terminal(&remove, "Remove it?", "n\n");
    assert_eq!(refused.code, Some(3), "{refused}");
    assert!(
        refused
            .stdout
            .contains("tenant corp: everybody is signed out"),
        "{refused}"
    );
    assert!(idp.is_live(token.line()));
    assert_eq!((machine.sealed().len(), compiled(&machine)), (1, 1));
    assert!(machine.plugin_file("oidc").exists());

    let removed = machine.at_a_terminal(&remove, "Remove it?", "y\n");
    assert_eq!(removed.code, Some(0), "{removed}");
    assert!(!idp.is_live(token.line()));
    assert_eq!((machine.sealed().len(), compiled(&machine)), (0, 0));
    assert!(!machine.plugin_file("oidc").exists());
    let list = machine.run(&["plugin", "list", "--json"]).succeeded();
    assert_eq!(list.json(), serde_json::json!([]));
    let log = machine
        .run(&["audit", "show", "--event", "plugin"])
        .succeeded();
    assert!(log.stdout.contains("removed"), "{log}");
    machine
        .run(&["token", "corp", "--json"])
        .failed("approval.missing", "policy", 5);

    let _ = machine
        .run(&["tenant", "remove", "corp", "--yes"])
        .succeeded();
    machine
        .run(&["plugin", "remove", "oidc", "--yes", "--json"])
        .failed("plugin.missing", "config", 4);
}

#[test]
fn a_script_reads_what_became_of_the_grants_of_a_plugin() {
    let idp = provider();
    let machine = signed_in(&idp);
    let removed = machine
        .with_input(&["plugin", "remove", "oidc", "--yes", "--json"], "")
        .succeeded();
    let report = removed.json();
    assert_eq!(report["plugin"], "oidc");
    assert!(report["digest"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(report["tenants"][0]["tenant"], "corp");
    assert_eq!(
        report["tenants"][0]["accounts"].as_array().unwrap().len(),
        1
    );
    assert_eq!(report["tenants"][0]["unconfirmed"], 0);
}

#[test]
fn the_inventory_is_short_or_says_all_and_knows_who_is_not_there() {
    let idp = provider();
    let machine = signed_in(&idp);
    let unused = machine.run(&["status", "--json"]).succeeded().json();
    let record = &unused[0]["records"][0];
    assert_eq!(record["last_used_at"], serde_json::Value::Null);
    let _ = machine.run(&["token", "corp"]).succeeded();
    let used = machine
        .run(&["status", "corp", "--json"])
        .succeeded()
        .json();
    let record = &used[0]["records"][0];
    assert!(record["last_used_at"].is_string(), "{record:#}");
    assert!(record["age_seconds"].is_u64(), "{record:#}");
    for (field, value) in [
        ("binding", "bearer"),
        ("key_store", "kernel-keyring"),
        ("key_lasts", "until-restart"),
        ("method", "browser"),
        ("state", "good"),
    ] {
        assert_eq!(record[field], value, "{record:#}");
    }
    assert_eq!(record["key_in_hardware"], false);
    assert_eq!(record["issuer"], idp.issuer());
    let table = machine.run(&["status"]).succeeded();
    assert!(table.stdout.starts_with("TENANT  ACCOUNT"), "{table}");
    for arguments in [&["status", "corp"][..], &["status", "--long"]] {
        let block = machine.run(arguments).succeeded();
        assert!(block.stdout.starts_with("corp: grant\n"), "{block}");
        for line in [
            "  last used    ",
            "  binding      bearer",
            "until this machine",
        ] {
            assert!(block.stdout.contains(line), "{line}: {block}");
        }
    }
    machine
        .run(&["status", "crop", "--json"])
        .failed("tenant.missing", "config", 4);
}
