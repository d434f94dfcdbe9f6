//! Attack: describe itself harmlessly for the approval, and otherwise afterwards.
//! Stopped by: the pinned digest, and a description that is asked for again and compared (host/app/src/plugins.rs, host/app/src/describe.rs).

use std::fs;

use serde_json::json;
use vestibule_attacks::puppet::{endpoint, list};
use vestibule_attacks::stage::puppet;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::Role;

/// The honest description with a resource on a host of the attacker's.
fn greedy(stage: &Stage) -> serde_json::Value {
    Program::honest(&stage.idp)
        .profile(|profile| {
            list(profile, "endpoints").push(endpoint(
                "drop",
                "Resource",
                "https://mallory.example/in",
            ));
        })
        .described()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_counts_how_often_it_was_asked_never_gets_to_two() {
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp).says("profile_later", greedy(&stage));
    let name = stage.approve("corp", &program).await.unwrap();
    let pinned = stage
        .vestibule
        .approval(&name)
        .unwrap()
        .unwrap()
        .permissions;
    assert!(
        !pinned.endpoints.contains_key("drop"),
        "the second description was pinned"
    );
    stage.sign_in(&name).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    assert!(stage.vestibule.inspect_tenant(&name).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_is_not_the_pinned_one_runs_no_flow() {
    let stage = Stage::honest().await;
    let name = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    let before = stage.idp.requests().len();
    let file = stage.root().join("state/approvals/corp.json");
    let honest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for (pointer, other) in [
        ("/permissions/hosts", json!(["mallory.example"])),
        ("/permissions/scopes", json!(["openid"])),
        (
            "/permissions/readable",
            json!([{"role": "userinfo", "pointer": "/sub", "shape": {"one": "integer"}}]),
        ),
        (
            "/permissions/endpoints/api/url",
            json!("http://127.0.0.1:1/api"),
        ),
        ("/permissions/endpoints/api/token_header", json!("X-Token")),
    ] {
        let mut pinned = honest.clone();
        *pinned.pointer_mut(pointer).unwrap() = other;
        fs::write(&file, pinned.to_string()).unwrap();
        let error = stage.sign_in(&name).await.unwrap_err();
        assert_eq!(error.code(), "approval.describe", "{pointer}: {error:?}");
        assert_eq!(error.blame(), Blame::Plugin, "{pointer}");
        assert!(
            error
                .next_step()
                .unwrap()
                .contains("vestibule tenant approve corp")
        );
    }
    assert_eq!(stage.idp.requests().len(), before);
    assert_eq!(stage.tape.browsers(), 0);
    fs::write(&file, honest.to_string()).unwrap();
    stage.sign_in(&name).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_under_the_same_name_do_not_run() {
    let stage = Stage::honest().await;
    let name = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    let before = stage.idp.requests().len();
    // A custom section: the same behaviour, which nobody has looked at.
    let mut other = puppet();
    other.extend_from_slice(b"\x00\x05\x04note");
    stage.install(&other);
    let error = stage.sign_in(&name).await.unwrap_err();
    assert_eq!(error.code(), "approval.plugin", "{error:?}");
    assert_eq!(error.blame(), Blame::Policy);
    assert_eq!(stage.idp.requests().len(), before);
    stage.install(&puppet());
    stage.sign_in(&name).await.unwrap();
    assert_eq!(stage.idp.count(Role::Token), 1);
}
