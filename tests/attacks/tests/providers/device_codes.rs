//! Attack: a device code that gets out, by a provider that repeats it wherever something is read, shown or written; a user code that
//! draws on the terminal or reads like another one.
//! Stopped by: the code is a secret from its reply on, host/broker/src/device.rs; a user code is plain ASCII or is not shown,
//! host/broker/src/device/user_code.rs

use serde_json::json;
use vestibule_attacks::verdict::unusable;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{DeviceTwist, Fault, Form, Role, Script, SecretKind, Visitor};

/// Reads what of a token reply may be read, so that a reflected code would cross.
fn curious(stage: &Stage) -> Program {
    Program::by_device(&stage.idp).reads("token", &[("/note", ".*")])
}

fn reflect(member: &'static str, form: Form) -> Fault {
    Fault::Reflect {
        member,
        kind: SecretKind::DeviceCode,
        form,
    }
}

// proves: DEV-08
#[tokio::test(flavor = "multi_thread")]
async fn a_device_code_goes_to_the_token_endpoint_and_nowhere_else() {
    let echoes = [
        (Role::DeviceAuthorization, Fault::EchoInMembers),
        (Role::DeviceAuthorization, Fault::EchoInHeaders),
        (Role::Token, Fault::EchoInMembers),
        (Role::Token, Fault::EchoInHeaders),
        (Role::Token, Fault::EchoInError),
        (Role::DeviceAuthorization, Fault::EchoInError),
    ];
    let reflections = Form::WHOLE
        .iter()
        .map(|form| (Role::Token, reflect("note", *form)));
    let mut well = 0;
    for (role, fault) in echoes.into_iter().chain(reflections) {
        let stage = Stage::with(Script::honest().fault(role, fault.clone())).await;
        stage.enters_code_at(2, Visitor::approve("ada"));
        let ended = stage.play_by_device(&curious(&stage)).await;
        well += usize::from(ended.is_ok());
        let secrets = stage.idp.secrets();
        let codes: Vec<_> = secrets
            .iter()
            .filter(|secret| secret.kind == SecretKind::DeviceCode)
            .collect();
        assert!(
            !codes.is_empty() || role == Role::DeviceAuthorization,
            "{fault:?}"
        );
        for code in codes {
            assert!(!stage.keeps(&code.value), "{fault:?}");
            if let Err(error) = &ended {
                let said = format!("{error:?}");
                assert!(!said.contains(&code.value), "{said}");
            }
        }
        stage.told_nothing();
        stage.sent_nothing_astray();
    }
    assert!(well >= 3, "what does no harm ends well: {well}");
}

// proves: DEV-08
#[tokio::test(flavor = "multi_thread")]
async fn a_device_code_that_the_provider_wants_shown_is_not() {
    let mut scripts = vec![
        Script::honest().twist(DeviceTwist::DeviceCodeIsUserCode),
        Script::honest().twist(DeviceTwist::DeviceCodeInAddress),
    ];
    // Too short for the second barrier, and a secret all the same: it stands in the address, `/device`.
    let short = Fault::Member("device_code", "\"device\"".to_owned());
    scripts.push(Script::honest().fault(Role::DeviceAuthorization, short));
    for form in [Form::Percent, Form::Base64Url, Form::Hex] {
        scripts.push(Script::honest().fault(Role::DeviceAuthorization, reflect("user_code", form)));
    }
    for script in scripts {
        let stage = Stage::with(script).await;
        let error = unusable(stage.play_by_device(&Program::by_device(&stage.idp)).await);
        assert_eq!(error.blame(), Blame::Provider);
        assert!(
            matches!(error.code(), "device.secret" | "device.user_code"),
            "{error:?}"
        );
        assert!(stage.tape.prompts().is_empty());
        assert_eq!(stage.idp.count(Role::Token), 0);
        stage.kept_nothing();
        stage.told_nothing();
    }
}

// proves: DEV-09
#[tokio::test(flavor = "multi_thread")]
async fn a_user_code_that_is_not_plain_is_not_shown() {
    for code in [
        "WDJB\u{1b}[2J\u{1b}[1;1HAAAA",
        "WDJB\u{9b}31mMJHT",
        "WDJB\r\nvestibule: code AAAA",
        "WDJB\u{8}\u{8}\u{8}\u{8}AAAA",
        "WDJB-MJHT\u{202e}",
        "WDJB\u{200b}MJHT",
        "\u{410}\u{412}\u{421}D",
        "W\u{34f}DJB",
        "WDJB\u{2212}MJHT",
        "",
        "A234567890A234567890A234567890A234567890",
    ] {
        let fault = Fault::Member("user_code", json!(code).to_string());
        let stage = Stage::with(Script::honest().fault(Role::DeviceAuthorization, fault)).await;
        let error = unusable(stage.play_by_device(&Program::by_device(&stage.idp)).await);
        assert_eq!(error.blame(), Blame::Provider, "{code:?}");
        assert!(
            matches!(error.code(), "device.user_code" | "device.reply"),
            "{code:?} {error:?}"
        );
        assert!(!error.message().contains("AAAA"), "{error:?}");
        assert!(stage.tape.prompts().is_empty(), "{code:?}");
        assert_eq!(stage.idp.count(Role::Token), 0);
        stage.kept_nothing();
        stage.told_nothing();
    }
}

// proves: DEV-09
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_shown_to_the_letter_beside_the_plain_address() {
    for complete in [true, false] {
        let mut script = Script::honest();
        if !complete {
            script = script.twist(DeviceTwist::Without("verification_uri_complete"));
        }
        let code = Fault::Member("user_code", "\"wDjB-mJ.7\"".to_owned());
        let stage = Stage::with(script.fault(Role::DeviceAuthorization, code)).await;
        let error = vestibule_attacks::verdict::stopped(
            stage.play_by_device(&Program::by_device(&stage.idp)).await,
        );
        assert_eq!(error.code(), "device.expired");
        let shown = stage.tape.prompts().pop().unwrap();
        assert_eq!(shown.code, "wDjB-mJ.7");
        assert_eq!(shown.uri, format!("{}/device", stage.idp.issuer()));
        assert_eq!(shown.complete.is_some(), complete);
    }
}
