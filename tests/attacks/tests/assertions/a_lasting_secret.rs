//! Attack: a secret that lasts, left over in a file or as the client's, is used although the platform makes assertions that do not last.
//! Stopped by: federation rules lasting secrets out, and elsewhere their age is told: host/app/src/lasting.rs, host/broker/src/subject_token/lasting.rs

use std::fs::File;
use std::time::{Duration, SystemTime};

use serde_json::json;
use vestibule_attacks::Program;
use vestibule_attacks::puppet::{discover, finish, grant};
use vestibule_core::Blame;
use vestibule_rehearsal::Role;

use crate::support::{Machine, doing, honest, with_source};

const SECRET: &str = "a-client-secret-of-last-year";

fn forty_days_old(path: &std::path::Path) {
    let aged = SystemTime::now() - Duration::from_secs(40 * 86_400 + 3_600);
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(aged).unwrap();
}

fn warned_of_age(machine: &Machine) -> usize {
    let shown = machine.stage.tape.shown();
    shown
        .iter()
        .filter(|line| line.contains("(40 days old)"))
        .count()
}

fn with_client_secret(machine: &Machine) -> Program {
    let secret = machine.stage.client_secret(SECRET);
    forty_days_old(&secret);
    let steps = vec![
        discover(),
        grant(json!("ClientCredentials"), vec![]),
        finish(&["access_token"]),
    ];
    doing(machine, steps).confidential(&secret)
}

// proves: WKL-08
#[tokio::test(flavor = "multi_thread")]
async fn a_clients_secret_is_not_used_beside_federation_and_its_age_is_told() {
    let machine = Machine::start().await;
    let program = with_client_secret(&machine);
    let keys = machine.asking("from = \"gcp\"");
    let error = machine.plays(&keys, &program).await.unwrap_err();
    assert_eq!(
        (error.code(), error.blame()),
        ("workload.lasting", Blame::Policy)
    );
    assert!(error.message().contains("40 days old"), "{error}");
    assert!(error.message().contains("\"ci\" (Google Cloud)"), "{error}");
    assert!(error.next_step().is_some());
    assert_eq!(machine.stage.idp.count(Role::Token), 0);
    assert!(
        !machine
            .stage
            .idp
            .requests()
            .iter()
            .any(|seen| seen.header("authorization").is_some())
    );

    // Without federation it is used, and its age told each time.
    let alone = "[policy]\nmethods = [\"workload\"]\nallow_unknown_identity = true\n";
    let name = machine.stage.next_tenant();
    let name = machine
        .stage
        .approve_file(&name, &program.tenant_file(alone))
        .await
        .unwrap();
    for times in 1..=2 {
        let _ = machine.stage.sign_in(&name).await;
        assert_eq!(warned_of_age(&machine), times);
        assert_eq!(machine.stage.idp.count(Role::Token), times as u64);
    }
}

// proves: WKL-08
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_place_of_an_assertion_is_not_used_beside_federation_and_its_age_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::start().await;
    machine.project("token", "a-password-of-last-year");
    let path = machine.tokens.path().join("token");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    forty_days_old(&path);
    let file = machine.projected().replace("kubernetes", "file");
    let alone = machine.approves(&file, &honest(&machine)).await.unwrap();
    for times in 1..=2 {
        let _ = machine.stage.sign_in(&alone).await;
        assert_eq!(warned_of_age(&machine), times);
        assert_eq!(machine.presented().len(), times);
    }

    let more = format!(
        "{}[workload.sources.cloud]\nfrom = \"gcp\"\naudience = \"x\"\n",
        with_source(&file)
    );
    let both = honest(&machine).tenant_file(&more);
    let name = machine.stage.next_tenant();
    let name = machine.stage.approve_file(&name, &both).await.unwrap();
    let error = machine.stage.sign_in(&name).await.unwrap_err();
    assert_eq!(
        (error.code(), error.blame()),
        ("workload.lasting", Blame::Policy)
    );
    assert!(error.message().contains("40 days old"), "{error}");
    assert_eq!(machine.presented().len(), 2);
    assert!(machine.platform.asked().is_empty());
}
