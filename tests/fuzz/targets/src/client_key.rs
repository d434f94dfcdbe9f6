//! The private key of a client (RFC 5958, RFC 7517), from a file that somebody has written.

use vestibule_broker::fuzzing;
use vestibule_core::Secret;

/// What is taken signs, by one of four algorithms, and what is not says nothing of what was there.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    match fuzzing::client_key(&Secret::new(text.to_owned()), b"a message") {
        Ok((algorithm, signature)) => {
            assert!(["ES256", "EdDSA", "RS256", "PS256"].contains(&algorithm));
            assert!(signature.len() >= 64);
            true
        }
        Err(problem) => {
            assert_eq!(problem.code(), "client_key.format");
            false
        }
    }
}
