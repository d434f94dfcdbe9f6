//! Attack: a resource abuses its challenge, to wear the person down, from a place where the token does not belong, or with numbers that are
//! none; a provider answers a step-up with less than was asked for.
//! Stopped by: a strict reading, a count, a question each time, and the validated claims, host/broker/src/challenge.rs, host/app/src/step_up.rs

use std::time::Duration;

use vestibule_app::{AuditEvent, SignedIn, StepUp, TokenQuery};
use vestibule_attacks::Stage;
use vestibule_attacks::verdict::stopped;
use vestibule_core::limits::{STEP_UP_TIME, STEP_UPS};
use vestibule_core::{Blame, Kind, Result, TenantName};
use vestibule_rehearsal::{IdTokenTwist as T, Role, Script, SecretKind};

const INSUFFICIENT: &str = "Bearer error=\"insufficient_user_authentication\"";

/// A tenant that has signed in, with these lines of policy.
async fn signed_in(lines: &str) -> (Stage, TenantName) {
    let stage = Stage::honest().await;
    let name = stage.conforming(lines).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    (stage, name)
}

async fn step_up(
    stage: &Stage,
    name: &TenantName,
    challenge: &str,
    from: Option<&str>,
) -> Result<SignedIn> {
    let wish = StepUp {
        challenge: challenge.to_owned(),
        from: from.map(ToOwned::to_owned),
        account: None,
    };
    stage.vestibule.step_up(name, &wish).await
}

/// How often the person was asked.
fn questions(stage: &Stage) -> usize {
    let shown = stage.tape.shown();
    shown
        .iter()
        .filter(|text| text.contains("A resource asks for a stronger sign-in"))
        .count()
}

fn pushed(stage: &Stage, field: &str) -> Option<String> {
    let requests = stage.idp.requests_to(Role::PushedAuthorization);
    requests.last().unwrap().field(field).map(ToOwned::to_owned)
}

async fn token(stage: &Stage, name: &TenantName) -> Vec<u8> {
    let released = stage
        .vestibule
        .token(name, &TokenQuery::default())
        .await
        .unwrap();
    let mut channel = Vec::new();
    released.write_part("access_token", &mut channel).unwrap();
    channel
}

// proves: STEP-01
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_starts_an_authorization_request_with_what_it_asks_for() {
    for (challenge, acr, age) in [
        (
            format!("{INSUFFICIENT}, acr_values=\"phr phrh\""),
            Some("phr phrh"),
            None,
        ),
        (format!("{INSUFFICIENT}, max_age=\"5\""), None, Some("5")),
        (
            format!("{INSUFFICIENT}, acr_values=\"phr\", max_age=\"0\""),
            Some("phr"),
            Some("0"),
        ),
    ] {
        let (stage, name) = signed_in("").await;
        let before = token(&stage, &name).await;
        assert_eq!(pushed(&stage, "acr_values"), None);
        step_up(&stage, &name, &challenge, None).await.unwrap();
        assert_eq!(pushed(&stage, "acr_values").as_deref(), acr, "{challenge}");
        assert_eq!(pushed(&stage, "max_age").as_deref(), age, "{challenge}");
        assert_eq!(stage.sealed(), 1);
        assert_ne!(
            before,
            token(&stage, &name).await,
            "the stronger sign-in has taken its place"
        );
        let issued = stage.last(AuditEvent::Issuance);
        assert_eq!(
            issued.acr.as_deref(),
            acr.map(|acr| acr.split(' ').next().unwrap())
        );
        assert!(issued.auth_time.is_some());
    }
}

// proves: STEP-01
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_that_is_none_ends_cleanly_and_asks_nobody() {
    let (stage, name) = signed_in("").await;
    let before = stage.idp.requests().len();
    for (rest, code) in [
        (", max_age=\"five\"", "challenge.max_age"),
        (", max_age=\"-1\"", "challenge.max_age"),
        (", max_age=\"1e3\"", "challenge.max_age"),
        (", max_age=\"18446744073709551616\"", "challenge.max_age"),
        (", acr_values=\"\"", "challenge.acr_values"),
        ("", "challenge.empty"),
        (", max_age=1, max_age=2", "challenge.repeated"),
    ] {
        let error = stopped(step_up(&stage, &name, &format!("{INSUFFICIENT}{rest}"), None).await);
        assert_eq!(
            (error.code(), error.blame()),
            (code, Blame::Provider),
            "{rest}"
        );
    }
    let error = stopped(
        step_up(
            &stage,
            &name,
            "Bearer error=\"invalid_token\", max_age=1",
            None,
        )
        .await,
    );
    assert_eq!(error.code(), "challenge.other");
    assert_eq!(questions(&stage), 0);
    assert_eq!(stage.idp.requests().len(), before);
    token(&stage, &name).await;
}

