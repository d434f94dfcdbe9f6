//! `at_hash` (OIDC Core section 3.1.3.6): the ID token says which access token belongs to it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use vestibule_core::Result;

use super::{AtHash, Expectations, refuse};
use crate::hash::{sha256, sha384, sha512};
use crate::jwks::Algorithm;

/// Checks the claim, if there is one and an access token to compare it with.
pub(super) fn check(
    claim: Option<&str>,
    algorithm: Algorithm,
    expected: &Expectations<'_>,
) -> Result<()> {
    match (claim, expected.access_token) {
        (_, None) => Ok(()),
        (None, Some(_)) => match expected.at_hash {
            AtHash::Optional => Ok(()),
            AtHash::Required => Err(refuse(
                "id_token.at_hash",
                "lacks at_hash, which this issuer used to send",
            )),
        },
        (Some(claim), Some(token)) => {
            let right = of(algorithm, token.expose().as_bytes());
            if claim.as_bytes().ct_eq(right.as_bytes()).into() {
                return Ok(());
            }
            Err(refuse(
                "id_token.at_hash",
                "belongs to another access token",
            ))
        }
    }
}

/// The left half of the hash that belongs to the algorithm, in base64url.
pub(super) fn of(algorithm: Algorithm, access_token: &[u8]) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => sha256(access_token).to_vec(),
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => sha384(access_token),
        // Ed25519 hashes with SHA-512 inside (RFC 8032), and that is what providers take.
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::Es512 | Algorithm::Ed25519 => {
            sha512(access_token)
        }
    };
    let half = hash.get(..hash.len() / 2).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(half)
}
