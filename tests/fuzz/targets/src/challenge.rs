//! A resource's challenge that asks for a stronger sign-in (RFC 9470), as whoever answers with status 401 writes it.

use vestibule_broker::challenge;
use vestibule_core::limits::CHALLENGE_BYTES;

/// What is taken demands something, in bounds, that can stand in an authorization request; what is not is the resource's fault.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    match challenge::parse(text) {
        Ok(demand) => {
            assert!(!demand.is_empty());
            assert!(demand.acr_values.len() <= 16);
            for value in &demand.acr_values {
                assert!((1..=255).contains(&value.len()));
                assert!(
                    value.bytes().all(|byte| matches!(byte, b'!'..=b'~')),
                    "{value:?}"
                );
            }
            assert!(demand.max_age.is_none_or(|age| age <= 10 * 365 * 86_400));
            assert!(
                demand
                    .claims
                    .is_none_or(|claims| claims.len() < CHALLENGE_BYTES)
            );
            true
        }
        Err(problem) => {
            assert!(problem.code().starts_with("challenge."), "{problem:?}");
            false
        }
    }
}
