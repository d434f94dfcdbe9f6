//! The second barrier (PLUG-07): what is about to enter a guest, and what a guest wants sent or shown, is searched for live secrets.
//!
//! The first barrier is that replies are deny-by-default. This one catches what a provider reflects through a member that was
//! declared readable, and what a plugin has got to know all the same. It matches whole secrets only, of 16 characters and more, so
//! that it is no oracle for guesses.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem::Finder;
use vestibule_core::limits::SEARCHED_SECRET_CHARS;
use vestibule_core::step::Step;
use vestibule_core::{Barrier, Enters, Error, Result, Secret};
use zeroize::Zeroizing;

use crate::fingerprint::Fingerprints;
use crate::vault::Vault;

impl Barrier for Vault {
    fn search(&self, entering: &dyn Enters) -> Result<()> {
        let search = self.search_for_secrets();
        let mut found = false;
        // No early return: how long the search takes says nothing about where it found something.
        entering.for_each_word(&mut |word| found |= search.finds_in(word));
        if found {
            return Err(Error::provider("barrier.secret", "the provider's reply repeats a secret in a member that the plugin may read; the sign-in was ended")
                .hint("report this to the provider: its reply echoes credentials"));
        }
        Ok(())
    }
}

/// Refuses a step that holds a live secret in any encoding. A plugin has references; one that has a secret got it where it should not.
pub fn check_step(step: &Step, vault: &Vault) -> Result<()> {
    let search = vault.search_for_secrets();
    let mut found = false;
    step.for_each_text(&mut |text| found |= search.finds_in(text));
    if found {
        return Err(Error::plugin(
            "barrier.step",
            "the plugin wanted to send or show a secret that it should not know; the flow was ended",
        )
        .hint("report this: the plugin has got to know a secret"));
    }
    Ok(())
}

/// A search for secrets: plain, or percent-, base64-, base64url-, hex- or JSON-encoded.
pub struct Search<'a> {
    needles: Vec<Finder<'a>>,
    erased: Option<&'a Fingerprints>,
}

impl<'a> Search<'a> {
    /// For these secrets, as far as they are long enough to be told from honest text.
    pub fn of(secrets: impl Iterator<Item = &'a Secret>) -> Self {
        let needles = secrets
            .map(|secret| secret.expose().as_bytes())
            .filter(|secret| secret.len() >= SEARCHED_SECRET_CHARS)
            .map(Finder::new);
        Self {
            needles: needles.collect(),
            erased: None,
        }
    }

    /// And for these, which were erased.
    pub(crate) fn and_erased(self, erased: &'a Fingerprints) -> Self {
        let erased = Some(erased).filter(|erased| !erased.is_empty());
        Self { erased, ..self }
    }

    /// Whether a text holds one of them.
    #[must_use]
    pub fn finds_in(&self, text: &str) -> bool {
        let none = self.needles.is_empty() && self.erased.is_none();
        if none || text.len() < SEARCHED_SECRET_CHARS {
            return false;
        }
        let views = views_of(text);
        let found = |needle: &Finder<'_>| {
            views
                .iter()
                .fold(false, |found, view| found | needle.find(view).is_some())
        };
        let live = self
            .needles
            .iter()
            .fold(false, |any, needle| any | found(needle));
        let was_there = |erased: &Fingerprints| {
            views
                .iter()
                .fold(false, |found, view| found | erased.any_in(view))
        };
        live | self.erased.is_some_and(was_there)
    }
}

/// The text as it stands and as every decoder would read it. Undoing the encodings, rather than making them, also finds a secret
/// that starts in the middle of an encoded text, or that is only partly escaped.
fn views_of(text: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let plain = Zeroizing::new(text.as_bytes().to_vec());
    let once = Zeroizing::new(percent_decoded(&plain));
    let twice = Zeroizing::new(percent_decoded(&once));
    let unescaped = Zeroizing::new(json_unescaped(text));
    let mut views = vec![plain];
    for view in [once, twice, unescaped] {
        // Most texts have nothing to undo, and are looked at once.
        if !views.contains(&view) {
            views.push(view);
        }
    }
    let mut decoded = Vec::new();
    for view in &views {
        for run in runs(view, |b| b.is_ascii_hexdigit()) {
            decoded.extend((0..2).filter_map(|skip| run.get(skip..)).map(hex_decoded));
        }
        for run in runs(view, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_')
        }) {
            decoded.extend(
                (0..4)
                    .filter_map(|skip| run.get(skip..))
                    .map(base64_decoded),
            );
        }
    }
    views.append(&mut decoded);
    views
}

