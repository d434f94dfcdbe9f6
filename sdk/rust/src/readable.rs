//! What a plugin may read of a reply. Everything else stays with the host.

use crate::wit::{self, Column, ScalarKind};

/// The shape of a readable member.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape(wit::Shape);

/// A text of at most `max_chars` characters (256 is the most) that matches this regular expression as a whole.
pub fn text(pattern: &str, max_chars: u32) -> ScalarKind {
    ScalarKind::Text((pattern.to_owned(), max_chars))
}

/// A whole number.
#[must_use]
pub fn integer() -> ScalarKind {
    ScalarKind::Integer
}

/// `true` or `false`.
#[must_use]
pub fn boolean() -> ScalarKind {
    ScalarKind::Boolean
}

/// One of these texts.
#[must_use]
pub fn one_of<const N: usize>(texts: [&str; N]) -> ScalarKind {
    ScalarKind::OneOf(texts.map(str::to_owned).into())
}

/// A list of objects, of which these members are read: pointer within the object (RFC 6901), and kind.
#[must_use]
pub fn rows<const N: usize>(columns: [(&str, ScalarKind); N]) -> Shape {
    let column = |(pointer, kind): (&str, ScalarKind)| Column {
        pointer: pointer.to_owned(),
        kind,
    };
    Shape(wit::Shape::Rows(columns.map(column).into()))
}

impl From<ScalarKind> for Shape {
    fn from(kind: ScalarKind) -> Self {
        Self(wit::Shape::One(kind))
    }
}

impl From<Shape> for wit::Shape {
    fn from(shape: Shape) -> Self {
        shape.0
    }
}
