//! Attack: learn of the person who signs in what was not listed and approved: claims, userinfo, members under another role.
//! Stopped by: of a reply only declared members cross, each of its own role and shape (host/broker/src/readable.rs).

use serde_json::json;
use vestibule_attacks::puppet::{API, call, reference, userinfo};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{PEOPLE, Role};

/// The person who signs in on the stage.
fn ada() -> &'static vestibule_rehearsal::Person {
    PEOPLE.iter().find(|person| person.login == "ada").unwrap()
}

/// An honest sign-in that asks for everything there is, and is answered everywhere.
fn asking(stage: &Stage) -> Program {
    Program::honest(&stage.idp)
        .profile(|profile| profile["endpoints"][0]["method"] = json!("Get"))
        .after_tokens(vec![
            userinfo("access_token"),
            call(API, reference("access_token"), &[], vec![]),
        ])
}

// proves: PLUG-21
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_listed_is_not_there() {
    let stage = Stage::honest().await;
    stage.play(&asking(&stage)).await.unwrap();
    assert_eq!(stage.idp.count(Role::UserInfo), 1);
    assert_eq!(stage.idp.count(Role::Api), 1);
    let entered = stage.tape.entered().join("\n");
    for known in [ada().sub, ada().name, ada().login, ada().email] {
        let quoted = format!("\"{known}\"");
        assert!(!entered.contains(&quoted), "{known}: {entered}");
    }
}

// proves: PLUG-21
#[tokio::test(flavor = "multi_thread")]
async fn what_was_listed_is_there_of_its_own_role_and_shape_alone() {
    let stage = Stage::honest().await;
    let program = asking(&stage)
        .reads("userinfo", &[("/sub", "[A-Za-z0-9_.|-]+")])
        // A member that only the other replies have, and one whose form the provider does not keep.
        .reads(API, &[("/preferred_username", ".*"), ("/login", "[0-9]+")])
        .reads("id_token", &[("/message", ".*")]);
    let name = stage.approve("corp", &program).await.unwrap();
    let pinned = stage.vestibule.approval(&name).unwrap().unwrap();
    assert_eq!(
        pinned.permissions.readable.len(),
        4,
        "what is read was shown"
    );
    stage.sign_in(&name).await.unwrap();
    let replies = stage.tape.replies();
    let crossed = format!("{replies:?}");
    assert_eq!(crossed.matches("Member {").count(), 1, "{crossed}");
    assert!(crossed.contains(ada().sub), "{crossed}");
    for known in [ada().name, ada().login, ada().email] {
        let quoted = format!("\"{known}\"");
        assert!(!crossed.contains(&quoted), "{known}: {crossed}");
    }
}
