//! Attack: the answer that comes through the browser has tokens in it, a refusal beside a code, or a parameter twice.
//! Stopped by: code, state and `iss` once each, and no tokens (RFC 9700 section 2.1.2), host/broker/src/authorization_response.rs

use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{CallbackTwist as T, Role, Script, SecretKind};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_more_in_it_than_a_code_ends_the_attempt() {
    for (twist, code) in [
        (T::TokenInQuery, "authorization_response.tokens"),
        (T::CodeAndError, "authorization_response.invalid"),
        (T::CodeTwice, "authorization_response.invalid"),
    ] {
        let stage = Stage::with(Script::honest().twist(twist.clone())).await;
        let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, code),
            "{twist:?}"
        );
        assert_eq!(stage.idp.count(Role::Token), 0, "{twist:?}");
        stage.kept_nothing();
        stage.told_nothing();
        for secret in stage.idp.secrets() {
            assert!(
                !error.message().contains(&secret.value),
                "{:?}",
                secret.kind
            );
            let by_design = matches!(secret.kind, SecretKind::State | SecretKind::Nonce);
            assert!(
                by_design || !stage.keeps(&secret.value),
                "{:?} is on disk",
                secret.kind
            );
        }
    }
}
