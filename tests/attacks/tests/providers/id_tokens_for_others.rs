//! Attack: a genuine ID token that is for another client, of another issuer, of another time or of another sign-in.
//! Stopped by: the claims, each compared with what this sign-in expects, host/broker/src/id_token/claims.rs

use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{IdTokenTwist as T, Role, Script};

async fn refused(twist: T, code: &str) {
    let stage = Stage::with(Script::honest().twist(twist)).await;
    let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Provider, code),
        "{twist:?}"
    );
    assert_eq!(stage.idp.count(Role::Token), 1, "{twist:?}");
    assert_eq!(
        stage.tape.entered().len(),
        3,
        "the guest heard of the tokens: {twist:?}"
    );
    stage.kept_nothing();
    stage.told_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_client_signs_nobody_in() {
    for (twist, code) in [
        (T::AudForeign, "id_token.aud"),
        (T::AudPrefix, "id_token.aud"),
        (T::AudExtraNoAzp, "id_token.aud"),
        (T::AzpForeign, "id_token.azp"),
    ] {
        refused(twist, code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_issuer_signs_nobody_in() {
    for twist in [T::IssForeign, T::IssTrailingSlash, T::IssUpperCase] {
        refused(twist, "id_token.iss").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_time_signs_nobody_in() {
    for (twist, code) in [
        (T::Expired, "id_token.exp"),
        (T::ExpString, "id_token.claims"),
        (T::ExpHuge, "id_token.claims"),
        (T::ExpMissing, "id_token.claims"),
        (T::IatAhead, "id_token.iat"),
        (T::IatOld, "id_token.iat"),
    ] {
        refused(twist, code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_sign_in_signs_nobody_in() {
    for (twist, code) in [
        (T::NonceForeign, "id_token.nonce"),
        (T::NonceMissing, "id_token.nonce"),
        (T::AtHashForeign, "id_token.at_hash"),
    ] {
        refused(twist, code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_odd_and_legal_does() {
    for twist in [T::AudArray, T::IatSlightlyAhead, T::AtHashMissing] {
        let stage = Stage::with(Script::honest().twist(twist)).await;
        stage.play(&Program::honest(&stage.idp)).await.unwrap();
        assert_eq!(stage.sealed(), 1, "{twist:?}");
    }
}
