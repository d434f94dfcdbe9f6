//! Where something stands in a file of ours: an error points at its line.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::text::Shown;

/// A TOML text with the places of its keys.
pub struct Written<'a> {
    text: &'a str,
    table: Option<Spanned<DeTable<'a>>>,
}

impl<'a> Written<'a> {
    /// Looks at a text. One that is no TOML has no keys.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            table: DeTable::parse(text).ok(),
        }
    }

    /// Whether the file has this key.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        self.line(path).is_some()
    }

    /// The line of this key, counted from 1; nothing if the file does not have it.
    #[must_use]
    pub fn line(&self, path: &[&str]) -> Option<usize> {
        let mut table = self.table.as_ref()?.get_ref();
        let (last, above) = path.split_last()?;
        for name in above {
            let (_, value) = find(table, name)?;
            table = value.get_ref().as_table()?;
        }
        let (key, _) = find(table, last)?;
        Some(line_at(self.text, key.span().start))
    }
}

type Entry<'t, 'a> = (
    &'t Spanned<toml::de::DeString<'a>>,
    &'t Spanned<DeValue<'a>>,
);

fn find<'t, 'a>(table: &'t DeTable<'a>, name: &str) -> Option<Entry<'t, 'a>> {
    table.iter().find(|(key, _)| key.get_ref() == name)
}

/// Parses a text into what it means.
///
/// # Errors
/// What is wrong, with ", line N" before it where that is known.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    toml::from_str(text).map_err(|problem| Misread {
        line: problem.span().map(|span| line_at(text, span.start)),
        message: Shown::new(problem.message()).to_string(),
    })
}

/// What a text cannot mean.
pub(super) struct Misread {
    pub(super) line: Option<usize>,
    pub(super) message: String,
}

/// The name of a file with a line of it, as an error says it.
pub(super) fn at(file: &str, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{file}, line {line}"),
        None => file.to_owned(),
    }
}

pub(super) fn line_at(text: &str, at: usize) -> usize {
    text.get(..at)
        .map_or(0, |before| before.matches('\n').count())
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
plugin = \"p\"

[policy]
methods = [\"browser\"]
identity.claims.tid = [\"a\"]
device = { max_session = \"1h\" }

[policy.identity.claims]
hd = [\"b\"]
";

    #[test]
    fn a_key_has_a_line_however_it_is_written() {
        let written = Written::new(&TEXT[..TEXT.find("\n[policy.i").unwrap()]);
        assert_eq!(written.line(&["plugin"]), Some(1));
        assert_eq!(written.line(&["policy"]), Some(3));
        assert_eq!(written.line(&["policy", "methods"]), Some(4));
        assert_eq!(
            written.line(&["policy", "identity", "claims", "tid"]),
            Some(5)
        );
        assert_eq!(written.line(&["policy", "device", "max_session"]), Some(6));
        assert_eq!(written.line(&["policy", "risk"]), None);
        assert!(!written.has(&["plugin", "x"]));
        assert!(!written.has(&[]));
    }

    #[test]
    fn a_text_that_is_no_toml_has_no_keys() {
        let written = Written::new("plugin = ");
        assert_eq!(written.line(&["plugin"]), None);
    }
}
