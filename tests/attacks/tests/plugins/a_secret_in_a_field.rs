//! Attack: put a secret into a field of another role or name, beside text, into a nested member, or into two fields.
//! Stopped by: a secret is a whole field, and only one that its declaration names (host/broker/src/message.rs, host/core/src/matrix.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, call, endpoint, grant, list, reference, secret, text, userinfo,
};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

/// The secret, born at userinfo, that may go into the member `handle` of the API and nowhere else.
const HANDLE: &str = "handle";
/// What the practice provider gives for it.
const VALUE: &str = "ada";

fn program(stage: &Stage, encoding: &str, steps: Vec<Value>) -> Program {
    let steps = [vec![userinfo("access_token")], steps].concat();
    Program::honest(&stage.idp)
        .profile(|profile| {
            profile["endpoints"][0]["dialect"]["encoding"] = json!(encoding);
            let url = stage.idp.api_url();
            list(profile, "endpoints").push(endpoint("other", "Resource", &format!("{url}/2")));
            list(profile, "secrets").push(json!({
                "name": HANDLE,
                "kind": "Opaque",
                "born_role": "userinfo",
                "born_pointer": "/preferred_username",
                "goes": [{"role": API, "placement": {"Member": HANDLE}}],
            }));
        })
        .after_tokens(steps)
}

fn to(role: &str, body: Vec<Value>) -> Value {
    call(role, reference("access_token"), &[], body)
}

// proves: PLUG-05
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_the_whole_of_its_own_field_and_of_no_other() {
    for encoding in ["Form", "Json"] {
        let stage = Stage::honest().await;
        let own = to(
            API,
            vec![secret(HANDLE, reference(HANDLE)), text("note", "{handle}")],
        );
        stage
            .play(&program(&stage, encoding, vec![own]))
            .await
            .unwrap();
        let seen = &stage.idp.requests_to(Role::Api)[0];
        assert_eq!(seen.field(HANDLE), Some(VALUE), "{encoding}");
        assert_eq!(seen.field("note"), Some("{handle}"), "{encoding}");

        for (name, step) in [
            (
                "another role",
                to("other", vec![secret(HANDLE, reference(HANDLE))]),
            ),
            (
                "another name",
                to(API, vec![secret("note", reference(HANDLE))]),
            ),
            (
                "another case",
                to(API, vec![secret("Handle", reference(HANDLE))]),
            ),
            (
                "a dotted name",
                to(API, vec![secret("handle.x", reference(HANDLE))]),
            ),
            (
                "a second field",
                to(
                    API,
                    vec![
                        secret(HANDLE, reference(HANDLE)),
                        secret("again", reference(HANDLE)),
                    ],
                ),
            ),
            (
                "the same field twice",
                to(
                    API,
                    vec![
                        secret(HANDLE, reference(HANDLE)),
                        secret(HANDLE, reference(HANDLE)),
                    ],
                ),
            ),
            (
                "beside text of its name",
                to(
                    API,
                    vec![secret(HANDLE, reference(HANDLE)), text(HANDLE, "x")],
                ),
            ),
            ("as the token", call(API, reference(HANDLE), &[], vec![])),
            (
                "a token in its field",
                to(API, vec![secret(HANDLE, reference("access_token"))]),
            ),
            (
                "a nested name",
                to(API, vec![secret("a[handle]", reference(HANDLE))]),
            ),
            (
                "a path",
                to(API, vec![secret("a/handle", reference(HANDLE))]),
            ),
            (
                "a file name",
                to(API, vec![secret("f\"; filename=\"x", reference(HANDLE))]),
            ),
            ("no name", to(API, vec![secret("", reference(HANDLE))])),
        ] {
            let error = caught(stage.play(&program(&stage, encoding, vec![step])).await);
            assert!(
                ["plugin.reference", "policy.denied", "plugin.name"].contains(&error.code()),
                "{encoding}, {name}: {error:?}"
            );
        }
        assert_eq!(stage.idp.count(Role::Api), 1, "{encoding}");
        assert_eq!(stage.idp.count(Role::Unknown), 0, "{encoding}");
    }
}

// proves: PLUG-05
#[tokio::test(flavor = "multi_thread")]
async fn a_further_field_of_a_token_request_takes_no_secret() {
    let stage = Stage::honest().await;
    let name = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    for field in [
        "note",
        "code",
        "client_assertion",
        "subject_token",
        "handle[]",
        "refresh_token",
    ] {
        for stolen in ["access_token", "refresh_token"] {
            let step = grant(
                json!({"RefreshToken": reference("refresh_token")}),
                vec![secret(field, reference(stolen))],
            );
            let attack = Program::honest(&stage.idp).steps("refresh", vec![step]);
            stage.approve_again(&name, &attack).await.unwrap();
            let error = caught(stage.refresh(&name).await);
            assert!(
                ["policy.denied", "plugin.name"].contains(&error.code()),
                "{error:?}"
            );
        }
    }
    assert_eq!(stage.idp.count(Role::Token), 1);
    stage.sent_nothing_astray();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_gives_no_cell_that_a_standard_has() {
    let stage = Stage::honest().await;
    for (role, placement) in [
        ("token", json!({"Member": "note"})),
        ("revocation", json!({"Member": "note"})),
        ("userinfo", json!("Authorization")),
        ("token", json!("ClientAuthentication")),
        (API, json!({"Member": "access_token"})),
        (API, json!("ClientAuthentication")),
        ("nowhere", json!({"Member": "note"})),
    ] {
        let program = Program::honest(&stage.idp).profile(|profile| {
            list(profile, "secrets").push(json!({
                "name": HANDLE,
                "kind": "Opaque",
                "born_role": "userinfo",
                "born_pointer": "/preferred_username",
                "goes": [{"role": role, "placement": placement}],
            }));
        });
        stage.refuses(&program, "approval.secrets").await;
    }
}
