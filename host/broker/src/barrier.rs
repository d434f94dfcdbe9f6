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
        if self.needles.is_empty() && self.erased.is_none() {
            return false;
        }
        // No encoding makes a text shorter than what it encodes.
        if text.len() < SEARCHED_SECRET_CHARS {
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
        if let [b'%', high, low, after @ ..] = rest
            && let Some(byte) = hex_pair(*high, *low)
        {
            decoded.push(byte);
            rest = after;
        } else {
            decoded.push(if *first == b'+' { b' ' } else { *first });
            rest = tail;
        }
    }
    decoded
}

/// Undoes the escapes of RFC 8259 section 7, in text that need not be a whole JSON string.
fn json_unescaped(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let Some(character) = unicode_escape(rest) {
            decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            let after = rest.get(ESCAPED_UNIT * character.len_utf16()..);
            rest = after.unwrap_or_default();
        } else if let [b'\\', escaped, after @ ..] = rest {
            decoded.push(match escaped {
                b'b' => b'\x08',
                b'f' => b'\x0c',
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => *other,
            });
            rest = after;
        } else {
            decoded.push(*first);
            rest = tail;
        }
    }
    decoded
}

/// The bytes that a unit of UTF-16 takes as `\uXXXX`.
const ESCAPED_UNIT: usize = 6;

/// The character that a text begins with as `\uXXXX`, or as two of these, the halves of one beyond 16 bits.
fn unicode_escape(text: &[u8]) -> Option<char> {
    let unit = utf16_unit(text)?;
    // Zero is no half: it makes nothing whole.
    let next = text.get(ESCAPED_UNIT..).and_then(utf16_unit).unwrap_or(0);
    let character = char::decode_utf16([unit, next]).next()?;
    // A half alone stands for one unit, as its replacement does.
    Some(character.unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn utf16_unit(text: &[u8]) -> Option<u16> {
    let [b'\\', b'u', a, b, c, d, ..] = text else {
        return None;
    };
    Some(u16::from_be_bytes([hex_pair(*a, *b)?, hex_pair(*c, *d)?]))
}

fn hex_decoded(run: &[u8]) -> Zeroizing<Vec<u8>> {
    let (pairs, _) = run.as_chunks();
    Zeroizing::new(
        pairs
            .iter()
            .filter_map(|[high, low]| hex_pair(*high, *low))
            .collect(),
    )
}

/// The byte that two hexadecimal digits stand for.
fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    Some(digit(high)? * 16 + digit(low)?)
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
mod tests;
