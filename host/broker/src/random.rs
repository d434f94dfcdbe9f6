//! Random values that nobody can guess (RFC 6749 section 10.10), from the system's generator.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_core::{Error, Result, Secret};
use zeroize::Zeroizing;

/// 64 bits.
pub(crate) fn number() -> Result<u64> {
    getrandom::u64().map_err(|_| unavailable())
}

/// 256 bits, as 43 characters of base64url: what a `state`, a `nonce` and a code verifier are made of. It fails only where the
/// system has no random numbers, in which case nothing may go on.
pub fn fresh() -> Result<Secret> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| unavailable())?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

fn unavailable() -> Error {
    Error::host(
        "random.unavailable",
        "the system's random number generator does not answer",
    )
}
