//! Where the provider's secrets come from: one seed from the operating system, then SHA-256 over seed and counter.
//!
//! The system's generator can fail, and it is asked once, at the start; after that nothing in a flow can.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::encoding::{base64url, sha256};

pub(crate) struct Mint {
    seed: [u8; 32],
    drawn: AtomicU64,
}

impl Mint {
    /// # Errors
    /// The operating system has no random bytes to give.
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
        Ok(Self {
            seed,
            drawn: AtomicU64::new(0),
        })
    }

    /// A fresh value of 256 bits behind a prefix that tells a reader of a log what leaked.
    pub(crate) fn token(&self, prefix: &str) -> String {
        format!("{prefix}{}", base64url(self.bytes()))
    }

    /// A user code in the character set of RFC 8628 §6.1, as `XXXX-XXXX`: 20^8 is about 34 bits.
    pub(crate) fn user_code(&self) -> String {
        const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
        let letters: Vec<char> = self
            .bytes()
            .into_iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()))
            .map(|letter| char::from(*letter))
            .collect();
        let (first, second): (String, String) = (
            letters.iter().take(4).collect(),
            letters.iter().skip(4).take(4).collect(),
        );
        format!("{first}-{second}")
    }

    fn bytes(&self) -> Vec<u8> {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut input = self.seed.to_vec();
        input.extend_from_slice(&number.to_be_bytes());
        sha256(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_comes_twice() {
        let mint = Mint::new().unwrap();
        let values: std::collections::HashSet<_> = (0..1_000).map(|_| mint.token("x_")).collect();
        assert_eq!(values.len(), 1_000);
    }

    #[test]
    fn a_user_code_has_two_halves_of_four_consonants() {
        let code = Mint::new().unwrap().user_code();
        assert_eq!(code.len(), 9);
        assert!(
            code.chars()
                .filter(|c| *c != '-')
                .all(|c| "BCDFGHJKLMNPQRSTVWXZ".contains(c))
        );
    }
}
