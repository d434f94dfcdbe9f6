//! Attack: nonsense in the members of a token reply: numbers that are negative, endless, fractions or text; types that are none.
//! Stopped by: a short safe lifetime for what is no number of seconds, and a strict reading of all else, host/broker/src/token.rs

use vestibule_attacks::verdict::unusable;
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::{ASSUMED_LIFETIME_SECONDS, LONGEST_LIFETIME_SECONDS};
use vestibule_rehearsal::{Fault, Role, Script};

async fn stage_with(member: &'static str, value: &str) -> Stage {
    let fault = Fault::Member(member, value.to_owned());
    Stage::with(Script::honest().fault(Role::Token, fault)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifetime_that_is_none_is_a_short_one() {
    for (value, longest) in [
        ("-1", ASSUMED_LIFETIME_SECONDS),
        ("-9223372036854775808", ASSUMED_LIFETIME_SECONDS),
        ("3600.5", ASSUMED_LIFETIME_SECONDS),
        ("1e2", ASSUMED_LIFETIME_SECONDS),
        ("4294967296", ASSUMED_LIFETIME_SECONDS),
        ("9223372036854775807", ASSUMED_LIFETIME_SECONDS),
        ("4294967295", LONGEST_LIFETIME_SECONDS),
        ("\"-1\"", ASSUMED_LIFETIME_SECONDS),
        ("\"1e9\"", ASSUMED_LIFETIME_SECONDS),
        ("\"\"", ASSUMED_LIFETIME_SECONDS),
        ("\" 60 \"", ASSUMED_LIFETIME_SECONDS),
        ("null", ASSUMED_LIFETIME_SECONDS),
        ("true", ASSUMED_LIFETIME_SECONDS),
        ("[60]", ASSUMED_LIFETIME_SECONDS),
        ("{\"seconds\":60}", ASSUMED_LIFETIME_SECONDS),
    ] {
        let stage = stage_with("expires_in", value).await;
        let before = stage.idp.clock().now();
        let signed_in = stage.play(&Program::honest(&stage.idp)).await.unwrap();
        let life = signed_in.expires_at - before;
        assert!(life <= u64::from(longest) + 60, "{value}: {life}");
        stage.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_no_machine_holds_ends_the_sign_in() {
    for value in [
        "1e999", "-1e999", "1E+400", "0x10", "NaN", "Infinity", "01", "1.", "+1",
    ] {
        let stage = stage_with("expires_in", value).await;
        let ended = stage.play(&Program::honest(&stage.idp)).await;
        unusable(ended);
        stage.kept_nothing();
        stage.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_another_type_end_the_sign_in() {
    for (member, values) in [
        (
            "token_type",
            &[
                "\"MAC\"",
                "\"\"",
                "null",
                "true",
                "[\"Bearer\"]",
                "\"Bearer \"",
                "\"bearer\u{0131}\"",
            ][..],
        ),
        ("access_token", &["null", "\"\"", "1", "[\"token\"]", "{}"]),
        ("id_token", &["\"\"", "1", "[]", "\"..\"", "\"a.b.c\""]),
        ("refresh_token", &["1", "[\"token\"]", "{}"]),
    ] {
        for value in values {
            let stage = stage_with(member, value).await;
            let ended = stage.play(&Program::honest(&stage.idp)).await;
            let error = unusable(ended);
            assert!(
                !error.message().chars().any(char::is_control),
                "{member} {value}: {error:?}"
            );
            stage.kept_nothing();
            stage.told_nothing();
        }
    }
}
