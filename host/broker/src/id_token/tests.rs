use aws_lc_rs::hmac;
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

const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://idp.test/tenant";
const CLIENT: &str = "vestibule-cli";
const NONCE: &str = "n-0S6_WzA2Mj";
const ACCESS: &str = "access-token-value";

/// An issuer with one Ed25519 key.
struct Provider {
    pair: Ed25519KeyPair,
    issuer: Issuer,
    nonce: Secret,
    access: Secret,
}

impl Provider {
    fn new() -> Self {
        Self {
            pair: Ed25519KeyPair::generate().unwrap(),
            issuer: Issuer::parse(ISSUER).unwrap(),
            nonce: Secret::new(NONCE.into()),
            access: Secret::new(ACCESS.into()),
        }
    }

    fn jwk(&self) -> Json {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": b64(self.pair.public_key().as_ref())})
    }

    fn keys(&self) -> KeySet {
        key_set(&self.issuer, &[self.jwk()])
    }

    fn sign_raw(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", b64(header.as_bytes()), b64(payload.as_bytes()));
        let signature = self.pair.sign(signed.as_bytes());
        format!("{signed}.{}", b64(signature.as_ref()))
    }

    fn sign(&self, claims: &Json) -> String {
        self.sign_raw(r#"{"alg":"EdDSA","kid":"k"}"#, &claims.to_string())
    }

    fn verify(&self, token: &str) -> Result<VerifiedIdToken> {
        self.verify_as(token, |_| {})
    }

    fn verify_as<'a>(
        &'a self,
        token: &str,
        change: impl FnOnce(&mut Expectations<'a>),
    ) -> Result<VerifiedIdToken> {
        let mut expected = expectations(&self.issuer, &self.nonce);
        expected.access_token = Some(&self.access);
        change(&mut expected);
        verify(&Secret::new(token.into()), &expected, &self.keys(), NOW)
    }

    /// The code of the refusal of a token with these claims.
    fn refusal(&self, claims: &Json) -> &'static str {
        code(self.verify(&self.sign(claims)))
    }
}

pub(super) fn expectations<'a>(issuer: &'a Issuer, nonce: &'a Secret) -> Expectations<'a> {
    Expectations {
        issuer,
        client_id: CLIENT,
        trusted_audiences: &[],
        algorithms: &Algorithm::ALL,
        access_token: None,
        at_hash: AtHash::Optional,
        occasion: Occasion::SignIn { nonce },
    }
}

