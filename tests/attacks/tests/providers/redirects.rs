//! Attack: an endpoint redirects a request, with what it carries, to the attacker, to plain http, or in a circle.
//! Stopped by: no redirect is ever followed, host/broker/src/http/reply.rs

use vestibule_attacks::puppet::{API, call, reference, userinfo};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{Fault, Rehearsal, Role, Script};

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed_from_anywhere_to_anywhere() {
    let mallory = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    for role in [
        Role::Discovery,
        Role::Jwks,
        Role::PushedAuthorization,
        Role::Token,
        Role::UserInfo,
        Role::Api,
    ] {
        for (status, to) in [
            (301, format!("{}/token", mallory.issuer())),
            (302, format!("//{}/token", mallory.address())),
            (303, "http://idp.example/token".to_owned()),
            (307, "/token".to_owned()),
            (308, String::new()),
            (307, format!("{}/token", mallory.issuer())),
            (308, format!("{}/token", mallory.issuer())),
        ] {
            let what = format!("{role:?} {status} {to:?}");
            let stage = Stage::honest().await;
            let steps = vec![
                userinfo("access_token"),
                call(API, reference("access_token"), &[], vec![]),
            ];
            let program = Program::honest(&stage.idp).after_tokens(steps);
            let name = stage.approve("stage", &program).await.unwrap();
            let before = stage.idp.count(role);
            let fault = Fault::Redirect { status, to };
            let leading = Script::honest()
                .any_redirect_path()
                .fault(role, fault.clone());
            // Metadata is looked for in two places.
            stage
                .idp
                .rescript(leading.fault(Role::ServerMetadata, fault));
            let error = stopped(stage.sign_in(&name).await);
            assert_eq!(
                (error.blame(), error.code()),
                (Blame::Provider, "http.redirect"),
                "{what}"
            );
            assert!(
                stage.idp.count(role) - before <= 1,
                "{what}: it was sent again"
            );
            assert!(mallory.requests().is_empty(), "{what}");
            stage.kept_nothing();
            stage.told_nothing();
            stage.sent_nothing_astray();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_is_sent_elsewhere_is_not_confirmed() {
    let mallory = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    for status in [301, 302, 303, 307, 308] {
        let stage = Stage::honest().await;
        let name = stage.conforming("").await.unwrap();
        stage.sign_in(&name).await.unwrap();
        let to = format!("{}/revoke", mallory.issuer());
        let leading = Script::honest().any_redirect_path();
        stage
            .idp
            .rescript(leading.fault(Role::Revocation, Fault::Redirect { status, to }));
        let out = stage.vestibule.sign_out(&name, None).await;
        assert!(out.is_err() || out.is_ok_and(|out| out.confirmed.is_empty()));
        assert!(mallory.requests().is_empty(), "{status}");
        // Here it is gone in any case.
        stage.kept_nothing();
        stage.told_nothing();
        stage.sent_nothing_astray();
    }
}
