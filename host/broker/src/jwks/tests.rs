use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use super::*;

mod numbers;

fn issuer() -> Issuer {
    Issuer::parse("https://idp.test").unwrap()
}

fn set(keys: &[Json]) -> KeySet {
    KeySet::parse(&issuer(), json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn with(mut key: Json, member: &str, value: impl Into<Json>) -> Json {
    key[member] = value.into();
    key
}

fn ed25519() -> (Ed25519KeyPair, Json) {
    let pair = Ed25519KeyPair::generate().unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref())});
    (pair, jwk)
}

fn p256() -> (EcdsaKeyPair, Json) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..])});
    (pair, jwk)
}

fn rsa() -> (RsaKeyPair, Json) {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = pair.public_key();
    let jwk = json!({
        "kty": "RSA",
        "n": b64(public.modulus().big_endian_without_leading_zero()),
        "e": b64(public.exponent().big_endian_without_leading_zero()),
    });
    (pair, jwk)
}

// proves: JWK-02
#[test]
fn unusable_entries_are_skipped_and_the_good_key_among_them_works() {
    let (pair, good) = ed25519();
    let (_, ec) = p256();
    let (_, rsa) = rsa();
    let short = b64(&[0xff; 128]);
    let bad = [
        json!(null),
        json!("text"),
        json!({}),
        json!({"kty": "oct", "k": "c2VjcmV0"}),
        json!({"kty": "XYZ"}),
        json!({"kty": 1}),
        json!({"kty": "OKP", "crv": "Ed25519"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
        json!({"kty": "OKP", "crv": "Ed448", "x": b64(&[1; 57])}),
        with(good.clone(), "crv", "X25519"),
        json!({"kty": "RSA", "n": short, "e": "AQAB"}),
        json!({"kty": "RSA", "n": "", "e": ""}),
        with(rsa.clone(), "e", "AQ"),
        with(rsa.clone(), "e", "Ag"),
        with(rsa.clone(), "e", b64(&[1, 0, 0, 0, 1])),
        with(rsa.clone(), "n", b64(&[0xff; 1_025])),
        with(rsa.clone(), "d", "AQAB"),
        with(rsa.clone(), "k", "AQAB"),
        with(rsa.clone(), "use", "enc"),
        with(rsa.clone(), "use", 1),
        with(rsa.clone(), "alg", "RSA-OAEP"),
        with(rsa.clone(), "alg", "HS256"),
        with(rsa.clone(), "alg", "none"),
        with(rsa.clone(), "alg", "ES256"),
        with(rsa.clone(), "kid", 7),
        with(rsa.clone(), "key_ops", json!(["encrypt"])),
        with(rsa.clone(), "n", "not base64!"),
        with(ec.clone(), "x", b64(&[1; 32])),
        with(ec.clone(), "x", b64(&[1; 31])),
        with(ec.clone(), "crv", "P-384"),
        with(ec.clone(), "crv", "secp256k1"),
        with(ec.clone(), "kty", "RSA"),
        with(ec.clone(), "d", "AQAB"),
        with(good.clone(), "d", "AQAB"),
    ];
    for entry in &bad {
        assert!(set(std::slice::from_ref(entry)).is_empty(), "{entry}");
    }
    let mut mixed = bad.to_vec();
    mixed.insert(bad.len() / 2, good);
    let mixed = set(&mixed);
    assert_eq!(mixed.len(), 1);
    let key = mixed.choose(Algorithm::Ed25519, None).unwrap();
    assert!(key.verifies(
        Algorithm::Ed25519,
        b"message",
        pair.sign(b"message").as_ref()
    ));
    for other in Algorithm::ALL {
        assert_eq!(
            mixed.choose(other, None).is_ok(),
            other == Algorithm::Ed25519,
            "{other}"
        );
    }
}

// proves: JWK-03
#[test]
fn a_key_is_chosen_by_kid_and_type_and_curve_and_use_and_alg_together() {
    let (_, rsa_key) = rsa();
    let (_, ec) = p256();
    let (_, other_ec) = p256();
    let (_, encryption) = p256();
    let keys = set(&[
        with(rsa_key.clone(), "kid", "1"),
        with(ec.clone(), "kid", "1"),
        with(with(encryption, "kid", "2"), "use", "enc"),
        with(with(other_ec.clone(), "kid", "3"), "alg", "ES256"),
    ]);
    // The same kid on two types: the type decides.
    assert_eq!(
        keys.choose(Algorithm::Es256, Some("1")).unwrap(),
        &Key::parse(&value(&with(ec.clone(), "kid", "1"))).unwrap()
    );
    assert!(keys.choose(Algorithm::Ps256, Some("1")).is_ok());
    assert_eq!(
        keys.choose(Algorithm::Es384, Some("1")),
        Err(NoKey::Unknown)
    );
    // The right kid on an encryption key.
    assert_eq!(
        keys.choose(Algorithm::Es256, Some("2")),
        Err(NoKey::Unknown)
    );
    assert_eq!(keys.choose(Algorithm::Es256, Some("")), Err(NoKey::Unknown));
    assert_eq!(
        keys.choose(Algorithm::Es256, Some("../../x")),
        Err(NoKey::Unknown)
    );
    // No kid: exactly one must fit.
    assert_eq!(keys.choose(Algorithm::Es256, None), Err(NoKey::Ambiguous));
    assert!(keys.choose(Algorithm::Rs256, None).is_ok());
    // Two keys under one kid and type: nothing says which.
    let doubled = set(&[with(ec.clone(), "kid", "1"), with(other_ec, "kid", "1")]);
    assert_eq!(
        doubled.choose(Algorithm::Es256, Some("1")),
        Err(NoKey::Ambiguous)
    );
    // An `alg` narrows RSA down.
    let narrowed = set(&[with(rsa_key, "alg", "PS256")]);
    assert!(narrowed.choose(Algorithm::Ps256, None).is_ok());
    assert_eq!(narrowed.choose(Algorithm::Rs256, None), Err(NoKey::Unknown));
    // One key that is listed twice is one key.
    assert!(
        set(&[ec.clone(), ec])
            .choose(Algorithm::Es256, None)
            .is_ok()
    );
}

#[test]
fn each_kind_of_key_verifies_its_own_signatures_alone() {
    let random = SystemRandom::new();
    let (rsa_pair, rsa_jwk) = rsa();
    let (ec_pair, ec_jwk) = p256();
    let mut rsa_signature = vec![0; rsa_pair.public_modulus_len()];
    rsa_pair
        .sign(&RSA_PKCS1_SHA256, &random, b"m", &mut rsa_signature)
        .unwrap();
    let ec_signature = ec_pair.sign(&random, b"m").unwrap();
    let keys = set(&[rsa_jwk, ec_jwk]);
    let rsa_key = keys.choose(Algorithm::Rs256, None).unwrap();
    let ec_key = keys.choose(Algorithm::Es256, None).unwrap();
    assert!(rsa_key.verifies(Algorithm::Rs256, b"m", &rsa_signature));
    assert!(!rsa_key.verifies(Algorithm::Ps256, b"m", &rsa_signature));
    assert!(!rsa_key.verifies(Algorithm::Es256, b"m", &rsa_signature));
    assert!(ec_key.verifies(Algorithm::Es256, b"m", ec_signature.as_ref()));
    assert!(!ec_key.verifies(Algorithm::Es256, b"n", ec_signature.as_ref()));
    assert!(!ec_key.verifies(Algorithm::Rs256, b"m", ec_signature.as_ref()));
    assert!(!ec_key.verifies(Algorithm::Es256, b"m", &[0; 64]));
}

#[test]
fn the_number_of_keys_that_are_looked_at_is_capped() {
    let (_, good) = ed25519();
    let mut many = vec![json!({"kty": "oct"}); limits::JWKS_KEYS];
    many.push(good.clone());
    assert!(set(&many).is_empty());
    many.swap(0, limits::JWKS_KEYS);
    assert_eq!(set(&many).len(), 1);
    let huge =
        json!({ "keys": vec![json!({"kty": "RSA", "n": "AAAAAAAAAAAA"}); 100_000] }).to_string();
    assert!(KeySet::parse(&issuer(), huge.as_bytes()).is_err());
}

#[test]
fn what_is_no_key_set_is_refused() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":null}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert!(KeySet::parse(&issuer(), text.as_bytes()).is_err(), "{text}");
    }
    assert!(set(&[]).is_empty());
}

