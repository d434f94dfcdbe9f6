//! Proof Key for Code Exchange (RFC 7636). S256 is the only method here, so that nothing can fall back to `plain`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_core::{Result, Secret};

use crate::{hash, random};

/// The name of the only method (RFC 7636 section 4.2).
pub const METHOD: &str = "S256";

/// A code verifier (RFC 7636 section 4.1). It serves one authorization request; there is no way to make two of one.
#[derive(Debug)]
pub struct Verifier(Secret);

impl Verifier {
    /// 256 random bits in 43 characters. It fails only where the system has no random numbers.
    pub fn fresh() -> Result<Self> {
        random::fresh().map(Self)
    }

    /// `code_challenge` (RFC 7636 section 4.2): `BASE64URL(SHA256(verifier))`.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge(URL_SAFE_NO_PAD.encode(hash::sha256(self.0.expose())))
    }

    /// The value of `code_verifier`, for the one token request that it belongs to.
    #[must_use]
    pub fn into_secret(self) -> Secret {
        self.0
    }
}

/// A code challenge by S256. Not a secret: it travels through the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// The value of `code_challenge`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};
    use std::io::{self, Write};
    use std::process::Command;
    use std::thread;

    use super::*;

    // proves: PKCE-04
    #[test]
    fn the_challenge_of_appendix_b_is_reproduced() {
        let verifier = Verifier(Secret::new(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
        ));
        assert_eq!(
            verifier.challenge().as_str(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    /// Set in the processes that the test below starts: they print verifiers instead of judging them.
    const PRINT: &str = "VESTIBULE_TEST_PRINT_VERIFIERS";

    // proves: PKCE-03
    #[test]
    fn ten_thousand_verifiers_over_restarts_and_threads_are_all_different_and_use_all_their_bits() {
        if std::env::var_os(PRINT).is_some() {
            for verifier in draw(2_000) {
                writeln!(io::stdout(), "verifier:{verifier}").unwrap();
            }
            return;
        }
        let restarted: Vec<_> = (0..2)
            .map(|_| thread::spawn(draw_in_a_new_process))
            .collect();
        let concurrent: Vec<_> = (0..6).map(|_| thread::spawn(|| draw(1_000))).collect();
        let all: Vec<String> = restarted
            .into_iter()
            .chain(concurrent)
            .flat_map(|drawn| drawn.join().unwrap())
            .collect();

        assert_eq!(all.len(), 10_000);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 10_000);
        let mut seen = vec![BTreeSet::new(); 43];
        for verifier in &all {
            assert_eq!(verifier.len(), 43);
            for (place, letter) in verifier.bytes().enumerate() {
                assert!(letter.is_ascii_alphanumeric() || b"-._~".contains(&letter));
                seen[place].insert(letter);
            }
        }
        // 42 places of 6 bits and one of 4 are 256 bits. A place that never shows a value would betray missing ones.
        assert!(seen[..42].iter().all(|letters| letters.len() == 64));
        assert_eq!(seen[42].len(), 16);
    }

    fn draw(count: usize) -> Vec<String> {
        (0..count)
            .map(|_| Verifier::fresh().unwrap().0.expose().to_owned())
            .collect()
    }

    fn draw_in_a_new_process() -> Vec<String> {
        let this_test = "pkce::tests::ten_thousand_verifiers_over_restarts_and_threads_are_all_different_and_use_all_their_bits";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", this_test, "--nocapture"])
            .env(PRINT, "1")
            .output()
            .unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| line.split_once("verifier:"))
            .map(|(_, verifier)| verifier.to_owned())
            .collect()
    }
}
