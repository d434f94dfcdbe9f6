//! Key sets (RFC 7517).

use serde_json::Value;
use vestibule_broker::jwks::{Algorithm, KeySet};
use vestibule_core::Issuer;
use vestibule_core::limits::JWKS_KEYS;

/// No private or symmetric key is taken, a chosen key fits its algorithm and verifies nothing by accident, and there are no more keys
/// than entries.
pub fn run(bytes: &[u8]) -> bool {
    let issuer = Issuer::parse("https://idp.example").unwrap();
    let Ok(set) = KeySet::parse(&issuer, bytes) else {
        return false;
    };
    let text: Value = serde_json::from_slice(bytes).expect("a key set is JSON");
    let entries = text["keys"].as_array().expect("a key set has a list");
    let public = |entry: &&Value| {
        ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
            .iter()
            .all(|private| entry.get(private).is_none())
    };
    let usable = entries.iter().take(JWKS_KEYS).filter(public).count();
    assert!(set.len() <= usable);
    let kids = entries.iter().map(|entry| entry["kid"].as_str());
    for kid in kids.chain([None]).take(8) {
        for algorithm in Algorithm::ALL {
            let Ok(key) = set.choose(algorithm, kid) else {
                continue;
            };
            assert!(kid.is_none() || key.kid() == kid);
            assert!(key.fits(algorithm));
            assert!(!key.verifies(algorithm, b"a message", &[0; 64]));
        }
    }
    !set.is_empty()
}
