//! What it claims.

use super::*;

// proves: IDT-02
#[test]
fn the_issuer_is_compared_character_for_character() {
    let provider = Provider::new();
    for other in [
        "https://idp.test/tenant/",
        "https://IDP.test/tenant",
        "https://idp.test/Tenant",
        "https://idp.test/other",
        "https://idp.test:443/tenant",
        "https://idp.test/%74enant",
        "http://idp.test/tenant",
        "https://idp.test/tenant ",
        "",
    ] {
        assert_eq!(
            provider.refusal(&with("iss", other)),
            "id_token.iss",
            "{other}"
        );
    }
    assert_eq!(provider.refusal(&without("iss")), "id_token.claims");
    assert_eq!(
        provider.refusal(&with("iss", json!([ISSUER]))),
        "id_token.claims"
    );
}

// proves: IDT-03
#[test]
fn the_audience_is_this_client_and_only_others_that_are_trusted() {
    let provider = Provider::new();
    for (audience, expected) in [
        (json!(CLIENT), "accepted"),
        (json!([CLIENT]), "accepted"),
        (json!("vestibule"), "id_token.aud"),
        (json!("vestibule-cli2"), "id_token.aud"),
        (json!("Vestibule-CLI"), "id_token.aud"),
        (json!(["other"]), "id_token.aud"),
        (json!([]), "id_token.aud"),
        (json!(""), "id_token.aud"),
        (json!([CLIENT, 1]), "id_token.claims"),
        (json!({CLIENT: 1}), "id_token.claims"),
        (json!(null), "id_token.claims"),
    ] {
        assert_eq!(
            provider.refusal(&with("aud", audience.clone())),
            expected,
            "{audience}"
        );
    }
    let mut both = with("aud", json!([CLIENT, "api"]));
    both["azp"] = json!(CLIENT);
    assert_eq!(provider.refusal(&both), "id_token.aud");
    let trusted = ["api".to_owned()];
    let signed = provider.sign(&both);
    assert_eq!(
        code(provider.verify_as(&signed, |expected| expected.trusted_audiences = &trusted)),
        "accepted"
    );
    // A trusted audience does not replace this client.
    let alone = provider.sign(&with("aud", "api"));
    assert_eq!(
        code(provider.verify_as(&alone, |expected| expected.trusted_audiences = &trusted)),
        "id_token.aud"
    );
}

// proves: IDT-04
#[test]
fn several_audiences_need_an_authorized_party_which_is_this_client() {
    let provider = Provider::new();
    let trusted = ["api".to_owned()];
    let check = |claims: &Json| {
        code(provider.verify_as(&provider.sign(claims), |expected| {
            expected.trusted_audiences = &trusted
        }))
    };
    let several = with("aud", json!([CLIENT, "api"]));
    assert_eq!(check(&several), "id_token.azp");
    for (party, expected) in [
        (CLIENT, "accepted"),
        ("api", "id_token.azp"),
        ("", "id_token.azp"),
    ] {
        let mut several = several.clone();
        several["azp"] = json!(party);
        assert_eq!(check(&several), expected, "{party}");
        assert_eq!(check(&with("azp", party)), expected, "{party}");
    }
    // The same audience twice is one audience.
    assert_eq!(check(&with("aud", json!([CLIENT, CLIENT]))), "accepted");
}

// proves: IDT-05
#[test]
fn times_are_required_numbers_within_bounds() {
    let provider = Provider::new();
    for (claim, value, expected) in [
        ("exp", json!(NOW), "id_token.exp"),
        ("exp", json!(NOW - 1), "id_token.exp"),
        ("exp", json!(NOW + 1), "accepted"),
        ("exp", json!((NOW + 300) as f64), "accepted"),
        ("exp", json!(NOW as f64 + 300.5), "accepted"),
        ("exp", json!((NOW + 300).to_string()), "id_token.claims"),
        ("exp", json!(-1), "id_token.claims"),
        ("exp", json!(1e300), "id_token.claims"),
        ("exp", json!(true), "id_token.claims"),
        ("iat", json!(NOW + 30), "accepted"),
        ("iat", json!(NOW + 60), "accepted"),
        ("iat", json!(NOW + 61), "id_token.iat"),
        ("iat", json!(NOW + 120), "id_token.iat"),
        ("iat", json!(NOW - 600), "accepted"),
        ("iat", json!(NOW - 601), "id_token.iat"),
        ("iat", json!(NOW.to_string()), "id_token.claims"),
        ("nbf", json!(NOW + 60), "accepted"),
        ("nbf", json!(NOW + 61), "id_token.iat"),
        ("nbf", json!(NOW + 120), "id_token.iat"),
        ("nbf", json!("soon"), "id_token.claims"),
        ("auth_time", json!("yesterday"), "id_token.claims"),
        ("auth_time", json!(0), "accepted"),
    ] {
        assert_eq!(
            provider.refusal(&with(claim, value.clone())),
            expected,
            "{claim} {value}"
        );
    }
    assert_eq!(provider.refusal(&without("exp")), "id_token.claims");
    assert_eq!(provider.refusal(&without("iat")), "id_token.claims");
    let infinite = claims()
        .to_string()
        .replace(&format!("\"exp\":{}", NOW + 300), "\"exp\":1e400");
    assert!(infinite.contains("1e400"));
    assert_eq!(
        code(provider.verify(&provider.sign_raw(r#"{"alg":"EdDSA"}"#, &infinite))),
        "id_token.claims"
    );
}

#[test]
fn the_subject_is_plain_and_short() {
    let provider = Provider::new();
    for bad in [
        json!(""),
        json!("x".repeat(256)),
        json!("a\u{202e}b"),
        json!("a\nb"),
        json!("a\u{0}b"),
    ] {
        assert_eq!(provider.refusal(&with("sub", bad)), "id_token.sub");
    }
    for bad in [json!(1), json!(null)] {
        assert_eq!(provider.refusal(&with("sub", bad)), "id_token.claims");
    }
    assert_eq!(provider.refusal(&with("sub", "x".repeat(255))), "accepted");
}
