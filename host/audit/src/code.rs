//! HMAC-SHA256 (RFC 2104) over the bytes of a line, for a purpose.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// Hexadecimal digits of a code.
pub(crate) const DIGITS: usize = 64;

/// What stands where there is no record before.
pub(crate) const NONE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The code of these bytes, in hexadecimal.
pub(crate) fn of(key: &[u8; 32], purpose: &[u8], bytes: &[u8]) -> String {
    hex(&keyed(key, purpose, bytes).finalize().into_bytes())
}

/// Whether this is their code. Takes the same time for every wrong code.
pub(crate) fn verifies(key: &[u8; 32], purpose: &[u8], bytes: &[u8], code: &str) -> bool {
    from_hex(code).is_some_and(|code| keyed(key, purpose, bytes).verify_slice(&code).is_ok())
}

fn keyed(key: &[u8; 32], purpose: &[u8], bytes: &[u8]) -> Hmac<Sha256> {
    // A key of the block's length needs no fallible constructor; padding with zeros is what HMAC itself does.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block);
    block.as_mut_slice().zeroize();
    // The purposes end with a line break, which no line holds: no two of them read alike.
    mac.update(purpose);
    mac.update(b"\n");
    mac.update(bytes);
    mac
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let legal =
        text.len() == DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0_u8; 32];
    for (byte, index) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(index..index + 2)?, 16).ok()?;
    }
    legal.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_one_key_purpose_and_text() {
        let code = of(&[7; 32], b"p", b"text");
        assert!(verifies(&[7; 32], b"p", b"text", &code));
        assert!(!verifies(&[8; 32], b"p", b"text", &code));
        assert!(!verifies(&[7; 32], b"q", b"text", &code));
        assert!(!verifies(&[7; 32], b"p", b"texts", &code));
        for wrong in ["", "zz", &code[1..], &code.to_uppercase(), NONE] {
            assert!(!verifies(&[7; 32], b"p", b"text", wrong), "{wrong}");
        }
    }
}
