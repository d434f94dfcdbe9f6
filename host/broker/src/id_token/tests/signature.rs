//! Who signed it.

use super::*;

// proves: IDT-01
#[test]
fn an_altered_empty_or_stripped_signature_is_refused() {
    let provider = Provider::new();
    let good = provider.sign(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let mut altered = URL_SAFE_NO_PAD.decode(signature).unwrap();
    altered[0] ^= 1;
    assert_eq!(
        code(provider.verify(&format!("{signed}.{}", b64(&altered)))),
        "id_token.signature"
    );
    assert_eq!(
        code(provider.verify(&format!("{signed}.{}", b64(&[0; 64])))),
        "id_token.signature"
    );
    assert_eq!(
        code(provider.verify(&format!("{signed}."))),
        "id_token.format"
    );
    assert_eq!(code(provider.verify(signed)), "id_token.format");
    // Another payload under the same signature.
    let other = provider.sign(&with("sub", "other"));
    let mixed = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    assert_eq!(code(provider.verify(&mixed)), "id_token.signature");
    // Another signer.
    assert_eq!(
        code(provider.verify(&Provider::new().sign(&claims()))),
        "id_token.signature"
    );
    // Straight from the token endpoint on a refresh: no difference.
    let original = provider.verify(&good).unwrap().original();
    let refreshed = provider.verify_as(&format!("{signed}.{}", b64(&altered)), |expected| {
        expected.occasion = Occasion::Refresh {
            original: &original,
        };
    });
    assert_eq!(code(refreshed), "id_token.signature");
}

// proves: IDT-06
#[test]
fn algorithms_are_an_allow_list_and_fit_the_keys_type() {
    let issuer = Issuer::parse(ISSUER).unwrap();
    let nonce = Secret::new(NONCE.into());
    let random = SystemRandom::new();
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let n = rsa
        .public_key()
        .modulus()
        .big_endian_without_leading_zero()
        .to_vec();
    let point = ec.public_key().as_ref();
    let keys = key_set(
        &issuer,
        &[
            json!({"kty": "RSA", "kid": "r", "n": b64(&n), "e": "AQAB"}),
            json!({"kty": "EC", "kid": "e", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..])}),
            json!({"kty": "oct", "kid": "o", "k": b64(b"0123456789abcdef0123456789abcdef")}),
        ],
    );
    let message = |algorithm: &str, kid: &str| {
        let header = json!({"alg": algorithm, "kid": kid}).to_string();
        format!(
            "{}.{}",
            b64(header.as_bytes()),
            b64(claims().to_string().as_bytes())
        )
    };
    let check = |token: &str, algorithms: &[Algorithm]| {
        let mut expected = expectations(&issuer, &nonce);
        expected.algorithms = algorithms;
        code(verify(&Secret::new(token.into()), &expected, &keys, NOW))
    };
    let rsa_signed = |message: &str| {
        let mut signature = vec![0; rsa.public_modulus_len()];
        rsa.sign(
            &RSA_PKCS1_SHA256,
            &random,
            message.as_bytes(),
            &mut signature,
        )
        .unwrap();
        format!("{message}.{}", b64(&signature))
    };
    let ec_signed = |message: &str| {
        format!(
            "{message}.{}",
            b64(ec.sign(&random, message.as_bytes()).unwrap().as_ref())
        )
    };

    let all = &Algorithm::ALL;
    assert_eq!(check(&rsa_signed(&message("RS256", "r")), all), "accepted");
    assert_eq!(check(&ec_signed(&message("ES256", "e")), all), "accepted");
    // Not on this issuer's list.
    assert_eq!(
        check(&rsa_signed(&message("RS256", "r")), &[Algorithm::Es256]),
        "id_token.alg"
    );
    for none in ["none", "None", "NONE", "noNe", "nOnE", "", "null"] {
        assert_eq!(
            check(&format!("{}.{}", message(none, "r"), b64(b"x")), all),
            "id_token.alg",
            "{none}"
        );
        assert_eq!(
            check(&format!("{}.", message(none, "r")), all),
            "id_token.format",
            "{none}"
        );
    }
    // HMAC, keyed with what is public, or with a key that the set publishes.
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        b64(&n)
    );
    for (kid, secret) in [
        ("r", n.as_slice()),
        ("r", pem.as_bytes()),
        ("e", point),
        ("o", b"0123456789abcdef0123456789abcdef"),
    ] {
        let message = message("HS256", kid);
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret),
            message.as_bytes(),
        );
        assert_eq!(
            check(&format!("{message}.{}", b64(tag.as_ref())), all),
            "id_token.alg"
        );
    }
    // A key of another type under the right kid.
    assert_eq!(
        check(&ec_signed(&message("RS256", "e")), all),
        "id_token.key"
    );
    assert_eq!(
        check(&rsa_signed(&message("ES256", "r")), all),
        "id_token.key"
    );
    assert_eq!(
        check(&rsa_signed(&message("PS256", "r")), all),
        "id_token.signature"
    );
    // r = s = 0.
    assert_eq!(
        check(&format!("{}.{}", message("ES256", "e"), b64(&[0; 64])), all),
        "id_token.signature"
    );
    // The names are case-sensitive.
    assert_eq!(
        check(&rsa_signed(&message("rs256", "r")), all),
        "id_token.alg"
    );
}

#[test]
fn both_names_of_ed25519_are_understood() {
    let provider = Provider::new();
    for name in ["EdDSA", "Ed25519"] {
        let token = provider.sign_raw(
            &json!({"alg": name, "kid": "k"}).to_string(),
            &claims().to_string(),
        );
        assert_eq!(code(provider.verify(&token)), "accepted", "{name}");
    }
}

// proves: IDT-07
#[test]
fn headers_that_bring_their_own_key_are_never_used() {
    let provider = Provider::new();
    let attacker = Provider::new();
    for header in [
        json!({"alg": "EdDSA", "kid": "k", "jwk": attacker.jwk()}),
        json!({"alg": "EdDSA", "jwk": attacker.jwk()}),
        json!({"alg": "EdDSA", "jku": "https://attacker.test/jwks"}),
        json!({"alg": "EdDSA", "x5u": "https://attacker.test/cert", "x5c": ["AAAA"]}),
        json!({"alg": "EdDSA", "kid": "../../x"}),
        json!({"alg": "EdDSA", "kid": "https://attacker.test/jwks"}),
        json!({"alg": "EdDSA", "kid": "k' OR '1'='1"}),
    ] {
        let token = attacker.sign_raw(&header.to_string(), &claims().to_string());
        let code = code(provider.verify(&token));
        assert!(
            matches!(code, "id_token.key" | "id_token.signature"),
            "{header}: {code}"
        );
    }
}

// proves: JWK-05
#[test]
fn the_keys_of_one_issuer_do_not_verify_the_tokens_of_another() {
    let provider = Provider::new();
    let other = Issuer::parse("https://other.test").unwrap();
    // Same kid, same key even: it is the other issuer's.
    let keys = key_set(&other, &[provider.jwk()]);
    let expected = expectations(&provider.issuer, &provider.nonce);
    let result = verify(
        &Secret::new(provider.sign(&claims())),
        &expected,
        &keys,
        NOW,
    );
    assert_eq!(code(result), "id_token.keys");
    // Swapped signatures, each with its own issuer's keys under the same kid.
    let swapped = Provider::new();
    assert_eq!(
        code(provider.verify(&swapped.sign(&claims()))),
        "id_token.signature"
    );
}
