//! Attack: set or repeat a parameter of the authorization request that is the host's, under a disguise that some server sees through.
//! Stopped by: names are compared as the most lenient server reads them (host/policy/src/steps/extra_fields.rs, host/broker/src/authorization_url.rs).

use vestibule_attacks::puppet::{authorize_with, discover, finish, redeem};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

const RESERVED: &str = include_str!("../../../vectors/reserved-parameters.txt");

fn asking(stage: &Stage, extra: &[(&str, &str)]) -> Program {
    let steps = vec![
        discover(),
        authorize_with(&["openid"], extra),
        redeem("code"),
        finish(&["access_token"]),
    ];
    Program::honest(&stage.idp).steps("sign-in", steps)
}

/// Refused for each reserved name, before a browser is opened or a request pushed.
async fn refused(disguise: impl Fn(&str) -> String) {
    let stage = Stage::honest().await;
    for name in RESERVED.lines() {
        let name = disguise(name);
        let error = caught(stage.play(&asking(&stage, &[(&name, "x")])).await);
        denied(&error, "extra_fields");
    }
    assert_eq!(stage.tape.browsers(), 0);
    assert_eq!(stage.idp.count(Role::PushedAuthorization), 0);
    stage.kept_nothing();
}

/// The first letter of each name, percent-encoded.
fn encoded(name: &str) -> String {
    format!("%{:02x}{}", name.as_bytes()[0], &name[1..])
}

// proves: RESP-08
#[tokio::test(flavor = "multi_thread")]
async fn reserved_parameters_are_refused_as_they_are_and_in_mixed_case() {
    refused(str::to_owned).await;
    refused(|name| {
        let turned = |(at, letter): (usize, char)| match at % 2 {
            0 => letter.to_ascii_uppercase(),
            _ => letter,
        };
        name.chars().enumerate().map(turned).collect()
    })
    .await;
}

// proves: RESP-08
#[tokio::test(flavor = "multi_thread")]
async fn reserved_parameters_are_refused_once_and_twice_encoded() {
    refused(encoded).await;
    refused(|name| encoded(name).replace('%', "%25")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_parameters_are_refused_in_the_dress_of_frameworks() {
    // PHP reads brackets, dots and blanks so; others cut at a NUL, or overlook what is not seen.
    let stage = Stage::honest().await;
    let mut tried = 0;
    for name in ["state", "redirect_uri", "code_challenge"] {
        for disguise in [
            format!("{name}[]"),
            format!("{name}[0]"),
            format!("{name}."),
            format!(" {name}"),
            format!("{name}\u{200b}"),
            format!("{name}%00"),
            format!("{name}="),
            format!("{name}&{name}"),
            name.replace('_', "."),
            name.replace('_', "-"),
            name.replace('_', ""),
        ] {
            let error = caught(stage.play(&asking(&stage, &[(&disguise, "x")])).await);
            assert_eq!(error.code(), "policy.denied", "{disguise:?}: {error:?}");
            tried += 1;
        }
    }
    assert_eq!(tried, 33);
    assert_eq!(stage.tape.browsers(), 0);
    assert_eq!(stage.idp.count(Role::PushedAuthorization), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_does_not_break_out_of_its_place() {
    let stage = Stage::honest().await;
    for value in [
        "x&state=y&redirect_uri=https://mallory.example",
        "x#y",
        "x%26state=y",
        "x;state=y",
    ] {
        let before = stage.idp.requests_to(Role::PushedAuthorization).len();
        stage
            .play(&asking(&stage, &[("audience", value)]))
            .await
            .unwrap();
        let pushed = &stage.idp.requests_to(Role::PushedAuthorization)[before];
        assert_eq!(pushed.field("audience"), Some(value));
        let names: Vec<&str> = pushed
            .fields
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        for name in ["state", "redirect_uri"] {
            assert_eq!(
                names.iter().filter(|known| **known == name).count(),
                1,
                "{value}"
            );
        }
    }
    for value in ["x\r\nHost: y", "x\0", "x\u{85}y"] {
        let error = caught(stage.play(&asking(&stage, &[("audience", value)])).await);
        denied(&error, "text");
    }
    stage.sent_nothing_astray();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_parameter_twice_is_refused() {
    let stage = Stage::honest().await;
    for second in ["audience", "Audience", "audi-ence", "audience."] {
        let extra = [("audience", "a"), (second, "b")];
        let error = caught(stage.play(&asking(&stage, &extra)).await);
        denied(&error, "extra_fields");
    }
    assert_eq!(stage.tape.browsers(), 0);
}
