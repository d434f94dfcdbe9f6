//! Finds every `// proves: ID` comment and the test that it stands on, and judges whether that test can fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::assertions::{Strictness, contains_assertion};
use super::lexer::{Kind, Token, tokens};
use super::sources::Source;
use super::syntax::{Item, attribute_is, item_after, split_group};

/// What a claim turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// A test that can fail claims `id`.
    Proof {
        id: String,
        /// `path/of/file.rs::name_of_test`
        test: String,
        /// `path/of/file.rs:line` of the claim.
        place: String,
    },
    /// A claim that proves nothing.
    Problem { place: String, what: String },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof { id, test, place } => write!(f, "{place}: {id} by {test}"),
            Self::Problem { place, what } => write!(f, "{place}: {what}"),
        }
    }
}

/// Every claim of `sources`.
pub(crate) fn claims(sources: &[Source]) -> Vec<Finding> {
    let lexed: Vec<(&Source, Vec<Token>)> = sources
        .iter()
        .map(|source| (source, tokens(&source.text)))
        .collect();
    let macros: BTreeMap<String, &[Token]> = lexed
        .iter()
        .flat_map(|(_, tokens)| definitions(tokens, "macro_rules"))
        .collect();
    let mut helpers: BTreeMap<&str, Helpers<'_>> = BTreeMap::new();
    for (source, tokens) in &lexed {
        let of_crate = helpers.entry(crate_of(&source.path)).or_default();
        for (name, body) in definitions(tokens, "fn") {
            of_crate.entry(name).or_default().push(body);
        }
    }
    let none = Helpers::new();
    let mut findings = Vec::new();
    for (source, tokens) in &lexed {
        let helpers = helpers.get(crate_of(&source.path)).unwrap_or(&none);
        let file = File {
            path: &source.path,
            macros: &macros,
            helpers,
        };
        file.claims(tokens, &mut findings);
    }
    findings
}

/// The functions of a crate by name; a name may stand for several.
pub(crate) type Helpers<'t> = BTreeMap<String, Vec<&'t [Token]>>;

struct File<'a> {
    path: &'a str,
    macros: &'a BTreeMap<String, &'a [Token]>,
    helpers: &'a Helpers<'a>,
}

impl File<'_> {
    fn claims(&self, mut tokens: &[Token], findings: &mut Vec<Finding>) {
        while let [token, rest @ ..] = tokens {
            if claimed_ids(token).is_some() {
                let (claim, after) = Claim::read(tokens);
                self.judge(&claim, findings);
                tokens = after;
            } else {
                tokens = rest;
            }
        }
    }

    fn judge(&self, claim: &Claim<'_>, findings: &mut Vec<Finding>) {
        let place = format!("{}:{}", self.path, claim.line);
        match self.test_of(claim) {
            Ok(name) => findings.extend(claim.ids.iter().map(|id| Finding::Proof {
                id: id.clone(),
                test: format!("{}::{name}", self.path),
                place: place.clone(),
            })),
            Err(what) => {
                let ids: Vec<&str> = claim.ids.iter().map(String::as_str).collect();
                findings.push(Finding::Problem {
                    place,
                    what: format!("{}: {what}", ids.join(", ")),
                });
            }
        }
    }

    /// The name of the test that `claim` stands on, or what is wrong with it.
    fn test_of(&self, claim: &Claim<'_>) -> Result<String, String> {
        if claim
            .attributes
            .iter()
            .any(|attribute| attribute_is(attribute, "ignore"))
        {
            return Err("the test is ignored".into());
        }
        match item_after(claim.item) {
            Some(Item::Function { name, body }) => {
                if !claim
                    .attributes
                    .iter()
                    .any(|attribute| attribute_is(attribute, "test"))
                {
                    return Err(format!("`{name}` is no test"));
                }
                if !has_code(body) {
                    return Err(format!("`{name}` is empty"));
                }
                let panics = claim
                    .attributes
                    .iter()
                    .any(|attribute| attribute_is(attribute, "should_panic"));
                if !panics && !contains_assertion(body, self.helpers, Strictness::Direct) {
                    return Err(format!("`{name}` asserts nothing"));
                }
                Ok(name)
            }
            Some(Item::MacroCall { name, arguments }) => self.test_of_macro(&name, arguments),
            None => Err(
                "the claim stands on no test; it belongs directly above the test's attributes"
                    .into(),
            ),
        }
    }

    /// A test made by a macro of this repository: its definition is judged.
    fn test_of_macro(&self, name: &str, arguments: &[Token]) -> Result<String, String> {
        let Some(definition) = self.macros.get(name) else {
            return Err(format!(
                "`{name}!` is not defined in this repository; put the claim on a test inside it"
            ));
        };
        let attributes = attributes_within(definition);
        if !attributes
            .iter()
            .any(|attribute| attribute_is(attribute, "test"))
        {
            return Err(format!("`{name}!` makes no test"));
        }
        if attributes
            .iter()
            .any(|attribute| attribute_is(attribute, "ignore"))
        {
            return Err(format!("`{name}!` makes an ignored test"));
        }
        if !contains_assertion(definition, self.helpers, Strictness::Direct)
            && !contains_assertion(arguments, self.helpers, Strictness::Direct)
        {
            return Err(format!("`{name}!` asserts nothing"));
        }
        let test = arguments.iter().find_map(|token| match &token.kind {
            Kind::Word(word) => Some(word.clone()),
            Kind::Comment(_) | Kind::Literal | Kind::Mark(_) => None,
        });
        test.ok_or_else(|| format!("`{name}!` is given no name for its test"))
    }
}

