//! The little of Rust's grammar that a claim needs: groups, attributes, functions, calls of macros.

use super::lexer::{Kind, Token};

/// What stands below the attributes.
pub(crate) enum Item<'t> {
    Function {
        name: String,
        body: &'t [Token],
    },
    MacroCall {
        /// The last segment of its path.
        name: String,
        arguments: &'t [Token],
    },
}

/// Splits after the bracket that closes the group whose opening bracket was just read.
pub(crate) fn split_group(tokens: &[Token]) -> (&[Token], &[Token]) {
    let mut depth = 1_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') => depth -= 1,
            Kind::Mark(_) | Kind::Word(_) | Kind::Literal | Kind::Comment(_) => {}
        }
        if depth == 0 {
            let (inside, after) = tokens.split_at(index);
            return (inside, after.get(1..).unwrap_or_default());
        }
    }
    (tokens, &[])
}

/// The item that `tokens` begin with, if it is a function with a body or a call of a macro.
pub(crate) fn item_after(mut tokens: &[Token]) -> Option<Item<'_>> {
    loop {
        match tokens {
            [
                Token {
                    kind: Kind::Word(word),
                    ..
                },
                rest @ ..,
            ] if word == "fn" => return function(rest),
            [
                Token {
                    kind: Kind::Word(word),
                    ..
                },
                rest @ ..,
            ] if is_qualifier(word) => tokens = rest,
            // `extern "C"`
            [
                Token {
                    kind: Kind::Literal,
                    ..
                },
                rest @ ..,
            ] => tokens = rest,
            // `pub(crate)`
            [open, rest @ ..] if open.kind == Kind::Mark('(') => tokens = split_group(rest).1,
            [
                Token {
                    kind: Kind::Word(_),
                    ..
                },
                ..,
            ] => return macro_call(tokens),
            _ => return None,
        }
    }
}

fn is_qualifier(word: &str) -> bool {
    matches!(word, "pub" | "async" | "const" | "unsafe" | "extern")
}

/// After `fn`: the name, a signature, a body.
fn function(tokens: &[Token]) -> Option<Item<'_>> {
    let [
        Token {
            kind: Kind::Word(name),
            ..
        },
        signature @ ..,
    ] = tokens
    else {
        return None;
    };
    let mut rest = signature;
    loop {
        match rest {
            [open, inside @ ..] if open.kind == Kind::Mark('{') => {
                return Some(Item::Function {
                    name: name.clone(),
                    body: split_group(inside).0,
                });
            }
            [open, inside @ ..] if matches!(open.kind, Kind::Mark('(' | '[')) => {
                rest = split_group(inside).1
            }
            // A declaration without a body.
            [end, ..] if end.kind == Kind::Mark(';') => return None,
            [_, after @ ..] => rest = after,
            [] => return None,
        }
    }
}

/// `path::to::name!(…)`
fn macro_call(mut tokens: &[Token]) -> Option<Item<'_>> {
    loop {
        match tokens {
            [
                Token {
                    kind: Kind::Word(name),
                    ..
                },
                bang,
                open,
                rest @ ..,
            ] if bang.kind == Kind::Mark('!')
                && matches!(open.kind, Kind::Mark('(' | '[' | '{')) =>
            {
                return Some(Item::MacroCall {
                    name: name.clone(),
                    arguments: split_group(rest).0,
                });
            }
            [
                Token {
                    kind: Kind::Word(_),
                    ..
                },
                one,
                two,
                rest @ ..,
            ] if one.kind == Kind::Mark(':') && two.kind == Kind::Mark(':') => {
                tokens = rest;
            }
            _ => return None,
        }
    }
}

/// Whether an attribute is called `name`: `#[name]`, `#[path::name(…)]`, or either inside `cfg_attr`.
pub(crate) fn attribute_is(attribute: &[Token], name: &str) -> bool {
    let is = |token: &Token| matches!(&token.kind, Kind::Word(word) if word == name);
    if matches!(attribute.first(), Some(Token { kind: Kind::Word(word), .. }) if word == "cfg_attr")
    {
        return attribute.iter().any(is);
    }
    let path = attribute
        .iter()
        .take_while(|token| matches!(token.kind, Kind::Word(_) | Kind::Mark(':')));
    path.last().is_some_and(is)
}
