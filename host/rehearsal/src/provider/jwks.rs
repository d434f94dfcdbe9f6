//! RFC 7517 §5: the key set.

use serde_json::json;

use crate::keys::kid;
use crate::members::Members;
use crate::script::SigningAlgorithm;
use crate::stage::Scene;
use crate::twist::JwksTwist;
use crate::wire::Response;

/// Keys of [`JwksTwist::Huge`].
const HUGE: usize = 100_000;

pub(super) fn document(scene: &Scene<'_>) -> Response {
    let keys = &scene.stage.keys;
    let mut set: Vec<String> = keys.jwks().iter().map(Members::render).collect();
    for twist in scene.jwks_twists() {
        match twist {
            JwksTwist::Huge => {
                let filler =
                    |n: usize| keys.stray_jwk().with("kid", format!("filler-{n}")).render();
                set = (0..HUGE).map(filler).chain(set).collect();
            }
            JwksTwist::MixedBad => set = bad_keys().into_iter().chain(set).collect(),
            JwksTwist::KidOfOtherTypes => {
                let wanted = kid(scene.script.signing);
                let others = [Some(keys.stray_jwk()), keys.rs256_jwk()]
                    .into_iter()
                    .flatten();
                set = others
                    .map(|jwk| jwk.with("kid", wanted).render())
                    .chain(set)
                    .collect();
            }
            JwksTwist::ForEncryption => {
                set = keys
                    .jwks()
                    .into_iter()
                    .map(|jwk| jwk.with("use", "enc").render())
                    .collect();
            }
            JwksTwist::TwoFit => set.push(
                keys.stray_jwk()
                    .with("kid", "practice-ec-2")
                    .with("use", "sig")
                    .render(),
            ),
            JwksTwist::Empty => set.clear(),
        }
    }
    Response::new(
        200,
        "application/json",
        format!("{{\"keys\":[{}]}}", set.join(",")),
    )
}

/// One of each kind that must be passed over.
fn bad_keys() -> Vec<String> {
    let kid = kid(SigningAlgorithm::Es256);
    let zeros = "A".repeat(43);
    let short_modulus = "v".repeat(86);
    [
        json!({"kty": "XYZ", "kid": kid, "x": "AA"}),
        json!({"kty": "EC", "kid": kid, "crv": "P-256"}),
        json!({"kty": "oct", "kid": kid, "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "alg": "HS256"}),
        json!({"kty": "EC", "kid": kid, "crv": "P-256", "x": zeros, "y": zeros, "d": zeros}),
        json!({"kty": "RSA", "kid": kid, "n": short_modulus, "e": "AQAB", "alg": "RS256"}),
        json!({"kty": "EC", "kid": kid, "crv": "P-256", "x": "AQ", "y": "AQ", "alg": "ES256"}),
        json!("not an object"),
        json!(null),
    ]
    .iter()
    .map(ToString::to_string)
    .collect()
}
