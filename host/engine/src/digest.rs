//! The digest of a component: how plugins are pinned, cached and named.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use vestibule_core::{Error, Shown};

/// SHA-256 of a component's bytes, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PluginDigest([u8; 32]);

const PREFIX: &str = "sha256:";

impl PluginDigest {
    /// Digests a component.
    #[must_use]
    pub fn of(component: &[u8]) -> Self {
        Self(Sha256::digest(component).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PluginDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PluginDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PluginDigest {
    type Err = Error;

    /// Reads the written form. Exactly one spelling is legal, so that equal digests are equal texts.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).map(Self).ok_or_else(|| {
            Error::config(
                "plugin.digest",
                format!(
                    "\"{}\" is not a digest: sha256: and 64 lower-case hexadecimal digits",
                    Shown::new(text)
                ),
            )
        })
    }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix(PREFIX)?.as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_form_is_the_only_one_that_is_read() {
        let digest = PluginDigest::of(b"abc");
        let text = digest.to_string();
        assert_eq!(
            text,
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(text.parse::<PluginDigest>().unwrap(), digest);
        for bad in [
            "",
            "sha256:",
            &text.to_uppercase(),
            &text[7..],
            &text[..70],
            &format!("{text}0"),
            &format!("{text}00"),
            &text.replace('b', "g"),
        ] {
            assert!(bad.parse::<PluginDigest>().is_err(), "{bad}");
        }
    }
}
