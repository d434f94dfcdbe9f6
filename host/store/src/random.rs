//! Random bytes, or an error: never a weaker source.

use vestibule_core::{Error, Result};

/// Fresh random bytes from the operating system.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills a buffer with random bytes from the operating system.
pub(crate) fn fill(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(|error| {
        Error::host(
            "host.random",
            format!("this machine gives no random bytes: {error}"),
        )
    })
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes of lower-case hexadecimal of exactly this length.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let legal = text.len() == N * 2 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !legal {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (byte, index) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(index..index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_comes_back_and_nothing_else_is_taken() {
        assert_eq!(from_hex::<3>(&hex(&[0, 0xAB, 0xFF])), Some([0, 0xAB, 0xFF]));
        for bad in ["00abf", "00ABFF", "00abfff", "+0abff", "zzzzzz", ""] {
            assert_eq!(from_hex::<3>(bad), None, "{bad}");
        }
    }
}
