//! The authorization request: reserved parameters in disguise, and more access than was approved (RESP-08, POL-01).

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use vestibule_attacks::hostile::{authorize, authorize_with};
use vestibule_attacks::{Move, Stage};
use vestibule_core::step::Step;
use vestibule_rehearsal::Role;

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
        let opened = stage.idp.requests_to(Role::Authorization);
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

// proves: RESP-01
#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_the_hosts_own_new_each_time_and_never_shown() {
    let stage = Stage::new().await;
    for name in ["state", "State", "st%61te"] {
        caught(
            &stage,
            vec![Box::new(move |_| {
                authorize_with(&["openid"], &[(name, "chosen")])
            })],
        )
        .await;
    }
    assert_eq!(stage.visits(), 0);

    let seen = Arc::new(Mutex::new(String::new()));
    for _ in 0..8 {
        let seen = Arc::clone(&seen);
        let look: Move = Box::new(move |known| {
            seen.lock()
                .unwrap()
                .push_str(&format!("{:?}", known.replies));
            Step::Fail("enough".to_owned())
        });
        caught(&stage, vec![Box::new(|_| authorize()), look]).await;
    }
    let pushed = stage.idp.requests_to(Role::PushedAuthorization);
    let states: HashSet<&str> = pushed
        .iter()
        .filter_map(|seen| seen.field("state"))
        .collect();
    assert_eq!(states.len(), 8, "a state was used twice");
    for state in states {
        // 128 bits are 22 characters of base64url.
        assert!(state.len() >= 22, "{state}");
        assert!(!seen.lock().unwrap().contains(state));
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
