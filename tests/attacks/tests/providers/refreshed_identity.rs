//! Attack: on a refresh the provider sends the tokens of another person, another client or another sign-in.
//! Stopped by: the first ID token's facts, sealed with the grant and compared; a difference ends the session, host/app/src/refresh.rs

use vestibule_app::AuditEvent;
use vestibule_attacks::Stage;
use vestibule_attacks::verdict::stopped;
use vestibule_core::Kind;
use vestibule_rehearsal::{IdTokenTwist as T, Role, Script};

// proves: IDT-10
#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_another_session_end_this_one() {
    for (twist, because) in [
        (T::RefreshedSub, "id_token.refresh"),
        (T::RefreshedAud, "id_token.aud"),
        (T::RefreshedAzp, "id_token.refresh"),
        (T::RefreshedAzpForeign, "id_token.azp"),
        (T::RefreshedAuthTime, "id_token.refresh"),
        (T::RefreshedNonce, "id_token.refresh"),
        (T::RefreshedIss, "id_token.iss"),
    ] {
        let stage = Stage::with(Script::honest().twist(twist)).await;
        let name = stage.conforming("").await.unwrap();
        stage.sign_in(&name).await.unwrap();
        let error = stopped(stage.refresh(&name).await);
        assert_eq!(
            (error.kind(), error.code()),
            (Kind::LoginRequired, "grant.dead"),
            "{twist:?}"
        );
        stage.kept_nothing();
        // Whose session has ended, and why, is recorded.
        let signed_in = stage.last(AuditEvent::Issuance);
        let ended = stage.last(AuditEvent::Refusal);
        assert_eq!(
            (&ended.subject, &ended.session, ended.during.as_deref()),
            (&signed_in.subject, &signed_in.session, Some("refresh")),
            "{twist:?}"
        );
        let reason = ended.reason.unwrap();
        assert_eq!(
            (reason.code.as_str(), reason.cause.as_deref()),
            ("grant.dead", Some(because)),
            "{twist:?}"
        );
        // Not a second try, and nothing left to hand out.
        let error = stopped(stage.refresh(&name).await);
        assert_eq!(
            (error.kind(), error.code()),
            (Kind::LoginRequired, "grant.missing")
        );
        assert_eq!(stage.idp.count(Role::Token), 2, "{twist:?}");
        assert_eq!(stage.tape.browsers(), 1, "{twist:?}");
        stage.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_merely_broken_is_refused_and_the_session_stays() {
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    stage
        .idp
        .rescript(Script::honest().any_redirect_path().twist(T::ForeignKey));
    assert_eq!(
        stopped(stage.refresh(&name).await).code(),
        "id_token.signature"
    );
    assert_eq!(stage.sealed(), 1);
}
