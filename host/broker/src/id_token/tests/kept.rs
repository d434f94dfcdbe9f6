//! What a verified token says of itself, and what is kept of it.

use super::*;

fn strong() -> Json {
    let mut claims = with("auth_time", NOW - 5);
    claims["acr"] = json!("phr");
    claims["azp"] = json!(CLIENT);
    claims
}

#[test]
fn a_token_says_when_and_how_strongly_the_person_authenticated() {
    let provider = Provider::new();
    let token = provider.verify(&provider.sign(&strong())).unwrap();
    assert_eq!(
        (token.auth_time(), token.acr()),
        (Some(NOW - 5), Some("phr"))
    );
    let silent = provider.verify(&provider.sign(&claims())).unwrap();
    assert_eq!((silent.auth_time(), silent.acr()), (None, None));
}

#[test]
fn what_is_kept_says_the_same_as_the_token() {
    let provider = Provider::new();
    let trusted = ["api".to_owned()];
    let keep = |claims: &Json| {
        let token = provider.verify_as(&provider.sign(claims), |expected| {
            expected.trusted_audiences = &trusted;
        });
        serde_json::to_string(&token.unwrap().original()).unwrap()
    };
    let mut shared = strong();
    shared["aud"] = json!([CLIENT, "api"]);
    let original = Original::parse(&keep(&shared)).unwrap();
    assert_eq!(original.subject(), "248289761001");
    assert_eq!(original.audience().collect::<Vec<_>>(), ["api", CLIENT]);
    assert_eq!(
        (original.auth_time(), original.acr()),
        (Some(NOW - 5), Some("phr"))
    );
    let silent = Original::parse(&keep(&claims())).unwrap();
    assert_eq!(silent.audience().collect::<Vec<_>>(), [CLIENT]);
    assert_eq!((silent.auth_time(), silent.acr()), (None, None));
    // Grants of earlier days were kept without `acr`.
    let mut earlier: Json = serde_json::from_str(&keep(&strong())).unwrap();
    earlier.as_object_mut().unwrap().remove("acr");
    assert_eq!(Original::parse(&earlier.to_string()).unwrap().acr(), None);
    for damaged in ["", "{}", "null"] {
        assert_eq!(Original::parse(damaged), None, "{damaged}");
    }
}

#[test]
fn the_nonce_is_gone_once_it_has_served() {
    let provider = Provider::new();
    let token = provider.verify(&provider.sign(&claims())).unwrap();
    assert_eq!(token.claims().get("/nonce"), None);
    assert_eq!(token.claims().text("/sub"), Ok(Some("248289761001")));
}

#[test]
fn a_verified_token_does_not_print_what_it_says() {
    let provider = Provider::new();
    let token = provider.verify(&provider.sign(&strong())).unwrap();
    let printed = format!("{token:?}");
    assert!(printed.contains("claims: Claims { .. }"), "{printed}");
    for hidden in ["248289761001", CLIENT, NONCE, "phr"] {
        assert!(!printed.contains(hidden), "{printed}");
    }
}
