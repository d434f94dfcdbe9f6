//! Spans of time, as a tenant file writes them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::text::Shown;

/// A span of time in a tenant file: `"90s"`, `"45m"`, `"12h"`, `"30d"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// The span.
    #[must_use]
    pub fn as_secs(self) -> u64 {
        self.0.as_secs()
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let problem = || {
            format!(
                "\"{}\" is not a span of time: write \"90s\", \"45m\", \"12h\" or \"30d\"",
                Shown::new(&text)
            )
        };
        let unit = match text.chars().last() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            _ => return Err(problem()),
        };
        let number = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        let count: u64 = if number.bytes().all(|b| b.is_ascii_digit()) {
            number.parse().map_err(|_| problem())?
        } else {
            return Err(problem());
        };
        let seconds = count
            .checked_mul(unit)
            .filter(|s| (1..=10 * 365 * 86_400).contains(s))
            .ok_or_else(problem)?;
        Ok(Self(Duration::from_secs(seconds)))
    }
}

impl std::fmt::Display for Span {
    /// In the largest unit that says it exactly: `12h`, `90s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.as_secs();
        let (unit, letter) = [(86_400, 'd'), (3600, 'h'), (60, 'm')]
            .into_iter()
            .find(|(unit, _)| seconds.is_multiple_of(*unit))
            .unwrap_or((1, 's'));
        write!(f, "{}{letter}", seconds / unit)
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        format!("{}s", span.0.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit_and_a_bound() {
        for (text, seconds) in [
            ("90s", 90),
            ("45m", 2700),
            ("12h", 43_200),
            ("30d", 2_592_000),
        ] {
            assert_eq!(Span::try_from(text.to_owned()).unwrap().as_secs(), seconds);
        }
        for bad in [
            "",
            "s",
            "10",
            "-1s",
            "1.5h",
            "0s",
            "99999999999d",
            "1w",
            "+1s",
        ] {
            assert!(Span::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_span_is_shown_in_its_largest_unit() {
        for text in ["90s", "45m", "12h", "30d", "36h"] {
            assert_eq!(Span::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        assert_eq!(Span::try_from("24h".to_owned()).unwrap().to_string(), "1d");
    }
}
