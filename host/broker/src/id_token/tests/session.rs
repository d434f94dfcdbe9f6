//! What it belongs to: a sign-in, an access token, a session, a person.

use super::*;

// proves: IDT-09
#[test]
fn at_hash_binds_the_access_token() {
    let provider = Provider::new();
    let right = at_hash::of(Algorithm::Ed25519, ACCESS.as_bytes());
    let sha256 = at_hash::of(Algorithm::Es256, ACCESS.as_bytes());
    assert_eq!(
        provider.refusal(&with("at_hash", right.as_str())),
        "accepted"
    );
    assert_eq!(
        provider.refusal(&with("at_hash", at_hash::of(Algorithm::Ed25519, b"other"))),
        "id_token.at_hash"
    );
    assert_eq!(
        provider.refusal(&with("at_hash", sha256)),
        "id_token.at_hash"
    );
    assert_eq!(provider.refusal(&with("at_hash", "")), "id_token.at_hash");
    assert_eq!(
        provider.refusal(&with("at_hash", format!("{right}="))),
        "id_token.at_hash"
    );
    assert_eq!(provider.refusal(&with("at_hash", 1)), "id_token.claims");
    assert_eq!(provider.refusal(&claims()), "accepted");
    let absent = provider.verify_as(&provider.sign(&claims()), |expected| {
        expected.at_hash = AtHash::Required
    });
    assert_eq!(code(absent), "id_token.at_hash");
    // So that the caller knows what to expect the next time.
    let had = |claims: &Json| {
        provider
            .verify(&provider.sign(claims))
            .unwrap()
            .had_at_hash()
    };
    assert!(had(&with("at_hash", right)));
    assert!(!had(&claims()));
}

#[test]
fn at_hash_agrees_with_the_example_of_the_standard() {
    // OIDC Core appendix A.3.
    assert_eq!(
        at_hash::of(
            Algorithm::Rs256,
            b"jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
        ),
        "77QmUPtjPfzWtF2AnpK9RQ"
    );
}

#[test]
fn the_nonce_is_that_of_this_sign_in() {
    let provider = Provider::new();
    assert_eq!(provider.refusal(&without("nonce")), "id_token.nonce");
    for other in ["", "n-0S6_WzA2M", "n-0S6_WzA2Mjx", "N-0S6_WzA2Mj"] {
        assert_eq!(
            provider.refusal(&with("nonce", other)),
            "id_token.nonce",
            "{other}"
        );
    }
    assert_eq!(
        provider.refusal(&with("nonce", json!([NONCE]))),
        "id_token.claims"
    );
    // The device flow has none to send.
    let device = provider.verify_as(&provider.sign(&without("nonce")), |expected| {
        expected.occasion = Occasion::WithoutNonce
    });
    assert_eq!(code(device), "accepted");
}

#[test]
fn a_token_on_refresh_is_of_the_same_session() {
    let provider = Provider::new();
    let mut first = with("auth_time", NOW - 5);
    first["azp"] = json!(CLIENT);
    let original = provider.verify(&provider.sign(&first)).unwrap().original();
    let kept = serde_json::to_string(&original).unwrap();
    assert!(!kept.contains(NONCE));
    let original: Original = serde_json::from_str(&kept).unwrap();
    let trusted = ["api".to_owned()];
    let check = |claims: &Json| {
        code(provider.verify_as(&provider.sign(claims), |expected| {
            expected.occasion = Occasion::Refresh {
                original: &original,
            };
            expected.trusted_audiences = &trusted;
        }))
    };
    let changed = |member: &str, value: Json| {
        let mut claims = first.clone();
        claims[member] = value;
        claims
    };
    assert_eq!(check(&first), "accepted");
    assert_eq!(check(&changed("nonce", json!(null))), "accepted");
    assert_eq!(check(&changed("auth_time", json!(null))), "accepted");
    assert_eq!(check(&changed("sub", json!("other"))), "id_token.refresh");
    assert_eq!(
        check(&changed("aud", json!([CLIENT, "api"]))),
        "id_token.refresh"
    );
    assert_eq!(check(&changed("aud", json!("other"))), "id_token.aud");
    assert_eq!(check(&changed("azp", json!(null))), "id_token.refresh");
    assert_eq!(check(&changed("auth_time", json!(NOW))), "id_token.refresh");
    assert_eq!(
        check(&changed("nonce", json!("another"))),
        "id_token.refresh"
    );
    assert_eq!(
        check(&changed("iss", json!("https://other.test"))),
        "id_token.iss"
    );
}

// proves: IDT-11
#[test]
fn user_information_is_used_only_for_the_same_subject() {
    let provider = Provider::new();
    let token = provider.verify(&provider.sign(&claims())).unwrap();
    let info = |json: Json| Document::parse(json.to_string().as_bytes()).unwrap();
    assert!(
        token
            .check_userinfo(&info(json!({"sub": "248289761001", "email": "a@b.test"})))
            .is_ok()
    );
    for other in [
        json!({"sub": "248289761002"}),
        json!({"email": "a@b.test"}),
        json!({"sub": 248_289_761_001_i64}),
        json!({"sub": null}),
        json!({"sub": ""}),
    ] {
        let error = token.check_userinfo(&info(other)).unwrap_err();
        assert_eq!(error.code(), "userinfo.sub");
    }
}

#[test]
fn which_refusals_say_that_a_token_is_of_another_session() {
    let provider = Provider::new();
    let original = provider
        .verify(&provider.sign(&claims()))
        .unwrap()
        .original();
    let on_refresh = |token: &str| {
        provider
            .verify_as(token, |expected| {
                expected.occasion = Occasion::Refresh {
                    original: &original,
                };
            })
            .unwrap_err()
    };
    for (claims, code, expected) in [
        (with("sub", "other"), "id_token.refresh", true),
        (with("iss", "https://other.test"), "id_token.iss", true),
        (with("aud", "other"), "id_token.aud", true),
        (with("azp", "other"), "id_token.azp", true),
        (with("exp", NOW), "id_token.exp", false),
        (with("iat", NOW - 3_600), "id_token.iat", false),
        (without("sub"), "id_token.claims", false),
        (with("at_hash", "x"), "id_token.at_hash", false),
    ] {
        let error = on_refresh(&provider.sign(&claims));
        assert_eq!(error.code(), code);
        assert_eq!(is_of_another_session(&error), expected, "{code}");
    }
    let unsigned = on_refresh(&Provider::new().sign(&claims()));
    assert!(!is_of_another_session(&unsigned), "{}", unsigned.code());
}
