//! ID tokens (OIDC Core section 2): whole ones as they come, and claims that the issuer has signed.

use std::sync::OnceLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_broker::id_token::{AtHash, Expectations, Occasion, VerifiedIdToken, verify};
use vestibule_broker::jwks::{Algorithm, KeySet};
use vestibule_core::{Issuer, Result, Secret};

const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://idp.example/tenant";
const CLIENT: &str = "cli";
const NONCE: &str = "nonce-of-this-attempt";

/// A token that is believed has the issuer's signature. Input that starts with `{` is a header and claims, on two lines, that the
/// issuer signs: what is believed of them is about this issuer, client, time and nonce.
pub fn run(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((header, claims)) = text.split_once('\n').filter(|_| text.starts_with('{')) else {
        if believed(&text).is_err() {
            return false;
        }
        let (signed, signature) = text.rsplit_once('.').expect("a token has a signature");
        assert_eq!(signature, sign(signed));
        return true;
    };
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let Ok(verified) = believed(&format!("{signed}.{}", sign(&signed))) else {
        return false;
    };
    let header: Value = serde_json::from_str(header).expect("a header is JSON");
    assert!(header["alg"] == "EdDSA" || header["alg"] == "Ed25519");
    assert!(header.get("crit").is_none());
    let claims: Value = serde_json::from_str(claims).expect("claims are JSON");
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["sub"], verified.subject());
    assert!((1..=255).contains(&verified.subject().len()));
    assert!(
        claims["aud"] == CLIENT
            || claims["aud"]
                .as_array()
                .is_some_and(|all| only_this_client(all))
    );
    assert!(claims["azp"].is_null() || claims["azp"] == CLIENT);
    assert_eq!(claims["nonce"], NONCE);
    assert!(claims["exp"].as_f64().is_some_and(|end| end > NOW as f64));
    assert!(verified.expires() > NOW);
    assert_eq!(verified.issuer().as_str(), ISSUER);
    true
}

fn only_this_client(audience: &[Value]) -> bool {
    !audience.is_empty() && audience.iter().all(|one| one == CLIENT)
}

fn believed(token: &str) -> Result<VerifiedIdToken> {
    let issuer = Issuer::parse(ISSUER).unwrap();
    let keys = json!({"keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "k",
        "x": URL_SAFE_NO_PAD.encode(pair().public_key().as_ref()),
    }]});
    let expected = Expectations {
        issuer: &issuer,
        client_id: CLIENT,
        trusted_audiences: &[],
        algorithms: &Algorithm::ALL,
        access_token: None,
        at_hash: AtHash::Optional,
        occasion: Occasion::SignIn {
            nonce: &Secret::new(NONCE.to_owned()),
        },
    };
    let keys = KeySet::parse(&issuer, keys.to_string().as_bytes()).unwrap();
    verify(&Secret::new(token.to_owned()), &expected, &keys, NOW)
}

/// The one signature: Ed25519 has no randomness.
fn sign(signed: &str) -> String {
    URL_SAFE_NO_PAD.encode(pair().sign(signed.as_bytes()))
}

fn pair() -> &'static Ed25519KeyPair {
    static PAIR: OnceLock<Ed25519KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap())
}