fn code(result: Result<VerifiedIdToken>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn key_set(issuer: &Issuer, keys: &[Json]) -> KeySet {
    KeySet::parse(issuer, json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn claims() -> Json {
    json!({"iss": ISSUER, "sub": "248289761001", "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": NONCE})
}

fn with(member: &str, value: impl Into<Json>) -> Json {
    let mut claims = claims();
    claims[member] = value.into();
    claims
}

fn without(member: &str) -> Json {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(member);
    claims
}

#[test]
fn an_honest_token_is_accepted_and_says_who_it_is() {
    let provider = Provider::new();
    let token = provider.verify(&provider.sign(&claims())).unwrap();
    assert_eq!(token.subject(), "248289761001");
    assert_eq!(token.issuer().as_str(), ISSUER);
    assert_eq!(token.expires(), NOW + 300);
}

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

// proves: IDT-08, NET-07
#[test]
fn only_the_strict_compact_form_is_parsed() {
    let provider = Provider::new();
    let good = provider.sign(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let json_form =
        json!({"payload": payload, "protected": header, "signature": signature}).to_string();
    for bad in [
        json_form.as_str(),
        "",
        "..",
        "a.b.c",
        &format!("{good}="),
        &format!("{header}.{payload}=.{signature}"),
        &format!("{header}==.{payload}.{signature}"),
        &format!(" {good}"),
        &format!("{good}\n"),
        &format!("{header}. {payload}.{signature}"),
        &format!("{header}.{payload}\n.{signature}"),
        &format!("{good}.{signature}"),
        &format!(".{payload}.{signature}"),
        &format!("{header}..{signature}"),
        &format!("{header}.{}.{signature}", payload.replace('A', "+")),
        &format!(
            "{header}.{payload}.{}",
            signature
                .replace(['-', '_'], "/")
                .replacen(|c: char| c.is_ascii_alphabetic(), "+", 1)
        ),
    ] {
        assert_eq!(code(provider.verify(bad)), "id_token.format", "{bad}");
    }
    assert_eq!(
        code(provider.verify(&format!("{good}.a.b"))),
        "id_token.encrypted"
    );
    // Stray bits at the end of a part decode to the same bytes elsewhere.
    let mut stray = good.clone().into_bytes();
    let last = stray.last_mut().unwrap();
    *last = if *last == b'Q' {
        b'R'
    } else {
        last.wrapping_add(1)
    };
    assert_ne!(
        code(provider.verify(&String::from_utf8(stray).unwrap())),
        "accepted"
    );

    let plain = r#"{"alg":"EdDSA","kid":"k"}"#;
    let body = claims().to_string();
    let doubled = body.replacen('{', r#"{"sub":"other","#, 1);
    assert_eq!(
        code(provider.verify(&provider.sign_raw(plain, &doubled))),
        "id_token.claims"
    );
    for bad_header in [
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"k"}"#,
        r#"{"alg":"none","kid":"k","alg":"EdDSA"}"#,
        r#"["EdDSA"]"#,
        r#"{"kid":"k"}"#,
        r#"{"alg":1,"kid":"k"}"#,
        r#"{"alg":"EdDSA","kid":1}"#,
        r#"{"alg":"EdDSA"} x"#,
    ] {
        assert_eq!(
            code(provider.verify(&provider.sign_raw(bad_header, &body))),
            "id_token.format",
            "{bad_header}"
        );
    }
    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!([]),
        json!("x"),
        json!(null),
    ] {
        let header = json!({"alg": "EdDSA", "kid": "k", "b64": true, "crit": crit});
        assert_eq!(
            code(provider.verify(&provider.sign_raw(&header.to_string(), &body))),
            "id_token.crit",
            "{crit}"
        );
    }
    // Not UTF-8, in the payload and in the header.
    let raw = |header: &[u8], payload: &[u8]| {
        let signed = format!("{}.{}", b64(header), b64(payload));
        format!(
            "{signed}.{}",
            b64(provider.pair.sign(signed.as_bytes()).as_ref())
        )
    };
    let mut broken = body.clone().into_bytes();
    let place = broken.iter().position(|byte| *byte == b'2').unwrap();
    broken[place] = 0xff;
    assert_eq!(
        code(provider.verify(&raw(plain.as_bytes(), &broken))),
        "id_token.claims"
    );
    assert_eq!(
        code(provider.verify(&raw(b"{\"alg\":\"\xff\"}", body.as_bytes()))),
        "id_token.format"
    );
}

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
    assert!(
        provider
            .verify(&provider.sign(&with("at_hash", right)))
            .unwrap()
            .had_at_hash()
    );
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
fn other_kinds_of_tokens_cannot_stand_in_for_an_id_token() {
    let provider = Provider::new();
    for kind in [
        "at+jwt",
        "application/at+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "oauth-authz-req+jwt",
        "JOSE",
        "",
        "jwt ",
    ] {
        let token = provider.sign_raw(
            &json!({"alg": "EdDSA", "kid": "k", "typ": kind}).to_string(),
            &claims().to_string(),
        );
        assert_eq!(code(provider.verify(&token)), "id_token.type", "{kind}");
    }
    for kind in ["JWT", "jwt"] {
        let token = provider.sign_raw(
            &json!({"alg": "EdDSA", "kid": "k", "typ": kind}).to_string(),
            &claims().to_string(),
        );
        assert_eq!(code(provider.verify(&token)), "accepted", "{kind}");
    }
    let logout = with(
        "events",
        json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
    );
    assert_eq!(provider.refusal(&logout), "id_token.type");
    // An access token that is a plain JWT of the same issuer, sent in both places.
    let token = provider.sign(&claims());
    let access = Secret::new(token.clone());
    let expected = Expectations {
        access_token: Some(&access),
        ..expectations(&provider.issuer, &provider.nonce)
    };
    assert_eq!(
        code(verify(
            &Secret::new(token),
            &expected,
            &provider.keys(),
            NOW
        )),
        "id_token.type"
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

#[test]
fn refusals_do_not_repeat_the_token() {
    let provider = Provider::new();
    let token = provider.sign(&with("nonce", "marker"));
    let error = provider.verify(&token).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("marker") && !shown.contains(token.split('.').nth(1).unwrap()),
        "{shown}"
    );
}
