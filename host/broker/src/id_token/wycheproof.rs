//! Project Wycheproof's vectors for JWS and JWK (`tests/vectors/wycheproof`), run through the parser, the key choice and the verifier.

use serde_json::{Value as Json, json};

use super::tests::expectations;
use super::*;

const SIGNATURES: &str =
    include_str!("../../../../tests/vectors/wycheproof/json_web_signature.json");
const KEYS: &str = include_str!("../../../../tests/vectors/wycheproof/json_web_key.json");

/// Runs one token against the keys of its group.
fn accepted(keys: &Json, token: &str) -> bool {
    let issuer = Issuer::parse("https://idp.test").unwrap();
    let keys = match KeySet::parse(&issuer, keys.to_string().as_bytes()) {
        Ok(keys) => keys,
        Err(_) => return false,
    };
    let nonce = Secret::new("n".into());
    Jws::parse(token)
        .and_then(|jws| check_signature(&jws, &expectations(&issuer, &nonce), &keys))
        .is_ok()
}

fn is_symmetric(keys: &Json) -> bool {
    keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .any(|key| key["kty"] == "oct")
}

/// Runs a file; `judge` says what is expected of a vector where that is not what the file says. Returns how many were accepted and refused.
fn run(file: &str, judge: impl Fn(&Json, &Json, bool) -> bool) -> (usize, usize) {
    let file: Json = serde_json::from_str(file).unwrap();
    let (mut yes, mut no) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let key = group
            .get("public")
            .or_else(|| group.get("private"))
            .unwrap();
        let keys = if key.get("keys").is_some() {
            key.clone()
        } else {
            json!({ "keys": [key] })
        };
        for vector in group["tests"].as_array().unwrap() {
            let expected = judge(&keys, vector, vector["result"] == "valid");
            // The vectors in JSON serialisation are given as an object: as text, they are what a provider would send.
            let token = vector["jws"]
                .as_str()
                .map_or_else(|| vector["jws"].to_string(), str::to_owned);
            let accepted = accepted(&keys, &token);
            assert_eq!(
                accepted, expected,
                "{}: {}",
                vector["tcId"], vector["comment"]
            );
            if accepted { yes += 1 } else { no += 1 }
        }
    }
    (yes, no)
}

#[test]
fn json_web_signatures() {
    let (yes, no) = run(SIGNATURES, |keys, vector, valid| {
        let contradicting = [346, 347, 350, 351]
            .map(Json::from)
            .contains(&vector["tcId"]);
        valid
            // A symmetric key in a key set verifies nothing here.
            && !is_symmetric(keys)
            // An ID token has a payload.
            && vector["comment"] != "emptyPayload"
            // These keys say `alg` PS256 or "ES521", their tokens PS384 and ES512: see the next test.
            && !contradicting
    });
    assert_eq!((yes, no), (26, 375));
}

#[test]
fn json_web_signatures_whose_key_names_another_algorithm_verify_once_it_names_none() {
    let file: Json = serde_json::from_str(SIGNATURES).unwrap();
    let mut seen = 0;
    for group in file["testGroups"].as_array().unwrap() {
        for vector in group["tests"].as_array().unwrap() {
            if [346, 347, 350, 351]
                .map(Json::from)
                .contains(&vector["tcId"])
            {
                let mut key = group["public"].clone();
                assert!(!accepted(
                    &json!({ "keys": [key] }),
                    vector["jws"].as_str().unwrap()
                ));
                key.as_object_mut().unwrap().remove("alg");
                assert!(
                    accepted(&json!({ "keys": [key] }), vector["jws"].as_str().unwrap()),
                    "{}",
                    vector["tcId"]
                );
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 4);
}

#[test]
fn json_web_keys() {
    let (yes, no) = run(KEYS, |keys, _, valid| valid && !is_symmetric(keys));
    assert_eq!((yes, no), (1, 25));
}
