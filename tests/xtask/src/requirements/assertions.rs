//! Whether code can fail a test.

use std::collections::BTreeSet;

use super::claims::Helpers;
use super::lexer::{Kind, Token};

/// What counts as an assertion.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// In the body of a test: `unwrap`, `expect` and `?` count as well, for they are what the test waits for.
    Direct,
    /// In a function that the test calls: those only set things up there.
    Helper,
}

/// Whether `code`, or a function of its crate that it calls, asserts something.
pub(crate) fn contains_assertion(
    code: &[Token],
    helpers: &Helpers<'_>,
    strictness: Strictness,
) -> bool {
    search(code, helpers, strictness, &mut BTreeSet::new())
}

fn search<'t>(
    code: &'t [Token],
    helpers: &'t Helpers<'t>,
    strictness: Strictness,
    seen: &mut BTreeSet<&'t str>,
) -> bool {
    let mut rest = code;
    while let [first, after @ ..] = rest {
        if asserts(first, after, strictness) {
            return true;
        }
        if let Some(name) = called(first, after)
            && let Some(bodies) = helpers.get(name)
            && seen.insert(name)
            && bodies
                .iter()
                .any(|body| search(body, helpers, Strictness::Helper, seen))
        {
            return true;
        }
        rest = after;
    }
    false
}

fn asserts(first: &Token, after: &[Token], strictness: Strictness) -> bool {
    let followed_by =
        |wanted: char| matches!(after.first(), Some(next) if next.kind == Kind::Mark(wanted));
    match &first.kind {
        Kind::Mark('?') => strictness == Strictness::Direct,
        Kind::Word(word) if followed_by('!') => {
            is_assert_name(word) || matches!(word.as_str(), "panic" | "unreachable")
        }
        Kind::Word(word) if followed_by('(') => match word.as_str() {
            "unwrap_err" | "expect_err" => true,
            "unwrap" | "expect" => strictness == Strictness::Direct,
            other => is_assert_name(other),
        },
        Kind::Word(_) | Kind::Mark(_) | Kind::Literal | Kind::Comment(_) => false,
    }
}

fn is_assert_name(word: &str) -> bool {
    ["assert", "debug_assert", "prop_assert"]
        .iter()
        .any(|prefix| word.starts_with(prefix))
}

/// The name of the function that is called here.
fn called<'t>(first: &'t Token, after: &[Token]) -> Option<&'t str> {
    let Kind::Word(name) = &first.kind else {
        return None;
    };
    let call = matches!(after.first(), Some(next) if next.kind == Kind::Mark('('));
    call.then_some(name.as_str())
}