fn runs(bytes: &[u8], member: impl Fn(&u8) -> bool) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(move |b| !member(b))
        .filter(|run| run.len() >= SEARCHED_SECRET_CHARS)
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                decoded.push(hex_pair(*high, *low));
                rest = after;
            }
            (b'+', _) => {
                decoded.push(b' ');
                rest = tail;
            }
            _ => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    decoded
}

/// Undoes the escapes of RFC 8259 section 7, in text that need not be a whole JSON string.
fn json_unescaped(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'\\', [b'u', a, b, c, d, after @ ..])
                if [a, b, c, d].iter().all(|h| h.is_ascii_hexdigit()) =>
            {
                let unit = u32::from(hex_pair(*a, *b)) << 8 | u32::from(hex_pair(*c, *d));
                let character = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                decoded.push(*escaped);
                rest = after;
            }
            _ => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    decoded
}

fn hex_decoded(run: &[u8]) -> Zeroizing<Vec<u8>> {
    let pairs = run.chunks_exact(2);
    Zeroizing::new(
        pairs
            .filter_map(|pair| {
                if let [high, low] = pair {
                    Some(hex_pair(*high, *low))
                } else {
                    None
                }
            })
            .collect(),
    )
}

fn hex_pair(high: u8, low: u8) -> u8 {
    let digit = |b: u8| {
        (b as char)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
            .unwrap_or(0)
    };
    digit(high) << 4 | digit(low)
}

/// Reads a run as base64 in both alphabets at once; a tail that is no whole group is left out.
fn base64_decoded(run: &[u8]) -> Zeroizing<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    let mut standard: Zeroizing<Vec<u8>> = Zeroizing::new(
        run.iter()
            .map(|b| match b {
                b'-' => b'+',
                b'_' => b'/',
                other => *other,
            })
            .collect(),
    );
    if standard.len() % 4 == 1 {
        standard.pop();
    }
    Zeroizing::new(ENGINE.decode(standard.as_slice()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

    use super::*;

    const MARKER: &str = "S3cret+Marker/with?odd=chars&<\"\\>~";

    fn hit(text: &str) -> bool {
        Search::of([Secret::new(MARKER.to_owned())].iter()).finds_in(text)
    }

    fn percent_encoded(text: &str) -> String {
        text.bytes().map(|b| format!("%{b:02X}")).collect()
    }

    #[test]
    fn a_secret_is_found_in_every_encoding_at_every_offset() {
        let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
        let form: String = url::form_urlencoded::byte_serialize(MARKER.as_bytes()).collect();
        let json = serde_json::to_string(MARKER).unwrap();
        let unicode: String = MARKER
            .chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect();
        for lead in ["", "a", "ab", "abc", "abcd "] {
            for tail in ["", "z", "yz"] {
                let wrapped = format!("{lead}{MARKER}{tail}");
                for encoded in [
                    wrapped.clone(),
                    format!("{lead}{}{tail}", percent_encoded(MARKER)),
                    format!("{lead}{}{tail}", percent_encoded(&percent_encoded(MARKER))),
                    format!("{lead}{form}{tail}"),
                    format!("{lead}{json}{tail}"),
                    format!("{lead}{unicode}{tail}"),
                    BASE64_STANDARD.encode(&wrapped),
                    BASE64_URL_SAFE_NO_PAD.encode(&wrapped),
                    hex(&wrapped),
                    hex(&wrapped).to_uppercase(),
                    format!("x{}", hex(&wrapped)),
                ] {
                    assert!(hit(&encoded), "{encoded}");
                }
            }
        }
    }

    #[test]
    fn growing_guesses_change_nothing_until_the_whole_secret_is_there() {
        for length in 0..MARKER.len() {
            assert!(!hit(&MARKER[..length]), "{length}");
        }
        assert!(hit(MARKER));
    }

    #[test]
    fn short_values_are_not_searched_for() {
        let short = [Secret::new("123456789012345".to_owned())];
        assert!(!Search::of(short.iter()).finds_in("the code is 123456789012345 here"));
    }

    #[test]
    fn ordinary_text_passes() {
        for text in [
            "",
            "ada@example.test",
            "arn:aws:iam::123456789012:role/Admin",
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "%%%+%zz\\u12",
        ] {
            assert!(!hit(text), "{text}");
        }
    }
}