#[test]
fn a_set_is_fetched_again_at_most_once_per_cool_down_whoever_asks() {
    let mut cached = CachedKeys::default();
    let mut fetches = 0;
    let start = 1_700_000_000;
    for second in 0..600 {
        // Many tokens with unknown keys, from many processes that share the record.
        for _ in 0..10 {
            if cached.refetch(start + second) == Refetch::Now {
                cached.note_attempt(start + second);
                fetches += 1;
            }
        }
    }
    assert_eq!(fetches, 600 / limits::JWKS_COOL_DOWN.as_secs());
    let pause = limits::JWKS_COOL_DOWN.as_secs();
    cached.note_attempt(start);
    for (waited, expected) in [
        (0, Refetch::CoolingDown(pause)),
        (1, Refetch::CoolingDown(pause - 1)),
        (pause - 1, Refetch::CoolingDown(1)),
        (pause, Refetch::Now),
    ] {
        assert_eq!(cached.refetch(start + waited), expected, "{waited}");
    }
    assert_eq!(
        cached.refetch(start - 1),
        Refetch::Now,
        "a clock that was set back does not lock out"
    );
}

#[test]
fn the_last_good_set_is_used_until_it_is_too_old() {
    let mut cached = CachedKeys::default();
    assert!(!cached.is_usable(0));
    cached.note_success(b"{}".to_vec(), 1_000);
    let end = 1_000 + limits::JWKS_MAX_AGE.as_secs();
    // Failed attempts do not make it younger.
    cached.note_attempt(end - 1);
    assert!(cached.is_usable(end - 1));
    assert!(!cached.is_usable(end));
    assert!(!cached.is_usable(999));
}

#[test]
fn ordinary_rsa_keys_do_not_have_the_fingerprint_of_broken_ones() {
    for _ in 0..3 {
        let (pair, _) = rsa();
        assert!(!roca::is_weak(
            pair.public_key()
                .modulus()
                .big_endian_without_leading_zero()
        ));
    }
    // A power of the generator is what the broken primes are made of; modulo every prime of the list it stays one.
    let power = 65_537_u64.pow(3).to_be_bytes();
    assert!(roca::is_weak(&power));
}

fn value(json: &Json) -> Value {
    Document::parse(json!({ "v": json }).to_string().as_bytes())
        .unwrap()
        .get("/v")
        .unwrap()
        .clone()
}
