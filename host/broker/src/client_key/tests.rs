use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::KeyPair as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;
use crate::json::Document as Parsed;
use crate::jwks::{Algorithm, KeySet};

fn pem(label: &str, der: &[u8]) -> Secret {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    Secret::new(format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    ))
}

fn es256() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

pub(crate) fn es256_pem() -> Secret {
    let der = es256().to_pkcs8v1().unwrap();
    pem("PRIVATE KEY", der.as_ref())
}

fn coordinates(key: &EcdsaKeyPair) -> (String, String) {
    let point = key.public_key().as_ref()[1..].to_vec();
    let (x, y) = point.split_at(32);
    (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
}

/// A JWK with these members added, or put in place of its own.
pub(crate) fn jwk_of_es256(more: &[(&str, &str)]) -> Secret {
    let key = es256();
    let d: EcPrivateKeyBin<'_> = key.private_key().as_be_bytes().unwrap();
    let (x, y) = coordinates(&key);
    let mut jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": URL_SAFE_NO_PAD.encode(d.as_ref())});
    for (name, value) in more {
        jwk[*name] = json!(value);
    }
    Secret::new(jwk.to_string())
}

fn verifies(public: &serde_json::Value, algorithm: &str, signature: &[u8]) -> bool {
    let issuer = vestibule_core::Issuer::parse("https://idp.example").unwrap();
    let set = json!({"keys": [public]}).to_string();
    assert!(Parsed::parse(set.as_bytes()).is_ok());
    let keys = KeySet::parse(&issuer, set.as_bytes()).unwrap();
    let algorithm = Algorithm::parse(algorithm).unwrap();
    let key = keys.choose(algorithm, None).unwrap();
    key.verifies(algorithm, b"message", signature)
}

#[test]
fn a_key_of_pem_signs_as_its_type_says() {
    let ec = es256();
    let der = ec.to_pkcs8v1().unwrap();
    let key = ClientKey::parse(&pem("PRIVATE KEY", der.as_ref())).unwrap();
    assert_eq!((key.algorithm(), key.kid()), ("ES256", None));
    let (x, y) = coordinates(&ec);
    let public = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    assert!(verifies(&public, "ES256", &key.sign(b"message").unwrap()));
    assert!(!verifies(&public, "ES256", &key.sign(b"another").unwrap()));

    let ed = Ed25519KeyPair::generate().unwrap();
    let der: Pkcs8V1Der<'_> = ed.as_der().unwrap();
    let key = ClientKey::parse(&pem("PRIVATE KEY", der.as_ref())).unwrap();
    assert_eq!(key.algorithm(), "EdDSA");
    let x = URL_SAFE_NO_PAD.encode(ed.public_key().as_ref());
    let public = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    assert!(verifies(&public, "EdDSA", &key.sign(b"message").unwrap()));

    let rsa = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    let key = ClientKey::parse(&pem("PRIVATE KEY", der.as_ref())).unwrap();
    assert_eq!(key.algorithm(), "RS256");
    let public = rsa_public(&rsa);
    assert!(verifies(&public, "RS256", &key.sign(b"message").unwrap()));
}

fn rsa_public(key: &rsa::KeyPair) -> serde_json::Value {
    let n = key.public_key().modulus().big_endian_without_leading_zero();
    let e = key
        .public_key()
        .exponent()
        .big_endian_without_leading_zero();
    json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)})
}

/// The integers of a PKCS #1 key (RFC 8017 appendix A.1.2), which is the rest of its PKCS #8 form.
fn rsa_jwk(key: &rsa::KeyPair, algorithm: &str) -> Secret {
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let der = der.as_ref();
    let start = der
        .windows(7)
        .position(|bytes| bytes == [0x02, 0x01, 0x00, 0x02, 0x82, 0x01, 0x01])
        .unwrap()
        + 3;
    let mut rest = &der[start..];
    let mut integers = Vec::new();
    while integers.len() < 8 {
        let [0x02, length, tail @ ..] = rest else {
            panic!("no integer")
        };
        let (length, tail) = match length {
            0x82 => (usize::from(tail[0]) << 8 | usize::from(tail[1]), &tail[2..]),
            0x81 => (usize::from(tail[0]), &tail[1..]),
            short => (usize::from(*short), tail),
        };
        let (number, after) = tail.split_at(length);
        let leading = number.iter().take_while(|byte| **byte == 0).count();
        integers.push(URL_SAFE_NO_PAD.encode(&number[leading..]));
        rest = after;
    }
    let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
    let mut jwk = json!({"kty": "RSA", "alg": algorithm});
    for (name, value) in names.iter().zip(integers) {
        jwk[*name] = json!(value);
    }
    Secret::new(jwk.to_string())
}

#[test]
fn a_jwk_signs_as_it_says() {
    let key = ClientKey::parse(&jwk_of_es256(&[
        ("kid", "k1"),
        ("alg", "ES256"),
        ("use", "sig"),
    ]));
    let key = key.unwrap();
    assert_eq!((key.algorithm(), key.kid()), ("ES256", Some("k1")));

    let ed = Ed25519KeyPair::generate().unwrap();
    let seed = ed.seed().unwrap().as_be_bytes().unwrap();
    let jwk = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": URL_SAFE_NO_PAD.encode(ed.public_key().as_ref()),
        "d": URL_SAFE_NO_PAD.encode(seed.as_ref()),
    });
    let key = ClientKey::parse(&Secret::new(jwk.to_string())).unwrap();
    assert_eq!(key.algorithm(), "EdDSA");

    let rsa = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    for algorithm in ["RS256", "PS256"] {
        let key = ClientKey::parse(&rsa_jwk(&rsa, algorithm)).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let signature = key.sign(b"message").unwrap();
        assert!(verifies(&rsa_public(&rsa), algorithm, &signature));
    }
}

#[test]
fn what_cannot_sign_here_is_refused_and_never_shown() {
    let small = jwk_of_es256(&[("crv", "P-384")]);
    let other = jwk_of_es256(&[("alg", "HS256")]);
    let encrypting = jwk_of_es256(&[("use", "enc")]);
    let mixed = jwk_of_es256(&[("x", coordinates(&es256()).0.as_str())]);
    let public = jwk_of_es256(&[("d", "")]);
    let der = es256().to_pkcs8v1().unwrap();
    let texts = [
        small,
        other,
        encrypting,
        mixed,
        public,
        pem("EC PRIVATE KEY", der.as_ref()),
        pem("PUBLIC KEY", der.as_ref()),
        pem("ENCRYPTED PRIVATE KEY", der.as_ref()),
        pem("PRIVATE KEY", &der.as_ref()[..40]),
        Secret::new(String::new()),
        Secret::new("hunter2-hunter2-hunter2".to_owned()),
        Secret::new(r#"{"kty":"oct","k":"aHVudGVyMg"}"#.to_owned()),
        Secret::new(r#"{"keys":[]}"#.to_owned()),
        Secret::new("{".to_owned()),
    ];
    for secret in &texts {
        let problem = ClientKey::parse(secret).unwrap_err();
        assert_eq!(problem.code(), "client_key.format", "{problem}");
        assert!(problem.next_step().is_some());
        let said = format!("{problem:?}");
        assert!(
            !said.contains("hunter2") && !said.contains("aHVudGVyMg"),
            "{said}"
        );
    }
}

#[test]
fn a_key_that_is_debugged_says_its_algorithm_alone() {
    let key = ClientKey::parse(&jwk_of_es256(&[("kid", "k1")])).unwrap();
    assert_eq!(format!("{key:?}"), "ClientKey { algorithm: \"ES256\", .. }");
}
