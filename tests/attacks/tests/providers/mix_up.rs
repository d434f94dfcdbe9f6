//! Attack: a provider's answer says that it comes from another issuer, or no longer says from which, so that the code goes elsewhere.
//! Stopped by: `iss` compared as a string before anything is redeemed (RFC 9207), host/broker/src/authorization_response.rs

use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{CallbackTwist, MetadataTwist, Role, Script};

async fn refused(script: Script, code: &str) {
    let stage = Stage::with(script).await;
    let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
    assert_eq!((error.blame(), error.code()), (Blame::Provider, code));
    assert_eq!(stage.idp.count(Role::Token), 0, "a code was redeemed");
    assert_eq!(stage.tape.browsers(), 1, "it was tried again");
    stage.kept_nothing();
    stage.told_nothing();
    stage.idp.rescript(Script::honest().any_redirect_path());
    stage.still_works().await.unwrap();
}

// proves: DISC-05
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_another_issuer_is_not_redeemed() {
    let mallory = || CallbackTwist::Iss("https://mallory.example".to_owned());
    for twist in [
        mallory(),
        CallbackTwist::Iss(String::new()),
        CallbackTwist::IssTrailingSlash,
        CallbackTwist::IssEncodedTwice,
        CallbackTwist::IssMissing,
    ] {
        refused(
            Script::honest().twist(twist),
            "authorization_response.issuer",
        )
        .await;
    }
    // Present and wrong is fatal, announced or not.
    let unannounced = Script::honest()
        .twist(MetadataTwist::IssNotAdvertised)
        .twist(mallory());
    refused(unannounced, "authorization_response.issuer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_issuers_in_one_answer_are_none() {
    refused(
        Script::honest().twist(CallbackTwist::IssTwice),
        "authorization_response.invalid",
    )
    .await;
}
