//! Attack: a plugin that signs in by device changes what the person reads, or keeps it from them.
//! Stopped by: the host draws the prompt from what was approved and from the checked reply; a plugin has no word in it,
//! host/broker/src/device.rs

use serde_json::{Value, json};
use vestibule_attacks::puppet::{device, discover, fail, finish, list, text};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Role, Visitor};

const WORDS: &str = "hello-person";

// proves: DEV-11
#[tokio::test(flavor = "multi_thread")]
async fn the_prompt_is_the_hosts_whatever_the_plugin_says_of_itself() {
    let stage = Stage::honest().await;
    stage.enters_code_at(2, Visitor::approve("ada"));
    let step = json!({"Device": {"scopes": ["openid"], "extra": [text("note", WORDS)]}});
    let program = Program::by_device(&stage.idp)
        .says("summary", json!(format!("{WORDS}: your code is AAAA-BBBB")))
        .says("version", json!(WORDS))
        .steps("sign-in", vec![discover(), step, finish(&["access_token"])]);
    let ended = stage.play_by_device(&program).await;
    assert!(ended.is_ok(), "{ended:?}");

    let prompts = stage.tape.prompts();
    assert_eq!(prompts.len(), 1);
    let [tenant, issuer, plugin, digest] = &prompts[0].who;
    assert_eq!((tenant.as_str(), plugin.as_str()), ("stage-0", "puppet"));
    assert_eq!(*issuer, stage.idp.issuer());
    assert!(
        digest.starts_with("sha256:") && digest.len() == 71,
        "{digest}"
    );
    // What is asked for is what is shown, and not what was asked for otherwise.
    assert_eq!(prompts[0].access, ["openid"]);
    let sent = stage.idp.requests_to(Role::DeviceAuthorization);
    assert_eq!(sent[0].field("scope"), Some("openid"));
    assert_eq!(sent[0].field("note"), Some(WORDS));
    let shown = stage.tape.shown();
    assert!(
        shown
            .iter()
            .all(|text| !text.contains(WORDS) && !text.contains("AAAA")),
        "{shown:?}"
    );
    stage.told_nothing();
}

// proves: DEV-11
#[tokio::test(flavor = "multi_thread")]
async fn no_step_puts_words_into_the_prompt_or_goes_around_it() {
    let with = |extra: Value| json!({"Device": {"scopes": [], "extra": [extra]}});
    for (steps, rule) in [
        (
            vec![discover(), with(text("user_code", "AAAA-BBBB"))],
            "extra_fields",
        ),
        (
            vec![
                discover(),
                with(text("verification_uri", "https://evil.example")),
            ],
            "extra_fields",
        ),
        (
            vec![discover(), with(text("client_id", "another"))],
            "extra_fields",
        ),
        (
            vec![discover(), with(text("scope", "admin"))],
            "extra_fields",
        ),
        (vec![discover(), device(&["admin"])], "scopes"),
    ] {
        let stage = Stage::honest().await;
        let program = Program::by_device(&stage.idp).steps("sign-in", steps.clone());
        let error = caught(stage.play_by_device(&program).await);
        denied(&error, rule);
        assert!(stage.tape.prompts().is_empty(), "{steps:?}");
        assert_eq!(stage.idp.count(Role::DeviceAuthorization), 0, "{steps:?}");
        stage.kept_nothing();
        stage.told_nothing();
    }
    // A second code, after the first was entered: the person would have to guess which is meant.
    let stage = Stage::honest().await;
    stage.enters_code_at(2, Visitor::approve("ada"));
    let twice = vec![
        discover(),
        device(&["openid"]),
        device(&["openid"]),
        fail(json!(WORDS)),
    ];
    let program = Program::by_device(&stage.idp).steps("sign-in", twice);
    denied(&caught(stage.play_by_device(&program).await), "order");
    assert_eq!(stage.tape.prompts().len(), 1);
    stage.kept_nothing();
    stage.told_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_cannot_have_the_code_read_to_the_plugin() {
    let stage = Stage::honest().await;
    for pointer in [
        "/user_code",
        "/device_code",
        "/verification_uri",
        "/anything",
    ] {
        let program = Program::by_device(&stage.idp).profile(|profile| {
            let readable = json!({
                "role": "device_authorization",
                "pointer": pointer,
                "shape": {"One": {"Text": [".*", 200]}},
            });
            list(profile, "readable").push(readable);
        });
        let error = caught(stage.play_by_device(&program).await);
        assert!(
            error.code().starts_with("approval."),
            "{pointer}: {error:?}"
        );
    }
    assert_eq!(stage.idp.count(Role::DeviceAuthorization), 0);
}
