//! What is kept of secrets that were used up (RESP-07): enough to recognize one where a provider repeats it, and not to know it.
//!
//! It is the hash of Karp and Rabin, which moves along a text: 64 bits about a secret of 256, under a random key. A text that only looks
//! like a secret ends a flow that did nothing wrong, with a chance of one in 2^50 and less.

use vestibule_core::limits::SEARCHED_SECRET_CHARS;
use vestibule_core::{Result, Secret};

use crate::random;

/// The fingerprints of one flow.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    /// Those of one length are searched for at once: state, nonce and verifier are.
    of_length: Vec<OfLength>,
}

#[derive(Debug)]
struct OfLength {
    length: usize,
    key: u64,
    /// The key to the power of the length: the weight of the byte that leaves the window.
    leaving: u64,
    hashes: Vec<u64>,
}

impl Fingerprints {
    /// Adds that of a secret, unless it is too short to be told from honest text.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub(crate) fn add(&mut self, secret: &Secret) -> Result<()> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < SEARCHED_SECRET_CHARS {
            return Ok(());
        }
        let same = |known: &&mut OfLength| known.length == bytes.len();
        if let Some(known) = self.of_length.iter_mut().find(same) {
            known.hashes.push(hash(known.key, bytes));
            return Ok(());
        }
        // An even one would forget the beginning.
        let key = random::number()? | 1;
        self.of_length.push(OfLength {
            length: bytes.len(),
            key,
            leaving: bytes.iter().fold(1, |power, _| key.wrapping_mul(power)),
            hashes: vec![hash(key, bytes)],
        });
        Ok(())
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.of_length.is_empty()
    }

    /// Whether one of the secrets stands somewhere in these bytes. All of them are looked at, wherever it stands.
    pub(crate) fn any_in(&self, bytes: &[u8]) -> bool {
        self.of_length
            .iter()
            .fold(false, |found, known| found | known.any_in(bytes))
    }
}

impl OfLength {
    fn any_in(&self, bytes: &[u8]) -> bool {
        let Some((first, rest)) = bytes.split_at_checked(self.length) else {
            return false;
        };
        let mut hash = hash(self.key, first);
        let mut found = self.hashes.contains(&hash);
        for (leaving, entering) in bytes.iter().zip(rest) {
            hash = step(self.key, hash, *entering)
                .wrapping_sub(self.leaving.wrapping_mul(u64::from(*leaving)));
            found |= self.hashes.contains(&hash);
        }
        found
    }
}

fn hash(key: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |hash, byte| step(key, hash, *byte))
}

fn step(key: u64, hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(key).wrapping_add(u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const OTHER: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const LONGER: &str = "code-SplxlOBeZQQYbYS6WxSbIASplxlOBeZQQYbYS6WxSbIA";

    fn of(secrets: &[&str]) -> Fingerprints {
        let mut known = Fingerprints::default();
        for secret in secrets {
            known.add(&Secret::new((*secret).to_owned())).unwrap();
        }
        known
    }

    #[test]
    fn each_secret_is_recognized_wherever_it_stands_and_nothing_else_is() {
        let known = of(&[SECRET, OTHER, LONGER]);
        for secret in [SECRET, OTHER, LONGER] {
            for (lead, tail) in [
                ("", ""),
                ("a", ""),
                ("", "z"),
                ("state=", "&more"),
                ("x", secret),
            ] {
                assert!(known.any_in(format!("{lead}{secret}{tail}").as_bytes()));
            }
            for at in 0..secret.len() {
                let mut changed = secret.as_bytes().to_vec();
                changed[at] ^= 1;
                assert!(!known.any_in(&changed), "{at}");
                assert!(!known.any_in(&secret.as_bytes()[..at]), "{at}");
            }
            let reversed: String = secret.chars().rev().collect();
            assert!(!known.any_in(reversed.as_bytes()));
        }
        assert!(!known.any_in(b""));
    }

    #[test]
    fn they_are_under_keys_of_their_own_and_say_nothing_of_the_value() {
        let [one, other] = [SECRET, SECRET].map(|secret| of(&[secret]));
        assert_ne!(one.of_length[0].hashes, other.of_length[0].hashes);
        assert!(!format!("{one:?}").contains(&SECRET[..8]));
    }

    #[test]
    fn a_short_value_has_none() {
        assert!(of(&["123456789012345"]).is_empty());
    }
}
