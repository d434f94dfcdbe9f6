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

mod claims;
mod format;
mod kept;
mod session;
mod signature;

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
