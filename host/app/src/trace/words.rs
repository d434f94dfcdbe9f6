//! How a transcript speaks of what it must not repeat.

use serde_json::{Map, Value};
use url::Url;
use vestibule_core::{Reference, Scope};

/// Facts in this order.
pub(super) fn facts<const N: usize>(facts: [(&str, Value); N]) -> Map<String, Value> {
    facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The beginning of a reference: enough to tell those of one flow apart, too little to use.
pub(super) fn reference(reference: Reference) -> Value {
    format!("{reference:?}").into()
}

/// The length of a text that somebody else has written.
pub(super) fn length(text: &str) -> Value {
    format!("{} bytes", text.len()).into()
}

/// A list of names.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    names.into_iter().map(Value::from).collect()
}

/// The scopes that a tenant's approval or policy named.
pub(super) fn scopes(scopes: &[Scope]) -> Value {
    names(scopes.iter().map(Scope::as_str))
}

/// A URL without its query, and the names of its parameters: `state` and `nonce` are values there.
pub(super) fn address(url: &str) -> (Value, Value) {
    let Ok(url) = Url::parse(url) else {
        return (Value::Null, Value::Null);
    };
    let place = format!("{}{}", url.origin().ascii_serialization(), url.path());
    let parameters = url
        .query_pairs()
        .map(|(name, _)| Value::from(name.into_owned()))
        .collect();
    (place.into(), parameters)
}
