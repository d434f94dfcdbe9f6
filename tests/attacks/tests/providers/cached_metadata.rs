//! Attack: what is remembered of a provider is edited, or kept for ever, or the provider moves an endpoint behind its back.
//! Stopped by: an authenticated cache with an age, and endpoints that are compared with the approved ones, host/store/src/cache.rs and host/broker/src/discover.rs

use std::fs;
use std::time::Duration;

use vestibule_attacks::Stage;
use vestibule_attacks::stage::conforming_file;
use vestibule_attacks::verdict::stopped;
use vestibule_core::Blame;
use vestibule_core::limits::METADATA_MAX_AGE;
use vestibule_rehearsal::{MetadataTwist, Role, Script};

/// Changes one byte of each remembered thing, somewhere.
fn edit_everything(stage: &Stage, place: usize) -> usize {
    let mut edited = 0;
    for entry in fs::read_dir(stage.root().join("state/cache")).unwrap() {
        let file = entry.unwrap().path();
        let mut bytes = fs::read(&file).unwrap();
        let at = bytes.len() * place / 8;
        bytes[at] ^= 1;
        fs::write(&file, bytes).unwrap();
        edited += 1;
    }
    edited
}

// proves: DISC-10
#[tokio::test(flavor = "multi_thread")]
async fn an_edited_entry_is_as_good_as_none_and_a_genuine_one_lasts_an_hour() {
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let fetched = || stage.idp.count(Role::Discovery);
    // It is used: otherwise an edit would prove nothing.
    let mut before = fetched();
    stage.sign_in(&name).await.unwrap();
    assert_eq!(fetched(), before, "nothing was remembered");
    for place in 0..8 {
        assert!(edit_everything(&stage, place) > 1);
        stage.sign_in(&name).await.unwrap();
        assert!(fetched() > before, "an edited entry was believed: {place}");
        before = fetched();
    }
    let clock = stage.idp.clock();
    clock.advance(METADATA_MAX_AGE - Duration::from_secs(5));
    stage.sign_in(&name).await.unwrap();
    assert_eq!(fetched(), before, "it was too old too early");
    clock.advance(Duration::from_secs(6));
    stage.sign_in(&name).await.unwrap();
    assert!(fetched() > before, "it was believed for more than an hour");
    stage.sent_nothing_astray();
}

// proves: DISC-10
#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_moves_to_another_host_waits_for_approval() {
    let stage = Stage::honest().await;
    // A host that the operator has named, so that nothing but the approval stands between.
    let named = "endpoint_hosts = [\"login.example\"]\n[network]";
    let file = conforming_file(&stage.idp, "").replace("[network]", named);
    stage.install(&fs::read(vestibule_e2e::machine::plugin("oidc")).unwrap());
    let name = stage.approve_file("corp", &file).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let redeemed = stage.idp.count(Role::Token);

    let there = "https://login.example/token".to_owned();
    let moved = MetadataTwist::Member("token_endpoint", there.clone());
    let clock = stage.idp.clock();
    let script = Script::honest().any_redirect_path().clock(&clock);
    stage.idp.rescript(script.twist(moved));
    clock.advance(METADATA_MAX_AGE + Duration::from_secs(1));
    // Its refusal is in the audit log: the stage looks for it.
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Provider, "discovery.host"),
        "{error:?}"
    );
    let hint = error.next_step().unwrap();
    assert!(hint.contains("vestibule tenant approve corp"), "{hint}");
    assert_eq!(stage.idp.count(Role::Token), redeemed);

    // What somebody is asked then is about this very host.
    let proposal = stage.vestibule.propose(&name).await.unwrap();
    assert!(proposal.changes_permissions());
    let token = &proposal.approval.permissions.endpoints["token"];
    assert_eq!(token.url, there);
}