/// A claim and what follows it.
struct Claim<'t> {
    line: usize,
    ids: BTreeSet<String>,
    attributes: Vec<&'t [Token]>,
    item: &'t [Token],
}

impl<'t> Claim<'t> {
    /// Reads the claim that `tokens` begin with, further claims and comments below it, and the attributes. What
    /// is left is where reading goes on.
    fn read(mut tokens: &'t [Token]) -> (Self, &'t [Token]) {
        let line = tokens.first().map_or(0, |token| token.line);
        let mut claim = Self {
            line,
            ids: BTreeSet::new(),
            attributes: Vec::new(),
            item: tokens,
        };
        loop {
            match tokens {
                [
                    comment @ Token {
                        kind: Kind::Comment(_),
                        ..
                    },
                    rest @ ..,
                ] => {
                    claim.ids.extend(claimed_ids(comment).into_iter().flatten());
                    tokens = rest;
                }
                [hash, open, rest @ ..]
                    if hash.kind == Kind::Mark('#') && open.kind == Kind::Mark('[') =>
                {
                    let (attribute, rest) = split_group(rest);
                    claim.attributes.push(attribute);
                    tokens = rest;
                }
                _ => break,
            }
        }
        claim.item = tokens;
        (claim, tokens)
    }
}

/// The IDs of a comment `// proves: ID, ID`; a claim without any is a claim of the ID "".
fn claimed_ids(token: &Token) -> Option<Vec<String>> {
    let Kind::Comment(text) = &token.kind else {
        return None;
    };
    let ids = text.trim_start().strip_prefix("proves:")?;
    Some(
        ids.trim()
            .trim_end_matches(',')
            .split(',')
            .map(|id| id.trim().to_owned())
            .collect(),
    )
}

/// The bodies of everything that `keyword` (`fn` or `macro_rules`) defines, by name.
fn definitions<'t>(mut tokens: &'t [Token], keyword: &str) -> Vec<(String, &'t [Token])> {
    let mut found = Vec::new();
    while let [first, rest @ ..] = tokens {
        if matches!(&first.kind, Kind::Word(word) if word == keyword) {
            match item_after(tokens) {
                Some(Item::Function { name, body }) => found.push((name, body)),
                Some(Item::MacroCall { .. }) | None => found.extend(macro_definition(rest)),
            }
        }
        tokens = rest;
    }
    found
}

/// After `macro_rules`: `! name { … }`.
fn macro_definition(tokens: &[Token]) -> Option<(String, &[Token])> {
    let [
        bang,
        Token {
            kind: Kind::Word(name),
            ..
        },
        _open,
        rest @ ..,
    ] = tokens
    else {
        return None;
    };
    (bang.kind == Kind::Mark('!')).then(|| (name.clone(), split_group(rest).0))
}

fn attributes_within(mut tokens: &[Token]) -> Vec<&[Token]> {
    let mut found = Vec::new();
    while let [hash, rest @ ..] = tokens {
        if let [open, inside @ ..] = rest
            && hash.kind == Kind::Mark('#')
            && open.kind == Kind::Mark('[')
        {
            found.push(split_group(inside).0);
        }
        tokens = rest;
    }
    found
}

fn has_code(body: &[Token]) -> bool {
    body.iter()
        .any(|token| !matches!(token.kind, Kind::Comment(_)))
}

/// The folder of the crate that `path` belongs to: helpers are looked up there.
fn crate_of(path: &str) -> &str {
    ["/src/", "/tests/"]
        .iter()
        .find_map(|folder| path.find(folder))
        .and_then(|end| path.get(..end))
        .unwrap_or(path)
}
