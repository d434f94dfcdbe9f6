//! The user code (RFC 8628 section 6.1; DEV-09): shown exactly as it was received, or not at all.

use vestibule_core::limits::USER_CODE_CHARS;
use vestibule_core::{Error, Result};

/// A code that reads the same on every screen: letters, digits and what stands between groups of them, in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserCode(String);

impl UserCode {
    /// Takes a code.
    ///
    /// # Errors
    /// If it is too long, or has a character that moves the cursor, turns the reading direction, or looks like another one.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Err(Error::provider(
                "device.user_code",
                format!("the provider's user code {why}; it was not shown"),
            ))
        };
        if text.len() > USER_CODE_CHARS {
            return refuse(&format!("is longer than {USER_CODE_CHARS} characters"));
        }
        let is_between = |byte: u8| matches!(byte, b'-' | b' ' | b'.' | b'_');
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || is_between(byte))
        {
            return refuse("has a character that is no letter or digit of ASCII");
        }
        // A blank at an end is not seen, and so not typed.
        let ends = [text.bytes().next(), text.bytes().next_back()];
        if ends
            .iter()
            .any(|byte| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric()))
        {
            return refuse("does not begin and end with a letter or digit");
        }
        Ok(Self(text.to_owned()))
    }

    /// The code.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_honest_code_is_shown_as_it_came() {
        let longest = "A".repeat(USER_CODE_CHARS);
        for code in [
            "WDJB-MJHT",
            "wdjb-mjht",
            "123 456",
            "7",
            "A1.B2_C3",
            &longest,
        ] {
            assert_eq!(UserCode::parse(code).unwrap().as_str(), code);
        }
    }

    // proves: DEV-09
    #[test]
    fn escape_codes_and_look_alikes_are_refused() {
        for code in [
            "",
            "-",
            " WDJB",
            "WDJB ",
            "WDJB\u{1b}[2J",
            "WDJB\u{9b}31m",
            "WDJB\nMJHT",
            "WDJB\tMJHT",
            "WDJB\u{7f}",
            "WDJB\u{202e}TH",
            "WD\u{200b}JB",
            "W\u{301}DJB",
            "\u{410}BCD",
            "\u{ff21}BCD",
            "WDJB\u{2010}MJHT",
            "WDJB\u{a0}MJHT",
            "<b>WDJB",
            "WDJB\"",
            &"A".repeat(USER_CODE_CHARS + 1),
        ] {
            let error = UserCode::parse(code).unwrap_err();
            assert_eq!(error.code(), "device.user_code", "{code:?}");
            assert!(!error.message().contains("WDJB"), "{error}");
        }
    }
}
