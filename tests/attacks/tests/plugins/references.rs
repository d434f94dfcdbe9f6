//! References: guessed, kept from another flow, used twice, or put where they do not belong (PLUG-01, PLUG-03, PLUG-11).

use vestibule_attacks::hostile::{call, finish, grant, redeem, request};
use vestibule_attacks::stage::API;
use vestibule_attacks::{Hostile, Move, Stage};
use vestibule_broker::Finished;
use vestibule_core::Reference;
use vestibule_core::step::{FieldValue, GrantType, HttpExchange, Step};
use vestibule_rehearsal::Role;

use crate::{blamed, caught, caught_after_sign_in};

/// The attacks below fail because of what is hostile in them: without it, the same stage lets a plugin through.
#[tokio::test(flavor = "multi_thread")]
async fn an_honest_plugin_gets_through() {
    let stage = Stage::new().await;
    let moves: Vec<Move> = vec![
        Box::new(|known| call(API, known.access_token, &[("hello", "world")], &[])),
        Box::new(|known| {
            finish(&[
                ("access_token", known.access_token.unwrap()),
                ("refresh_token", known.refresh_token.unwrap()),
            ])
        }),
    ];
    let ended = stage.play(&Hostile::after_sign_in(moves)).await.unwrap();
    assert!(matches!(ended, Finished::Grant(_)));
    assert_eq!(stage.idp.count(Role::Token), 1);
    assert_eq!(stage.idp.count(Role::Api), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_reference_opens_nothing() {
    let guesses = [
        Reference { high: 0, low: 0 },
        Reference { high: 0, low: 1 },
        Reference {
            high: u64::MAX,
            low: u64::MAX,
        },
    ];
    for guess in guesses {
        let stage = Stage::new().await;
        caught(
            &stage,
            vec![
                Box::new(|_| vestibule_attacks::hostile::authorize()),
                Box::new(move |_| redeem(guess)),
            ],
        )
        .await;
        assert_eq!(stage.idp.count(Role::Token), 0);
        caught_after_sign_in(
            &stage,
            vec![Box::new(move |_| call(API, Some(guess), &[], &[]))],
        )
        .await;
        assert_eq!(stage.idp.count(Role::Api), 0);
        caught_after_sign_in(
            &stage,
            vec![Box::new(move |known| {
                finish(&[
                    ("access_token", known.access_token.unwrap()),
                    ("refresh_token", guess),
                ])
            })],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn references_of_one_flow_mean_nothing_in_the_next() {
    let stage = Stage::new().await;
    let kept = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = std::sync::Arc::clone(&kept);
    let spy: Vec<Move> = vec![Box::new(move |known| {
        *keep.lock().unwrap() = known.access_token.zip(known.refresh_token);
        finish(&[("access_token", known.access_token.unwrap())])
    })];
    stage.play(&Hostile::after_sign_in(spy)).await.unwrap();
    let (access, refresh) = kept.lock().unwrap().unwrap();

    let before = stage.idp.count(Role::Token);
    caught(
        &stage,
        vec![Box::new(move |_| call(API, Some(access), &[], &[]))],
    )
    .await;
    caught(
        &stage,
        vec![Box::new(move |_| {
            finish(&[("access_token", access), ("refresh_token", refresh)])
        })],
    )
    .await;
    caught(
        &stage,
        vec![Box::new(move |_| {
            grant(GrantType::RefreshToken(refresh), &[])
        })],
    )
    .await;
    assert_eq!(stage.idp.count(Role::Api), 0);
    assert_eq!(stage.idp.count(Role::Token), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_once() {
    let stage = Stage::new().await;
    caught_after_sign_in(&stage, vec![Box::new(|known| redeem(known.code.unwrap()))]).await;
    assert_eq!(stage.idp.count(Role::Token), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_into_no_other_cell() {
    type Theft = fn(&vestibule_attacks::Known) -> Step;
    let thefts: [Theft; 12] = [
        // To an endpoint of the plugin's own: as a member, or in the place of the access token.
        |known| {
            call(
                API,
                known.access_token,
                &[],
                &[("note", FieldValue::Secret(known.refresh_token.unwrap()))],
            )
        },
        |known| {
            call(
                API,
                known.access_token,
                &[],
                &[("note", FieldValue::Secret(known.access_token.unwrap()))],
            )
        },
        |known| {
            call(
                API,
                known.access_token,
                &[],
                &[("note", FieldValue::Secret(known.code.unwrap()))],
            )
        },
        |known| call(API, known.refresh_token, &[], &[]),
        |known| call(API, known.id_token, &[], &[]),
        |known| call(API, known.code, &[], &[]),
        // To a standard endpoint, as another thing than it is.
        |known| {
            request(
                "userinfo",
                HttpExchange::Userinfo(known.refresh_token.unwrap()),
            )
        },
        |known| {
            request(
                "userinfo",
                HttpExchange::Userinfo(known.id_token.unwrap_or(known.code.unwrap())),
            )
        },
        |known| grant(GrantType::RefreshToken(known.access_token.unwrap()), &[]),
        |known| grant(GrantType::JwtBearer(known.access_token.unwrap()), &[]),
        |known| {
            grant(
                GrantType::RefreshToken(known.refresh_token.unwrap()),
                &[("note", FieldValue::Secret(known.access_token.unwrap()))],
            )
        },
        |known| request("revocation", HttpExchange::Revocation(known.code.unwrap())),
    ];
    for (number, theft) in thefts.into_iter().enumerate() {
        let stage = Stage::new().await;
        let ended = stage
            .play(&Hostile::after_sign_in(vec![Box::new(theft)]))
            .await;
        assert!(ended.is_err(), "theft {number} went through");
        blamed(ended);
        for role in [Role::Api, Role::UserInfo, Role::Revocation] {
            assert_eq!(stage.idp.count(role), 0, "theft {number}");
        }
        assert_eq!(stage.idp.count(Role::Token), 1, "theft {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_was_not_approved_is_not_called() {
    for role in ["nowhere", "jwks", "Api", "introspection_endpoint"] {
        let stage = Stage::new().await;
        let before = stage.idp.requests().len();
        let Ok(_) = vestibule_core::RoleName::parse(role) else {
            continue;
        };
        caught_after_sign_in(
            &stage,
            vec![Box::new(move |known| {
                call(role, known.access_token, &[], &[])
            })],
        )
        .await;
        caught(&stage, vec![Box::new(move |_| call(role, None, &[], &[]))]).await;
        assert!(stage.idp.requests().len() > before);
        assert_eq!(stage.idp.count(Role::Unknown), 0);
    }
}
