//! JSON from outside (RFC 8259), read strictly: bounded depth, no member twice, no number that is none (NET-09, IDT-08). Looked into by
//! pointers (RFC 6901).

use std::collections::BTreeMap;
use std::fmt;

use vestibule_core::{Error, Shown, limits};
use zeroize::Zeroizing;

mod parse;
mod pointer;

/// A value. Text is erased when it is dropped: most of what a provider sends is a secret or may be one.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number, written without fraction and exponent, that fits.
    Integer(i64),
    /// Any other number. Always finite.
    Float(f64),
    /// Text.
    Text(Zeroizing<String>),
    /// An array.
    List(Vec<Value>),
    /// An object. No member is there twice.
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// What kind of value it is, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        Some(text)
    }

    /// The number, if it is whole. `300.0` and `1.7e9` are: providers write them.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(integer) = self {
            return Some(*integer);
        }
        self.as_truncated().filter(|_| self.is_whole())
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        let Self::Bool(boolean) = self else {
            return None;
        };
        Some(*boolean)
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        let Self::List(items) = self else { return None };
        Some(items)
    }

    /// The value that a pointer leads to from here, unless it is absent or `null`.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        pointer::resolve(self, pointer).filter(|value| !matches!(value, Self::Null))
    }

    /// The members, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        let Self::Object(members) = self else {
            return None;
        };
        Some(members)
    }

    /// The number without its fraction, if it is in the range in which floats are exact.
    fn as_truncated(&self) -> Option<i64> {
        /// Up to here every whole number is a float of its own.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if let Self::Integer(integer) = self {
            return Some(*integer);
        }
        let Self::Float(float) = self else {
            return None;
        };
        // The range makes the conversion exact.
        (float.abs() <= EXACT).then_some(*float as i64)
    }

    fn is_whole(&self) -> bool {
        let Self::Float(float) = self else {
            return false;
        };
        float.fract() == 0.0
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.kind())
    }
}

/// A whole JSON text, whose top is an object.
///
/// Getters take an RFC 6901 pointer. A member that is absent and one that is `null` are the same: providers write both.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(Value);

impl Document {
    /// Parses a text.
    ///
    /// # Errors
    /// What is wrong with it; never any part of it.
    pub fn parse(text: &[u8]) -> Result<Self, JsonProblem> {
        if text.len() > limits::BODY_BYTES {
            return Err(JsonProblem::TooLong);
        }
        let value = parse::value(text)?;
        if value.as_object().is_none() {
            return Err(JsonProblem::NotAnObject);
        }
        Ok(Self(value))
    }

    /// The value that a pointer leads to, unless it is absent or `null`.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        pointer::resolve(&self.0, pointer).filter(|value| **value != Value::Null)
    }

    /// Takes a member out of it, which is erased.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Value::Object(members) = &mut self.0 {
            members.remove(name);
        }
    }

    /// The whole object.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.0
    }

    /// Text.
    ///
    /// # Errors
    /// If there is something else.
    pub fn text(&self, pointer: &str) -> Result<Option<&str>, JsonProblem> {
        self.typed(pointer, "text", Value::as_text)
    }

    /// A whole number; `300.0` is one.
    ///
    /// # Errors
    /// If there is something else, text with digits included.
    pub fn integer(&self, pointer: &str) -> Result<Option<i64>, JsonProblem> {
        self.typed(pointer, "a whole number", Value::as_integer)
    }

    /// A NumericDate (RFC 7519 section 2) in whole seconds: a fraction, which the RFC allows, is cut off.
    ///
    /// # Errors
    /// If there is something else, or a time before 1970.
    pub fn seconds(&self, pointer: &str) -> Result<Option<u64>, JsonProblem> {
        self.typed(pointer, "a time in seconds", |value| {
            u64::try_from(value.as_truncated()?).ok()
        })
    }

    /// A boolean.
    ///
    /// # Errors
    /// If there is something else.
    pub fn boolean(&self, pointer: &str) -> Result<Option<bool>, JsonProblem> {
        self.typed(pointer, "a boolean", Value::as_bool)
    }

    /// A list of texts.
    ///
    /// # Errors
    /// If there is something else, or an item is no text.
    pub fn texts(&self, pointer: &str) -> Result<Option<Vec<&str>>, JsonProblem> {
        self.typed(pointer, "a list of texts", |value| {
            value.as_list()?.iter().map(Value::as_text).collect()
        })
    }

    fn typed<'a, T>(
        &'a self,
        pointer: &str,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, JsonProblem> {
        match self.get(pointer) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| JsonProblem::Kind {
                pointer: pointer.to_owned(),
                expected,
                found: value.kind(),
            }),
        }
    }
}

/// What is wrong with a JSON text or a member of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonProblem {
    /// Longer than any reply may be.
    TooLong,
    /// Not JSON, not UTF-8, or a number out of range; with the place.
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Nested deeper than the limit.
    TooDeep,
    /// A member is there twice: two readers would see two texts.
    Duplicate,
    /// The top is no object.
    NotAnObject,
    /// A member has another type.
    Kind {
        /// Where.
        pointer: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the JSON text is too long"),
            Self::Syntax { line, column } => {
                write!(f, "the text is not JSON at line {line}, column {column}")
            }
            Self::TooDeep => f.write_str("the JSON text is nested too deeply"),
            Self::Duplicate => f.write_str("the JSON text has a member twice"),
            Self::NotAnObject => f.write_str("the JSON text is not an object"),
            Self::Kind {
                pointer,
                expected,
                found,
            } => write!(f, "\"{}\" is {found}, not {expected}", Shown::new(pointer)),
        }
    }
}

impl std::error::Error for JsonProblem {}

impl From<JsonProblem> for Error {
    fn from(problem: JsonProblem) -> Self {
        Self::provider(
            "json",
            format!("the provider's answer cannot be read: {problem}"),
        )
    }
}

#[cfg(test)]
mod tests;
