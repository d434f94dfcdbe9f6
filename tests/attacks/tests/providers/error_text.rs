//! Attack: the text of an error talks to the plugin, or to the terminal: secrets, a megabyte, control characters, words of its own.
//! Stopped by: a plugin is told a known code and nothing else, host/broker/src/outcome.rs

use serde_json::Value;
use vestibule_attacks::puppet::{API, call, reference, refresh, userinfo};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::{BODY_BYTES, SHOWN_CHARS};
use vestibule_rehearsal::{Fault, Role, Script};

/// Nothing else of an error's text may be in what enters a guest.
const WORDS: &str = "hello-plugin";

/// `long` are those that take long, to read and to search.
fn errors(long: bool) -> Vec<Fault> {
    let said = |error: &str, description: &str| Fault::Refusal {
        error: error.to_owned(),
        description: description.to_owned(),
    };
    // As much as a body may have, and more than that.
    let megabyte = WORDS.repeat(80_000);
    let too_much = WORDS.repeat(100_000);
    let mut all = vec![
        said(WORDS, "unknown"),
        said("invalid_request", WORDS),
        said(&format!("invalid_grant\u{0}{WORDS}"), ""),
        said(
            &format!("invalid_request\r\n{WORDS}"),
            "\u{1b}[2Jhello-plugin\u{7}\u{202e}\u{9b}31m",
        ),
        said(&format!("INVALID_REQUEST {WORDS}"), "\u{200b}\u{e0041}"),
        Fault::EchoInError,
        Fault::ErrorObject,
        Fault::HtmlError,
        Fault::TerminalEscapes,
    ];
    if long {
        all.extend([
            said("invalid_request", &megabyte),
            said("invalid_request", &too_much),
            said(&megabyte, ""),
        ]);
    }
    all
}

/// A step of each class of endpoint, and where it arrives.
fn steps() -> [(Role, &'static str, Vec<Value>); 5] {
    [
        (Role::Token, "refresh", vec![refresh("refresh_token")]),
        (Role::UserInfo, "sign-in", vec![userinfo("access_token")]),
        (
            Role::Api,
            "sign-in",
            vec![call(API, reference("access_token"), &[], vec![])],
        ),
        (Role::Revocation, "revoke", vec![]),
        (Role::Token, "sign-in", vec![]),
    ]
}

// proves: PLUG-08
#[tokio::test(flavor = "multi_thread")]
async fn of_an_errors_text_a_plugin_is_told_a_known_code_alone() {
    for (role, purpose, steps) in steps() {
        for fault in errors(role == Role::UserInfo) {
            let stage = Stage::honest().await;
            let program = if steps.is_empty() || purpose == "refresh" {
                Program::honest(&stage.idp)
            } else {
                Program::honest(&stage.idp).after_tokens(steps.clone())
            };
            let name = stage.approve("stage", &program).await.unwrap();
            let refusing = || {
                Script::honest()
                    .any_redirect_path()
                    .fault(role, fault.clone())
            };
            let error = if purpose == "refresh" {
                stage.sign_in(&name).await.unwrap();
                stage.idp.rescript(refusing());
                Some(stopped(stage.refresh(&name).await))
            } else if purpose == "revoke" {
                stage.sign_in(&name).await.unwrap();
                stage.idp.rescript(refusing());
                stage.vestibule.sign_out(&name, None).await.err()
            } else {
                stage.idp.rescript(refusing());
                stage.sign_in(&name).await.err()
            };
            let what = format!("{purpose} {role:?} {:.80}", format!("{fault:?}"));
            let told = stage.tape.entered();
            let failed: Vec<&String> = told
                .iter()
                .filter(|text| text.starts_with("Failed("))
                .collect();
            // An answer that is too long ends the flow, and the guest hears nothing more.
            let too_long = matches!(&fault, Fault::Refusal { description, .. } if description.len() > BODY_BYTES);
            assert_eq!(failed.is_empty(), too_long, "{what}: {told:?}");
            assert!(
                failed.iter().all(|text| text.len() < 100),
                "{what}: {failed:?}"
            );
            // What a flow starts with is the plugin's own settings.
            for text in told.iter().filter(|text| !text.starts_with("Start {")) {
                assert!(
                    !text.contains("hello") && !text.contains("mallory"),
                    "{what}: {text}"
                );
                assert!(!text.chars().any(char::is_control), "{what}: {text}");
            }
            stage.told_nothing();
            // The person reads it, quoted and cut off, unless it repeats a secret.
            if let Some(error) = error {
                let said = error.message();
                assert!(said.chars().count() < 3 * SHOWN_CHARS, "{what}: {said}");
                assert!(
                    !said.chars().any(vestibule_core::text::is_harmful),
                    "{what}: {said}"
                );
                for secret in stage.idp.secrets() {
                    assert!(!said.contains(&secret.value), "{what}: {said}");
                }
            }
        }
    }
}
