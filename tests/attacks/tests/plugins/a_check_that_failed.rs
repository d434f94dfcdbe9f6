//! Attack: go on after a check of issuer, nonce or signature has failed, as if it had not.
//! Stopped by: a failed check ends the flow before the plugin is resumed (host/broker/src/token.rs, host/broker/src/id_token.rs).

use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish, redeem, reference, userinfo,
};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{CallbackTwist, GrantTwist, IdTokenTwist, Role, Script};

// proves: PLUG-09
#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_failed_cannot_be_passed_over() {
    for script in [
        Script::honest().twist(IdTokenTwist::NonceForeign),
        Script::honest().twist(IdTokenTwist::NonceMissing),
        Script::honest().twist(IdTokenTwist::ForeignKey),
        Script::honest().twist(IdTokenTwist::AlgNone),
        Script::honest().twist(IdTokenTwist::IssForeign),
        Script::honest().twist(IdTokenTwist::AudForeign),
        Script::honest().twist(GrantTwist::NoIdToken),
        Script::honest().twist(CallbackTwist::Iss("https://mallory.example".to_owned())),
    ] {
        let stage = Stage::with(script).await;
        // Whatever the answers are: the plugin goes on to use the tokens, and to end well.
        let steps = vec![
            discover(),
            authorize(),
            redeem("code"),
            userinfo("access_token"),
            call(API, reference("access_token"), &[], vec![]),
            finish(&["access_token"]),
        ];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        let error = stopped(stage.play(&program).await);
        assert_eq!(error.blame(), Blame::Provider, "{error:?}");
        let tokens = stage
            .tape
            .references()
            .into_iter()
            .filter(|(name, _)| name != "code");
        assert_eq!(tokens.count(), 0, "the plugin has heard of tokens");
        assert_eq!(stage.idp.count(Role::UserInfo), 0);
        assert_eq!(stage.idp.count(Role::Api), 0);
        stage.kept_nothing();
        stage.told_nothing();
    }
}
