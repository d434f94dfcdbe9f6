//! The end of a flow: a plugin declares a session that nobody has signed in to (PLUG-09).

use vestibule_attacks::hostile::{authorize, finish};
use vestibule_attacks::{Move, Stage};
use vestibule_core::Reference;
use vestibule_core::step::{Finish, Step};
use vestibule_rehearsal::Role;

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
