//! Rust source as tokens with its line comments kept (The Rust Reference, "Lexical structure").
//!
//! The parsers that exist drop comments, and a search by line would take a claim inside a string or a block comment
//! for a claim. This lexer knows just enough to tell these apart.

use std::iter::Peekable;
use std::str::Chars;

/// A piece of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// What a piece of source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What follows the `//` of a plain line comment; documentation comments are dropped.
    Comment(String),
    /// A name, a keyword or a number.
    Word(String),
    /// A string, byte string or character; its content means nothing here.
    Literal,
    /// One character of punctuation.
    Mark(char),
}

/// Splits `source` into tokens. Unfinished strings and comments end with the source: the compiler is the judge of
/// those.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        chars: source.chars().peekable(),
        line: 1,
        tokens: Vec::new(),
    };
    lexer.run();
    lexer.tokens
}

struct Lexer<'s> {
    chars: Peekable<Chars<'s>>,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(first) = self.next() {
            let line = self.line;
            let kind = match first {
                space if space.is_whitespace() => None,
                '/' if self.eat('/') => self.line_comment(),
                '/' if self.eat('*') => self.block_comment(),
                '"' => Some(self.string()),
                '\'' => Some(self.character_or_lifetime()),
                letter if is_word(letter) => Some(self.word_or_prefixed_string(letter)),
                mark => Some(Kind::Mark(mark)),
            };
            self.tokens.extend(kind.map(|kind| Token { kind, line }));
        }
    }

    /// After `//`. A third slash or a `!` makes documentation, unless a fourth slash unmakes it.
    fn line_comment(&mut self) -> Option<Kind> {
        let mut text = String::new();
        while let Some(char) = self.chars.next_if(|char| *char != '\n') {
            text.push(char);
        }
        let documentation =
            text.starts_with('!') || (text.starts_with('/') && !text.starts_with("//"));
        (!documentation).then_some(Kind::Comment(text))
    }

    /// After `/*`. These nest.
    fn block_comment(&mut self) -> Option<Kind> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next() {
                Some('*') if self.eat('/') => depth -= 1,
                Some('/') if self.eat('*') => depth += 1,
                Some(_) => {}
                None => break,
            }
        }
        None
    }

    /// After the opening quote.
    fn string(&mut self) -> Kind {
        while let Some(char) = self.next() {
            match char {
                '"' => break,
                '\\' => drop(self.next()),
                _ => {}
            }
        }
        Kind::Literal
    }

    /// After `'`: `'x'` and `'\n'` are characters, `'x` is a lifetime.
    fn character_or_lifetime(&mut self) -> Kind {
        match self.next() {
            Some('\\') => {
                // The escaped character may itself be a quote; longer escapes hold none.
                let _escaped = self.next();
                while self.next().is_some_and(|char| char != '\'') {}
                Kind::Literal
            }
            Some(letter) if is_word(letter) => {
                if self.eat('\'') {
                    return Kind::Literal;
                }
                let mut name = String::from(letter);
                self.rest_of_word(&mut name);
                // A lifetime or a loop label: no claim and no test begins with one.
                Kind::Word(format!("'{name}"))
            }
            _ => {
                self.eat('\'');
                Kind::Literal
            }
        }
    }

    fn word_or_prefixed_string(&mut self, first: char) -> Kind {
        let mut word = String::from(first);
        self.rest_of_word(&mut word);
        match word.as_str() {
            "b" | "c" if self.eat('"') => self.string(),
            "b" if self.eat('\'') => self.character_or_lifetime(),
            "r" | "br" | "cr" => self.raw_string_or_name(word),
            _ => Kind::Word(word),
        }
    }

    /// After `r`, `br` or `cr`: `r"…"`, `r#"…"#`, the raw name `r#type`, or the plain name `r`.
    fn raw_string_or_name(&mut self, prefix: String) -> Kind {
        let mut hashes = 0_usize;
        while self.eat('#') {
            hashes += 1;
        }
        if self.eat('"') {
            self.raw_string(hashes);
            return Kind::Literal;
        }
        let mut word = if hashes == 0 { prefix } else { String::new() };
        self.rest_of_word(&mut word);
        Kind::Word(word)
    }

    /// After the opening quote; only a quote followed by as many hashes closes.
    fn raw_string(&mut self, hashes: usize) {
        while let Some(char) = self.next() {
            if char == '"' && (0..hashes).all(|_| self.eat('#')) {
                break;
            }
        }
    }

    fn rest_of_word(&mut self, word: &mut String) {
        while let Some(char) = self.chars.next_if(|char| is_word(*char)) {
            word.push(char);
        }
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.chars.next_if_eq(&wanted).is_some()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.chars.next();
        if char == Some('\n') {
            self.line += 1;
        }
        char
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<Kind> {
        tokens(source).into_iter().map(|token| token.kind).collect()
    }

    fn words(source: &str) -> Vec<String> {
        let word = |kind| {
            if let Kind::Word(word) = kind {
                Some(word)
            } else {
                None
            }
        };
        kinds(source).into_iter().filter_map(word).collect()
    }

    #[test]
    fn keeps_plain_comments_and_drops_documentation() {
        let source = "// one\n/// two\n//! three\n//// four\n/* // five /* six */ */ x";
        assert_eq!(
            kinds(source),
            [
                Kind::Comment(" one".into()),
                Kind::Comment("// four".into()),
                Kind::Word("x".into())
            ]
        );
    }

    #[test]
    fn strings_hide_what_looks_like_comments_and_quotes() {
        for string in [
            r#""// no""#,
            r#""a \" // no""#,
            r##"r"\""##,
            r###"r#"a " // no"#"###,
            r#"b"// no""#,
            r##"br#"/*"#"##,
            r#"c"// no""#,
        ] {
            assert_eq!(
                kinds(&format!("a {string} b")),
                [
                    Kind::Word("a".into()),
                    Kind::Literal,
                    Kind::Word("b".into())
                ],
                "{string}"
            );
        }
    }

    #[test]
    fn a_raw_string_ends_at_its_own_number_of_hashes() {
        assert_eq!(words(r####"a r##"x"# y"## b"####), ["a", "b"]);
    }

    #[test]
    fn characters_are_told_from_lifetimes() {
        assert_eq!(
            words(r"a 'x' '\'' '\n' '\u{1F600}' '(' b'\\' b"),
            ["a", "b"]
        );
        assert_eq!(
            words("fn f<'a>(x: &'a str)"),
            ["fn", "f", "'a", "x", "'a", "str"]
        );
    }

    #[test]
    fn raw_names_lose_their_prefix() {
        assert_eq!(words("r#type r rx"), ["type", "r", "rx"]);
    }

    #[test]
    fn lines_are_counted_through_strings_and_comments() {
        let lines: Vec<usize> = tokens("a\n\"x\ny\"\n/* \n */ b\n// c\nd")
            .iter()
            .map(|token| token.line)
            .collect();
        assert_eq!(lines, [1, 2, 5, 6, 7]);
    }

    #[test]
    fn an_unfinished_string_or_comment_ends_with_the_source() {
        assert_eq!(words("a \"b"), ["a"]);
        assert_eq!(words("a /* b"), ["a"]);
        assert_eq!(words("a r#\"b\""), ["a"]);
    }
}
