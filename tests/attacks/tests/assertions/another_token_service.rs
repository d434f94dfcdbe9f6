//! Attack: lead an assertion to another token service, by the tenant file or by the provider's metadata, or have an old one used again.
//! Stopped by: endpoints that were approved, host/app/src/vestibule.rs; nothing that was read is kept, host/broker/src/subject_token.rs

use vestibule_core::{Error, TenantName};
use vestibule_rehearsal::{MetadataTwist, Rehearsal, Role, Script};

use crate::support::{AUDIENCE, Machine, honest, with_source};

/// Writes another tenant file, and signs in without an approval of it.
async fn changed(machine: &Machine, name: &TenantName, file: &str) -> Error {
    let path = machine.stage.tenant_file(name);
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, file).unwrap();
    let ended = machine.stage.sign_in(name).await;
    std::fs::write(&path, before).unwrap();
    ended.unwrap_err()
}

// proves: WKL-02
#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_assertion_is_sent_anew_to_its_own_token_service_and_to_no_other() {
    let machine = Machine::start().await;
    let (first, second) = (
        machine.platform.assertion(AUDIENCE),
        machine.platform.assertion(AUDIENCE),
    );
    assert_ne!(first, second);
    machine.project("token", &first);
    let (keys, program) = (machine.projected(), honest(&machine));
    let name = machine.approves(&keys, &program).await.unwrap();
    let _ = machine.stage.sign_in(&name).await;
    let _ = machine.stage.sign_in(&name).await;
    machine.project("token", &second);
    let _ = machine.stage.sign_in(&name).await;
    assert_eq!(machine.presented(), [first.clone(), first, second]);

    // The tenant is pointed at another token service: nothing is sent to either.
    let other = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    let file = program.tenant_file(&with_source(&keys));
    let file = file.replace(&machine.stage.idp.issuer(), &other.issuer());
    assert!(file.contains(&other.issuer()));
    let error = changed(&machine, &name, &file).await;
    assert_eq!(error.code(), "approval.stale");
    assert!(other.requests().is_empty());
    assert_eq!(machine.presented().len(), 3);

    // The same is true of a source that is changed.
    let elsewhere = program.tenant_file(&with_source(&keys.replace("\"token\"", "\"other\"")));
    assert_eq!(
        changed(&machine, &name, &elsewhere).await.code(),
        "approval.stale"
    );
    let for_others =
        program.tenant_file(&with_source(&keys).replace(AUDIENCE, "https://other.example"));
    assert_eq!(
        changed(&machine, &name, &for_others).await.code(),
        "approval.stale"
    );
    assert_eq!(machine.presented().len(), 3);
    machine.told_nothing();
}

// proves: WKL-02
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_is_asked_for_the_audience_anew_each_time() {
    for keys in [
        "from = \"github_actions\"",
        "from = \"gcp\"",
        "from = \"azure\"\nservice = \"virtual_machine\"",
        "from = \"azure\"\nservice = \"app_service\"",
        "from = \"aws\"\nservice = \"sts\"\nregion = \"eu-central-1\"",
    ] {
        let machine = Machine::start().await;
        let keys = machine.asking(keys);
        let name = machine.approves(&keys, &honest(&machine)).await.unwrap();
        let _ = machine.stage.sign_in(&name).await;
        let _ = machine.stage.sign_in(&name).await;
        let presented = machine.presented();
        assert_eq!(presented.len(), 2, "{keys}");
        assert_ne!(presented[0], presented[1], "{keys}");
        let encoded: String = url::form_urlencoded::byte_serialize(AUDIENCE.as_bytes()).collect();
        let asked = machine.platform.asked();
        let named = asked.iter().filter(|request| {
            request.target.contains(&encoded)
                || String::from_utf8_lossy(&request.body).contains(&encoded)
        });
        assert_eq!(named.count(), 2, "{keys}");
        // Nobody else was sent what the platform is asked with, and nothing lies about.
        for seen in machine.stage.idp.requests() {
            let body = String::from_utf8_lossy(&seen.body).into_owned();
            let told = format!("{} {:?} {body}", seen.target, seen.headers);
            let own = machine.platform.secrets();
            for secret in own.iter().filter(|secret| !presented.contains(secret)) {
                assert!(!told.contains(secret.as_str()), "{seen:?}");
            }
            assert!(
                seen.role == Role::Token || !told.contains(&presented[0]),
                "{seen:?}"
            );
        }
        machine.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_moves_its_token_endpoint_gets_no_assertion_there() {
    let machine = Machine::start().await;
    machine.project("token", &machine.platform.assertion(AUDIENCE));
    let name = machine
        .approves(&machine.projected(), &honest(&machine))
        .await
        .unwrap();
    let other = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    let moved = format!("{}/token", other.issuer());
    let script = Script::honest()
        .any_redirect_path()
        .twist(MetadataTwist::Member("token_endpoint", moved));
    machine.stage.idp.rescript(script);
    let error = machine.stage.sign_in(&name).await.unwrap_err();
    assert!(error.code().starts_with("discovery."), "{error:?}");
    assert!(other.requests().is_empty());
    assert!(machine.presented().is_empty());
}
