//! A guest's answers as text, so that seeds can be read and mutations hit something: a line is an item, its words are its parts, and
//! what is missing is empty.

/// The words of a line.
pub(crate) struct Words<'a>(std::str::Split<'a, char>);

impl<'a> Words<'a> {
    pub(crate) fn of(line: &'a str) -> Self {
        Self(line.split(' '))
    }

    /// The next word, or the empty one.
    pub(crate) fn word(&mut self) -> &'a str {
        self.0.next().unwrap_or_default()
    }

    /// The next word, as text of its own.
    pub(crate) fn text(&mut self) -> String {
        self.word().to_owned()
    }

    /// The next word, unless it is `-` or missing.
    pub(crate) fn maybe(&mut self) -> Option<String> {
        Some(self.text()).filter(|word| !word.is_empty() && word != "-")
    }

    /// The next word as a list, separated by commas.
    pub(crate) fn list(&mut self) -> Vec<String> {
        self.maybe().map_or_else(Vec::new, |word| {
            word.split(',').map(ToOwned::to_owned).collect()
        })
    }

    /// All further words, two by two.
    pub(crate) fn pairs(&mut self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        while let Some(name) = self.maybe() {
            pairs.push((name, self.text()));
        }
        pairs
    }
}
