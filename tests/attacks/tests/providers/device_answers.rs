//! Attack: an answer to a device's question that is no yes and no "not yet", so that it goes on asking, or takes what is no token.
//! Stopped by: every answer but two is the last one, host/broker/src/device.rs and host/broker/src/outcome.rs

use serde_json::{Value, json};
use vestibule_app::SignedIn;
use vestibule_attacks::puppet::{device, discover, endpoint, fail, list};
use vestibule_attacks::stage::BY_DEVICE;
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Blame, Result};
use vestibule_rehearsal::{Fault, GrantTwist, IdTokenTwist, Role, Script, Visitor};

/// Signs in with the plugin for conforming providers, which ends as the provider does.
async fn by_device(stage: &Stage) -> Result<SignedIn> {
    let name = stage.conforming(BY_DEVICE).await?;
    stage.sign_in_by_device(&name).await
}

fn refusal(code: &str) -> Fault {
    Fault::Refusal {
        error: code.to_owned(),
        description: "authorization_pending".to_owned(),
    }
}

// proves: DEV-04
#[tokio::test(flavor = "multi_thread")]
async fn any_other_answer_is_the_last_one() {
    for (fault, code, blame) in [
        (refusal("access_denied"), "provider.denied", Blame::User),
        (refusal("expired_token"), "provider.expired", Blame::User),
        (
            refusal("invalid_grant"),
            "provider.invalid_grant",
            Blame::Provider,
        ),
        (
            refusal("invalid_client"),
            "provider.refused",
            Blame::Provider,
        ),
        (refusal("hello-plugin"), "provider.refused", Blame::Provider),
        (
            refusal("AUTHORIZATION_PENDING"),
            "provider.refused",
            Blame::Provider,
        ),
        (
            refusal("authorization_pending "),
            "provider.refused",
            Blame::Provider,
        ),
        (refusal(""), "provider.refused", Blame::Provider),
        (Fault::EmptyError, "provider.refused", Blame::Provider),
        (Fault::ErrorObject, "provider.refused", Blame::Provider),
        (Fault::ErrorInOk, "provider.refused", Blame::Provider),
        (Fault::Status(500), "provider.unavailable", Blame::Network),
        (
            Fault::Unavailable { retry_after: 1 },
            "provider.unavailable",
            Blame::Network,
        ),
        (Fault::Status(429), "provider.unavailable", Blame::Network),
        (Fault::Status(404), "provider.refused", Blame::Provider),
        (Fault::TruncatedJson, "net.json", Blame::Provider),
        (Fault::GzipBomb, "net.compressed", Blame::Provider),
    ] {
        let stage = Stage::with(Script::honest().fault(Role::Token, fault.clone())).await;
        let error = stopped(by_device(&stage).await);
        assert_eq!(error.blame(), blame, "{fault:?}: {error:?}");
        assert!(
            error.code() == code || code.starts_with("net."),
            "{fault:?}: {error:?}"
        );
        assert_eq!(stage.tape.asked("token"), [5], "{fault:?}");
        assert_eq!(stage.idp.count(Role::DeviceAuthorization), 1, "{fault:?}");
        stage.kept_nothing();
        stage.told_nothing();
    }
}

// proves: DEV-04
#[tokio::test(flavor = "multi_thread")]
async fn a_no_at_the_page_ends_it_at_the_next_question() {
    let stage = Stage::honest().await;
    stage.enters_code_at(12, Visitor::deny());
    let error = stopped(by_device(&stage).await);
    assert_eq!(
        (error.code(), error.blame()),
        ("provider.denied", Blame::User)
    );
    assert_eq!(stage.tape.asked("token"), [5, 10, 15]);
    stage.kept_nothing();
    stage.told_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_come_by_device_are_checked_as_any_others() {
    for (script, code) in [
        (
            Script::honest().twist(GrantTwist::TokenType("MAC".to_owned())),
            "token.token_type",
        ),
        (
            Script::honest().twist(GrantTwist::NoIdToken),
            "id_token.missing",
        ),
        (
            Script::honest().twist(IdTokenTwist::ForeignKey),
            "id_token.signature",
        ),
    ] {
        let stage = Stage::with(script).await;
        stage.enters_code_at(2, Visitor::approve("ada"));
        let error = stopped(by_device(&stage).await);
        assert_eq!(
            (error.code(), error.blame()),
            (code, Blame::Provider),
            "{error:?}"
        );
        stage.kept_nothing();
        stage.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_the_request_shows_nobody_a_code() {
    for fault in [
        refusal("invalid_scope"),
        Fault::Status(500),
        Fault::EmptyError,
    ] {
        let stage = Stage::with(Script::honest().fault(Role::DeviceAuthorization, fault)).await;
        stopped(by_device(&stage).await);
        assert!(stage.tape.prompts().is_empty());
        assert_eq!(stage.idp.count(Role::Token), 0);
        stage.kept_nothing();
        stage.told_nothing();
    }
}

/// A plugin whose description says that a text means "not yet" if it comes with this status and code.
fn mapping(stage: &Stage, status: Option<u16>, code: Option<&str>) -> Program {
    Program::by_device(&stage.idp)
        .profile(|profile| {
            let mut token = endpoint("token", "Token", "");
            token["url"] = Value::Null;
            token["dialect"]["outcomes"] = json!([{
                "status": status,
                "code": code,
                "description": "authorization_pending",
                "outcome": "Pending",
            }]);
            list(profile, "endpoints").push(token);
        })
        .steps(
            "sign-in",
            vec![discover(), device(&["openid"]), fail(json!("the end"))],
        )
}

// proves: DEV-04
#[tokio::test(flavor = "multi_thread")]
async fn a_dialect_makes_a_pending_of_a_peculiar_answer_and_never_of_a_no() {
    for (code, asked, ended) in [
        ("StillWaiting", 3, "device.expired"),
        ("invalid_grant", 1, "provider.invalid_grant"),
        ("access_denied", 1, "provider.denied"),
        ("expired_token", 1, "provider.expired"),
        ("invalid_client", 1, "provider.refused"),
    ] {
        let ends = Fault::Member("expires_in", "16".to_owned());
        let script = Script::honest().fault(Role::Token, refusal(code));
        let stage = Stage::with(script.fault(Role::DeviceAuthorization, ends)).await;
        let program = mapping(&stage, Some(400), Some("StillWaiting"));
        let error = stopped(stage.play_by_device(&program).await);
        assert_eq!(error.code(), ended, "{code}: {error:?}");
        assert_eq!(stage.tape.asked("token").len(), asked, "{code}");
        stage.kept_nothing();
        stage.told_nothing();
    }
    // A map that says more than that is not approved.
    let stage = Stage::honest().await;
    for (status, code) in [
        (None, None),
        (Some(400), None),
        (Some(503), Some("StillWaiting")),
        (Some(400), Some("invalid_grant")),
        (Some(400), Some("access_denied")),
        (Some(400), Some("expired_token")),
    ] {
        let _ = stage
            .refuses(&mapping(&stage, status, code), "approval.dialect")
            .await;
    }
}
