//! What is kept of a secret that was used up (RESP-07): enough to recognize it where a provider repeats it, and not to know it.
//!
//! It is the hash of Karp and Rabin, which moves along a text: 61 bits about a secret of 256, under a key of its own. Two texts of one
//! length have the same one by chance in 2^61 divided by their length.

use vestibule_core::limits::SEARCHED_SECRET_CHARS;
use vestibule_core::{Result, Secret};

use crate::random;

/// A Mersenne prime.
const MODULUS: u64 = (1 << 61) - 1;

/// The fingerprint of one secret.
#[derive(Debug)]
pub(crate) struct Fingerprint {
    length: usize,
    key: u64,
    /// The key to the power of the length: the weight of the byte that leaves the window.
    leaving: u64,
    hash: u64,
}

impl Fingerprint {
    /// Of a secret, unless it is too short to be told from honest text.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub(crate) fn of(secret: &Secret) -> Result<Option<Self>> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < SEARCHED_SECRET_CHARS {
            return Ok(None);
        }
        let key = random::number()? % MODULUS;
        let after = |hash, byte: &u8| add(times(hash, key), u64::from(*byte));
        Ok(Some(Self {
            length: bytes.len(),
            key,
            leaving: bytes.iter().fold(1, |power, _| times(power, key)),
            hash: bytes.iter().fold(0, after),
        }))
    }

    /// Whether the secret stands somewhere in these bytes. All of them are looked at, wherever it stands.
    #[must_use]
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        let (mut hash, mut found) = (0, false);
        for (at, entering) in bytes.iter().enumerate() {
            hash = add(times(hash, self.key), u64::from(*entering));
            let leaving = at.checked_sub(self.length).and_then(|at| bytes.get(at));
            if let Some(leaving) = leaving {
                hash = add(hash, MODULUS - times(u64::from(*leaving), self.leaving));
            }
            found |= at + 1 >= self.length && hash == self.hash;
        }
        found
    }
}

fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(MODULUS);
    // A remainder of 61 bits.
    u64::try_from(product).unwrap_or_default()
}

/// Of two numbers that are not larger than the modulus.
fn add(a: u64, b: u64) -> u64 {
    (a + b) % MODULUS
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn fingerprint(secret: &str) -> Option<Fingerprint> {
        Fingerprint::of(&Secret::new(secret.to_owned())).unwrap()
    }

    #[test]
    fn a_secret_is_recognized_wherever_it_stands_and_nothing_else_is() {
        let known = fingerprint(SECRET).unwrap();
        for (lead, tail) in [
            ("", ""),
            ("a", ""),
            ("", "z"),
            ("state=", "&more"),
            (SECRET, SECRET),
        ] {
            assert!(known.is_in(format!("{lead}{SECRET}{tail}").as_bytes()));
        }
        for at in 0..SECRET.len() {
            let mut other = SECRET.as_bytes().to_vec();
            other[at] ^= 1;
            assert!(!known.is_in(&other), "{at}");
            assert!(!known.is_in(&SECRET.as_bytes()[..at]), "{at}");
        }
        let reversed: String = SECRET.chars().rev().collect();
        assert!(!known.is_in(reversed.as_bytes()));
        assert!(!known.is_in(b""));
    }

    #[test]
    fn each_is_under_a_key_of_its_own_and_says_nothing_of_the_value() {
        let [one, other] = [SECRET, SECRET].map(|secret| fingerprint(secret).unwrap());
        assert_ne!((one.key, one.hash), (other.key, other.hash));
        assert!(!format!("{one:?}").contains(&SECRET[..8]));
    }

    #[test]
    fn a_short_value_has_none() {
        assert!(fingerprint("123456789012345").is_none());
    }
}