// proves: STEP-02
#[tokio::test(flavor = "multi_thread")]
async fn a_step_up_that_brings_less_is_refused_and_not_kept() {
    let challenge = format!("{INSUFFICIENT}, acr_values=\"phr\", max_age=\"60\"");
    for twist in [
        T::Claim("acr", "pwd"),
        T::ClaimMissing("acr"),
        T::AuthTimeAgo(121),
        T::AuthTimeAgo(86_400),
        T::ClaimMissing("auth_time"),
        T::Claim("auth_time", "now"),
    ] {
        let (stage, name) = signed_in("").await;
        let before = token(&stage, &name).await;
        let issued = stage.idp.secrets().len();
        stage
            .idp
            .rescript(Script::honest().any_redirect_path().twist(twist));
        let error = stopped(step_up(&stage, &name, &challenge, None).await);
        // A time that is no number does not even make an ID token.
        assert!(
            matches!(error.code(), "policy.denied" | "id_token.claims"),
            "{twist:?}: {error:?}"
        );
        assert_eq!(
            before,
            token(&stage, &name).await,
            "what was there is still there"
        );
        if error.code() == "policy.denied" {
            let new = stage.idp.secrets().split_off(issued);
            let tokens = new.iter().filter(|secret| {
                matches!(
                    secret.kind,
                    SecretKind::AccessToken | SecretKind::RefreshToken
                )
            });
            for token in tokens {
                assert!(!stage.idp.is_live(&token.value), "{twist:?}");
            }
        }
    }
}

/// Somebody else's stronger sign-in is not this person's.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_does_not_step_up_for_one() {
    let (stage, name) = signed_in("").await;
    let before = token(&stage, &name).await;
    stage.idp.rescript(
        Script::honest()
            .any_redirect_path()
            .twist(T::Claim("sub", "u-mallory")),
    );
    let error = stopped(step_up(&stage, &name, &format!("{INSUFFICIENT}, max_age=5"), None).await);
    assert_eq!(error.code(), "step_up.other");
    assert_eq!(before, token(&stage, &name).await);
    assert_eq!(stage.sealed(), 1);
}

// proves: STEP-03
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_that_never_ends_reaches_the_person_a_few_times() {
    let (stage, name) = signed_in("").await;
    let challenge = format!("{INSUFFICIENT}, max_age=0");
    for _ in 0..STEP_UPS {
        step_up(&stage, &name, &challenge, None).await.unwrap();
    }
    for _ in 0..5 {
        let error = stopped(step_up(&stage, &name, &challenge, None).await);
        assert_eq!(error.code(), "step_up.too_often");
    }
    assert_eq!(questions(&stage), STEP_UPS);
    assert_eq!(stage.tape.browsers(), 1 + STEP_UPS);
    stage
        .idp
        .clock()
        .advance(STEP_UP_TIME + Duration::from_secs(1));
    step_up(&stage, &name, &challenge, None).await.unwrap();
}

// proves: STEP-03
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_of_a_resource_that_the_token_is_not_for_is_not_heard() {
    let (stage, name) =
        signed_in("[policy]\naudiences = [\"https://api.example/v1\", \"internal\"]\n").await;
    let challenge = format!("{INSUFFICIENT}, max_age=0");
    for from in [
        None,
        Some("https://evil.example/"),
        Some("https://api.example:8443/"),
        Some("https://api.example.evil.example/"),
        Some("http://127.0.0.1/"),
    ] {
        let error = stopped(step_up(&stage, &name, &challenge, from).await);
        assert_eq!(error.code(), "step_up.resource", "{from:?}");
    }
    for from in ["internal", "not a url", "javascript:x"] {
        let error = stopped(step_up(&stage, &name, &challenge, Some(from)).await);
        assert_eq!(error.code(), "step_up.from", "{from:?}");
    }
    assert_eq!(questions(&stage), 0);
    step_up(
        &stage,
        &name,
        &challenge,
        Some("https://api.example/payments"),
    )
    .await
    .unwrap();
    assert_eq!(questions(&stage), 1);
}

// proves: STEP-05
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_does_not_make_a_sign_in_younger() {
    let (stage, name) = signed_in("[policy]\nidentity.max_age = \"1h\"\n").await;
    stage.idp.clock().advance(Duration::from_secs(1800));
    stage.refresh(&name).await.unwrap();
    stage.idp.clock().advance(Duration::from_secs(1801));
    for _ in 0..2 {
        let query = TokenQuery {
            refresh: true,
            ..TokenQuery::default()
        };
        for query in [TokenQuery::default(), query] {
            let error = stopped(stage.vestibule.token(&name, &query).await);
            assert_eq!(
                (error.code(), error.kind()),
                ("grant.too_long_ago", Kind::LoginRequired)
            );
        }
    }
    assert_eq!(stage.idp.count(Role::Token), 2, "no refresh was tried");
    // That the provider says so of a refreshed token does not help either.
    step_up(&stage, &name, &format!("{INSUFFICIENT}, max_age=60"), None)
        .await
        .unwrap();
    token(&stage, &name).await;
}
