//! Patterns of readable text (PLUG-21): a regular expression that describes the whole text, never a part of it.

use regex_lite::{Regex, RegexBuilder};

use crate::limits::{PATTERN_BYTES, PATTERN_NESTING, PATTERN_PROGRAM_BYTES};

/// A pattern that compiled within its limits. Matching takes time linear in the text.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern. It is anchored here, so that its author cannot forget to.
    pub fn parse(text: &str) -> Result<Self, PatternProblem> {
        if text.len() > PATTERN_BYTES {
            return Err(PatternProblem::TooLong);
        }
        // First by itself: `a)|(?:b` is no pattern, but would become one between the anchors and escape them.
        compile(text)?;
        compile(&format!(r"\A(?:{text})\z")).map(Self)
    }

    /// Whether the pattern describes the whole text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternProblem {
    /// Longer than any honest one.
    #[error("is longer than {PATTERN_BYTES} bytes")]
    TooLong,
    /// Not a regular expression, or one that compiles to too much.
    #[error("is not a regular expression that this host takes, or compiles to too much")]
    NotCompiled,
}

fn compile(text: &str) -> Result<Regex, PatternProblem> {
    RegexBuilder::new(text)
        .size_limit(PATTERN_PROGRAM_BYTES)
        .nest_limit(PATTERN_NESTING)
        .build()
        .map_err(|_| PatternProblem::NotCompiled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_describes_the_whole_text() {
        for (pattern, text, expected) in [
            ("[0-9]{12}", "123456789012", true),
            ("[0-9]{12}", "1234567890123", false),
            ("[0-9]{12}", "x123456789012", false),
            ("a|b", "b", true),
            ("a|b", "ab", false),
            ("(?m)a$", "a\nb", false),
            ("^a$", "a\n", false),
            (".*", "a\nb", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(
                Pattern::parse(pattern).unwrap().matches(text),
                expected,
                "{pattern} on {text:?}"
            );
        }
    }

    #[test]
    fn a_pattern_cannot_escape_its_anchors_or_its_limits() {
        let long = "a".repeat(PATTERN_BYTES + 1);
        for (pattern, problem) in [
            ("a)|(?:b", PatternProblem::NotCompiled),
            ("(?x)a#", PatternProblem::NotCompiled),
            ("[", PatternProblem::NotCompiled),
            ("((a{999}){999}){999}", PatternProblem::NotCompiled),
            (r"(a)\1", PatternProblem::NotCompiled),
            (long.as_str(), PatternProblem::TooLong),
        ] {
            assert_eq!(Pattern::parse(pattern).err(), Some(problem), "{pattern}");
        }
    }
}
