//! No attack: what the attacks beside this are compared with. Without what is hostile in them, the same stage lets a plugin through.

use serde_json::json;
use vestibule_attacks::puppet::{API, call, reference, text, userinfo};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_plugin_gets_through() {
    let stage = Stage::honest().await;
    let steps = vec![
        userinfo("access_token"),
        call(
            API,
            reference("access_token"),
            &[("hello", json!("world"))],
            vec![text("more", "words")],
        ),
    ];
    let program = Program::honest(&stage.idp).after_tokens(steps);
    let name = stage.approve("corp", &program).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    assert_eq!(stage.idp.count(Role::Token), 2);
    assert_eq!(stage.idp.count(Role::UserInfo), 1);
    assert_eq!(stage.idp.count(Role::Api), 1);
    assert_eq!(stage.sealed(), 1);
    stage.told_nothing();
    stage.sent_nothing_astray();
    let out = stage.vestibule.sign_out(&name, None).await.unwrap();
    assert!(out.unconfirmed.is_empty(), "{out:?}");
    stage.sent_nothing_astray();
    stage.kept_nothing();
}
