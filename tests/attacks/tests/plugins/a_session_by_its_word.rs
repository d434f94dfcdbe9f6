//! Attack: declare that somebody has signed in, without the exchange that would prove it.
//! Stopped by: a grant is built from what the flow has proven, not from what the plugin says (host/broker/src/finish.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{authorize, discover, finish, finish_as, reference};
use vestibule_attacks::{Program, Stage};
use vestibule_guests::{Guest, behaviour};
use vestibule_rehearsal::Role;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_signed_in_by_the_plugins_word() {
    let done = || json!({"Finish": "Done"});
    let attempts: Vec<Vec<Value>> = vec![
        vec![done()],
        vec![finish(&[])],
        vec![finish(&["access_token"])],
        vec![finish_as("Opaque", &[])],
        vec![finish_as("CloudKeys", &[])],
        vec![discover(), finish(&["access_token"])],
        vec![discover(), authorize(), finish(&[])],
        // The code in the place of a token, without the exchange that validates the ID token.
        vec![
            discover(),
            authorize(),
            finish_as("Oauth", &[("access_token", reference("code"))]),
        ],
        vec![discover(), authorize(), done()],
    ];
    for steps in attempts {
        let stage = Stage::honest().await;
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        stage.catches(&program).await;
        assert_eq!(stage.idp.count(Role::Token), 0);
    }
}

/// The same without any toolchain in between: a component by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_declares_itself_done_describes_nothing_to_sign_in_to() {
    let stage = Stage::honest().await;
    stage.install(&Guest::honest().begin(behaviour::FINISH).component());
    let error = stage
        .approve_file("hand-made", "plugin = \"guest\"\n")
        .await
        .unwrap_err();
    assert_eq!(error.code(), "tenant.setting", "{error:?}");
    assert_eq!(stage.idp.requests().len(), 0);
}
