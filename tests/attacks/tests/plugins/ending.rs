//! The end of a flow: a plugin declares a session that nobody has signed in to (PLUG-09).

use vestibule_attacks::hostile::{authorize, finish, redeem};
use vestibule_attacks::{Hostile, Known, Move, Stage};
use vestibule_core::step::{Finish, Step};
use vestibule_core::{Blame, Reference};
use vestibule_rehearsal::{CallbackTwist, GrantTwist, IdTokenTwist, Role, Script};

use crate::{caught, caught_after_sign_in};

const NOTHING: Reference = Reference { high: 7, low: 7 };

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_signed_in_by_the_plugins_word() {
    let attempts: Vec<Vec<Move>> = vec![
        vec![Box::new(|_| Step::Finish(Finish::Done))],
        vec![Box::new(|_| finish(&[]))],
        vec![Box::new(|_| finish(&[("access_token", NOTHING)]))],
        vec![Box::new(|_| authorize()), Box::new(|_| finish(&[]))],
        // The code in the place of a token, without the exchange that validates the ID token.
        vec![
            Box::new(|_| authorize()),
            Box::new(|known| finish(&[("access_token", known.code.unwrap())])),
        ],
        vec![
            Box::new(|_| authorize()),
            Box::new(|_| Step::Finish(Finish::Done)),
        ],
    ];
    for moves in attempts {
        let stage = Stage::new().await;
        caught(&stage, moves).await;
        assert_eq!(stage.idp.count(Role::Token), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_made_of_what_the_flow_obtained_under_its_own_name() {
    type Lie = fn(&vestibule_attacks::Known) -> Step;
    let lies: [Lie; 5] = [
        |known| finish(&[("access_token", known.refresh_token.unwrap())]),
        |known| {
            finish(&[
                ("access_token", known.access_token.unwrap()),
                ("refresh_token", known.access_token.unwrap()),
            ])
        },
        |known| {
            finish(&[
                ("access_token", known.access_token.unwrap()),
                ("access_token", known.access_token.unwrap()),
            ])
        },
        |known| finish(&[("refresh_token", known.refresh_token.unwrap())]),
        |known| {
            finish(&[
                ("access_token", known.access_token.unwrap()),
                ("refresh_token", known.code.unwrap()),
            ])
        },
    ];
    for lie in lies {
        let stage = Stage::new().await;
        caught_after_sign_in(&stage, vec![Box::new(lie)]).await;
    }
}

// proves: PLUG-09
#[tokio::test(flavor = "multi_thread")]
async fn no_order_of_steps_skips_a_check_exchanges_twice_or_declares_a_session() {
    let ends = |known: &Known| finish(&[("access_token", known.access_token.unwrap_or(NOTHING))]);
    // Before, without, and twice.
    let orders: Vec<Vec<Move>> = vec![
        vec![Box::new(ends)],
        vec![Box::new(|_| redeem(NOTHING))],
        vec![Box::new(|_| authorize()), Box::new(ends)],
        vec![Box::new(|_| authorize()), Box::new(|_| authorize())],
        vec![
            Box::new(|_| authorize()),
            Box::new(|known| redeem(known.code.unwrap())),
            Box::new(|known| redeem(known.code.unwrap())),
        ],
    ];
    for moves in orders {
        let stage = Stage::new().await;
        caught(&stage, moves).await;
        assert!(stage.idp.count(Role::Token) <= 1);
    }
    // A check that fails cannot be passed over: the plugin is not asked what it makes of it.
    let honest = || Script::honest().any_redirect_path();
    for script in [
        honest().twist(IdTokenTwist::NonceForeign),
        honest().twist(IdTokenTwist::NonceMissing),
        honest().twist(IdTokenTwist::ForeignKey),
        honest().twist(IdTokenTwist::IssForeign),
        honest().twist(GrantTwist::NoIdToken),
        honest().twist(CallbackTwist::Iss("https://mallory.example".to_owned())),
    ] {
        let stage = Stage::new().await;
        stage.idp.rescript(script);
        let ended = stage
            .play(&Hostile::after_sign_in(vec![Box::new(ends)]))
            .await;
        assert_eq!(ended.expect_err("a session").blame(), Blame::Provider);
    }
    let stage = Stage::new().await;
    let honest = Hostile::after_sign_in(vec![Box::new(ends)]);
    assert!(stage.play(&honest).await.is_ok());
}
