//! Attack: use a reference that nobody gave: guessed, half guessed, spent, or of another kind than it is used as.
//! Stopped by: 128 random bits, and one answer for every misuse (host/broker/src/vault.rs).

use std::collections::HashSet;

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish, finish_as, grant, guess, redeem, reference, secret,
    userinfo,
};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

/// Every misuse after an honest exchange, by a name for it.
fn misuses() -> Vec<(&'static str, Value)> {
    let token = || reference("access_token");
    let end = |other: Value| {
        finish_as(
            "Oauth",
            &[("access_token", token()), ("refresh_token", other)],
        )
    };
    vec![
        (
            "a guess as a token",
            call(API, reference("none"), &[], vec![]),
        ),
        ("a guess at userinfo", userinfo("none")),
        (
            "a guess in a field",
            call(API, token(), &[], vec![secret("note", reference("none"))]),
        ),
        ("a guess in the grant", end(reference("none"))),
        ("nought", end(json!({"high": 0, "low": 0}))),
        ("all ones", end(json!({"high": u64::MAX, "low": u64::MAX}))),
        (
            "half of a token",
            call(API, guess("access_token"), &[], vec![]),
        ),
        ("half in the grant", end(guess("refresh_token"))),
        (
            "a spent code as a token",
            call(API, reference("code"), &[], vec![]),
        ),
        ("a spent code in the grant", end(reference("code"))),
        (
            "another kind as a token",
            call(API, reference("refresh_token"), &[], vec![]),
        ),
        ("another kind at userinfo", userinfo("id_token")),
    ]
}

// proves: PLUG-01
#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_reference_opens_nothing() {
    let stage = Stage::honest().await;
    let mut answers = HashSet::new();
    for (name, misuse) in misuses() {
        let program = Program::honest(&stage.idp).after_tokens(vec![misuse]);
        let error = caught(stage.play(&program).await);
        assert_eq!(error.code(), "plugin.reference", "{name}: {error:?}");
        answers.insert(error.message().to_owned());
        stage.kept_nothing();
    }
    assert_eq!(
        answers.len(),
        1,
        "the answers tell which it was: {answers:?}"
    );
    for role in [Role::Api, Role::UserInfo] {
        assert_eq!(stage.idp.count(role), 0, "{role:?}");
    }
    stage.told_nothing();
    stage.sent_nothing_astray();
    assert!(stage.still_works().await.is_ok());
}

// proves: PLUG-01
#[tokio::test(flavor = "multi_thread")]
async fn references_are_drawn_at_random_and_anew_for_each_flow() {
    let stage = Stage::honest().await;
    for _ in 0..4 {
        let program = Program::honest(&stage.idp);
        stage.play(&program).await.unwrap();
    }
    let given = stage.tape.references();
    assert_eq!(given.len(), 4 * 4, "a code and three tokens each");
    let halves = given.iter().flat_map(|(_, known)| [known.high, known.low]);
    let different: HashSet<u64> = halves.collect();
    assert_eq!(different.len(), 2 * given.len());
    // Neither small, nor near another: 1 in 2^16 for each, were it by chance.
    let mut sorted: Vec<u64> = different.into_iter().collect();
    sorted.sort_unstable();
    assert!(sorted[0] > u64::from(u32::MAX));
    assert!(
        sorted
            .windows(2)
            .all(|pair| pair[1] - pair[0] > u64::from(u32::MAX))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_code_is_not_redeemed() {
    for guessed in [
        reference("none"),
        guess("code"),
        json!({"high": 0, "low": 1}),
    ] {
        let stage = Stage::honest().await;
        let steps = vec![
            discover(),
            authorize(),
            grant(json!({"AuthorizationCode": guessed}), vec![]),
        ];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        let error = stage.catches(&program).await;
        assert_eq!(error.code(), "plugin.reference", "{error:?}");
        assert_eq!(stage.idp.count(Role::Token), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_once() {
    let stage = Stage::honest().await;
    let steps = vec![redeem("code"), finish(&["access_token"])];
    let program = Program::honest(&stage.idp).after_tokens(steps);
    stage.catches(&program).await;
    assert_eq!(stage.idp.count(Role::Token), 1);
}
