//! The authorization request: reserved parameters in disguise, and more access than was approved (RESP-08, POL-01).

use vestibule_attacks::Stage;
use vestibule_attacks::hostile::{authorize, authorize_with};

use crate::caught;

const RESERVED: [&str; 19] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "resource",
    "dpop_jkt",
    "prompt",
    "max_age",
    "acr_values",
    "claims",
    "login_hint",
    "client_secret",
];

#[tokio::test(flavor = "multi_thread")]
async fn reserved_parameters_are_refused_in_every_disguise() {
    let stage = Stage::new().await;
    for name in RESERVED {
        let first = &name[..1];
        let rest = &name[1..];
        let disguises = [
            name.to_owned(),
            name.to_uppercase(),
            format!("{}{rest}", first.to_uppercase()),
            format!("%{:02x}{rest}", first.as_bytes()[0]),
            format!("{name}\u{200b}"),
            format!(" {name}"),
            format!("{name}%00"),
            format!("{name}&{name}"),
            format!("{name}="),
        ];
        for disguise in disguises {
            let error = caught(
                &stage,
                vec![Box::new(move |_| {
                    authorize_with(&["openid"], &[(disguise.as_str(), "x")])
                })],
            )
            .await;
            assert!(!error.message().is_empty());
        }
    }
    // A value that breaks out of its place is no better than a name.
    for value in ["x&state=y", "x#y", "x\r\nHost: y"] {
        let ended = stage
            .play(&vestibule_attacks::Hostile::new(vec![Box::new(
                move |_| authorize_with(&["openid"], &[("audience", value)]),
            )]))
            .await;
        let opened = stage
            .idp
            .requests_to(vestibule_rehearsal::Role::Authorization);
        assert!(opened.iter().all(|seen| {
            seen.query
                .iter()
                .filter(|(name, _)| name == "state")
                .count()
                <= 1
        }));
        drop(ended);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_parameter_twice_or_a_second_request_is_refused() {
    let stage = Stage::new().await;
    caught(
        &stage,
        vec![Box::new(|_| {
            authorize_with(&["openid"], &[("audience", "a"), ("audience", "b")])
        })],
    )
    .await;
    assert_eq!(stage.visits(), 0);
    caught(
        &stage,
        vec![Box::new(|_| authorize()), Box::new(|_| authorize())],
    )
    .await;
    assert_eq!(stage.visits(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_scopes_than_were_approved_are_not_asked_for() {
    for scopes in [
        &["openid", "admin"][..],
        &["openid", "offline_access", "api:write"],
        &["OPENID"],
    ] {
        let stage = Stage::new().await;
        let ended = stage
            .play(&vestibule_attacks::Hostile::new(vec![Box::new(
                move |_| authorize_with(scopes, &[]),
            )]))
            .await;
        assert!(ended.is_err(), "{scopes:?}");
        assert_eq!(stage.visits(), 0, "{scopes:?}");
    }
}
