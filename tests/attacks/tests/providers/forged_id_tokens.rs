//! Attack: an ID token that nobody but the attacker has signed, by any of the ways in which libraries were talked into believing one.
//! Stopped by: the pinned key set, safe algorithms alone, and headers that bring keys ignored, host/broker/src/id_token.rs

use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{
    GrantTwist, IdTokenTwist as T, Role, Script, SecretKind, SigningAlgorithm, Twist,
};

async fn refused(script: Script, code: &str, what: &str) {
    let stage = Stage::with(script).await;
    let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Provider, code),
        "{what}"
    );
    // Neither the keys nor the pages that the token points at were fetched.
    assert_eq!(stage.idp.count(Role::Unknown), 0, "{what}");
    assert!(stage.idp.count(Role::Jwks) <= 1, "{what}");
    stage.kept_nothing();
    stage.told_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_another_signature_or_none_is_not_believed() {
    for (twist, code) in [
        (T::AlgNone, "id_token.format"),
        (T::AlgNoneMixedCase, "id_token.format"),
        (T::SignatureEmpty, "id_token.format"),
        (T::ForeignKey, "id_token.signature"),
        (T::Altered, "id_token.signature"),
        (T::EcdsaZeros, "id_token.signature"),
        (T::Hs256WithPublicKey, "id_token.alg"),
        (T::Rs256WithEcKey, "id_token.alg"),
    ] {
        refused(Script::honest().twist(twist), code, &format!("{twist:?}")).await;
    }
    // Where the issuer does sign with RSA, its public key is no secret for HMAC, and an EC key no key for RSA.
    for (twist, code) in [
        (T::Hs256WithPublicKey, "id_token.alg"),
        (T::Rs256WithEcKey, "id_token.key"),
    ] {
        let script = Script::honest()
            .signing(SigningAlgorithm::Rs256)
            .twist(twist);
        refused(script, code, &format!("RS256 {twist:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_brings_its_own_key_or_says_where_one_is_is_not_believed() {
    for (twist, code) in [
        (T::EmbeddedJwk, "id_token.signature"),
        (T::EmbeddedX5c, "id_token.signature"),
        (T::RemoteKeyUrls, "id_token.signature"),
        (T::KidPath, "id_token.key"),
        (T::KidUrl, "id_token.key"),
        (T::KidUnknown, "id_token.key"),
        (T::CritUnknown, "id_token.crit"),
    ] {
        refused(Script::honest().twist(twist), code, &format!("{twist:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_written_in_another_way_is_not_believed() {
    for (twist, code) in [
        (T::SubTwice, "id_token.claims"),
        (T::PaddedBase64, "id_token.format"),
        (T::FourSegments, "id_token.format"),
    ] {
        refused(Script::honest().twist(twist), code, &format!("{twist:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_issuer_is_not_believed_though_its_kid_is_the_same() {
    let other = Stage::honest().await;
    other.play(&Program::honest(&other.idp)).await.unwrap();
    let genuine = other
        .idp
        .secrets()
        .into_iter()
        .find(|secret| secret.kind == SecretKind::IdToken)
        .unwrap();
    let twist: Twist = GrantTwist::IdTokenFromElsewhere(genuine.value).into();
    refused(
        Script::honest().twist(twist),
        "id_token.signature",
        "another issuer's",
    )
    .await;
}
