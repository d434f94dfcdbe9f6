//! Attack: a user's own files relax what the machine's administrator has laid down: in the tenant file, in a second tenant for the same
//! issuer, in a `policy.toml` of the user's own, or after the approval.
//! Stopped by: the system's `policy.toml` bounds every key of every tenant, whenever it is used, host/policy/src/locks.rs, host/app/src/tenants.rs

use std::fs;

use vestibule_attacks::Stage;
use vestibule_attacks::stage::conforming_file;
use vestibule_attacks::verdict::stopped;
use vestibule_core::Blame;

const STRICT: &str =
    "plugins = [\"oidc\"]\n[policy]\nmethods = [\"browser\"]\nmax_session = \"8h\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_file_that_goes_beyond_the_lock_is_refused_at_its_line() {
    let stage = Stage::honest().await;
    stage.lock(STRICT);
    for (lines, key) in [
        (
            "[policy]\nmethods = [\"browser\", \"device\"]\n",
            "policy.methods",
        ),
        ("[policy]\nmax_session = \"9h\"\n", "policy.max_session"),
    ] {
        let error = stopped(stage.conforming(lines).await);
        assert_eq!(
            (error.code(), error.blame()),
            ("tenant.locked", Blame::Policy),
            "{error:?}"
        );
        assert!(error.message().contains("line 4"), "{error:?}");
        assert!(error.message().contains(key), "{error:?}");
        assert!(stage.idp.requests().is_empty());
    }
    let puppet = vestibule_attacks::Program::honest(&stage.idp);
    let error = stopped(stage.approve("other", &puppet).await);
    assert_eq!(error.code(), "tenant.locked", "another plugin: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_holds_for_what_was_approved_before_it() {
    let stage = Stage::honest().await;
    let name = stage
        .conforming("[policy]\nmax_session = \"9d\"\n")
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    stage.lock(STRICT);
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(error.code(), "tenant.locked");
    let error = stopped(stage.refresh(&name).await);
    assert_eq!(error.code(), "tenant.locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_for_an_issuer_holds_under_whatever_name() {
    let stage = Stage::honest().await;
    let issuer = stage.idp.issuer();
    stage.lock(&format!(
        "[issuer.\"{issuer}\".policy]\nrisk = \"high\"\nmax_session = \"2h\"\n"
    ));
    let file = conforming_file(&stage.idp, "[policy]\nmax_session = \"3h\"\n");
    let name = stage.conforming("").await.unwrap();
    let error = stopped(stage.approve_file("quite-another", &file).await);
    assert_eq!(error.code(), "tenant.locked", "{error:?}");
    let before = stage.tape.shown().len();
    let signed_in = stage.sign_in(&name).await.unwrap();
    assert_eq!(signed_in.ends_at - stage.vestibule.now(), 2 * 3600);
    let asked = stage.tape.shown().split_off(before).join("\n");
    assert!(asked.contains("high risk"), "the person was asked: {asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_the_users_own_locks_and_unlocks_nothing() {
    let stage = Stage::honest().await;
    stage.lock(STRICT);
    let own = stage.root().join("config");
    fs::create_dir_all(&own).unwrap();
    fs::write(
        own.join("policy.toml"),
        "[policy]\nmethods = [\"browser\", \"device\"]\nmax_session = \"365d\"\n",
    )
    .unwrap();
    let error = stopped(stage.conforming("[policy]\nmethods = [\"device\"]\n").await);
    assert_eq!(error.code(), "tenant.locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_cannot_be_read_opens_nothing() {
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    for broken in [
        "[policy]\nmax_sesion = \"8h\"\n",
        "[policy\n",
        "[issuer.x.policy]\nrisk = \"high\"\n",
    ] {
        stage.lock(broken);
        let error = stopped(stage.sign_in(&name).await);
        assert_eq!(
            (error.code(), error.blame()),
            ("locks.syntax", Blame::Config),
            "{broken}"
        );
        let error = stopped(stage.refresh(&name).await);
        assert_eq!(error.code(), "locks.syntax", "{broken}");
    }
}
