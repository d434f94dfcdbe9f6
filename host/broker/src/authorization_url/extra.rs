//! Parameters that a plugin adds to an authorization request (RFC 6749 section 8.2, RESP-08).

use std::collections::HashSet;

use vestibule_core::limits::{DESCRIPTION_ENTRIES, NAME_CHARS, TEXT_BYTES};
use vestibule_core::words::{folded, is_reserved_for_authorization};
use vestibule_core::{Error, Result, Shown};

/// Parameters that exist only if all of them are harmless.
#[derive(Debug, Default)]
pub struct ExtraParameters(Vec<(String, String)>);

impl ExtraParameters {
    /// No parameters.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes the plugin's parameters, or blames it: for a reserved name in any disguise, a name that is not made of the letters of
    /// RFC 6749 section 8.2, a name that comes twice, a control character in a value, or more than an honest request has.
    pub fn new<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut seen = HashSet::new();
        let mut kept = Vec::new();
        for (name, value) in parameters {
            if is_reserved_for_authorization(name) {
                return Err(refused("a parameter that only the host sets", name));
            }
            if !is_parameter_name(name) {
                return Err(refused("a parameter whose name is malformed", name));
            }
            if !seen.insert(folded(name)) {
                return Err(refused("a parameter twice", name));
            }
            if value.len() > TEXT_BYTES || value.chars().any(char::is_control) {
                return Err(refused("a value that is too long or not a text", name));
            }
            if kept.len() == DESCRIPTION_ENTRIES {
                return Err(refused("one parameter more than any provider takes", name));
            }
            kept.push((name.to_owned(), value.to_owned()));
        }
        Ok(Self(kept))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// `param-name` (RFC 6749 section 8.2). It must have a letter, or nothing would be left of it to compare.
fn is_parameter_name(name: &str) -> bool {
    name.len() <= NAME_CHARS
        && name.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn refused(what: &str, name: &str) -> Error {
    Error::plugin(
        "authorization_request.extra",
        format!("the plugin adds {what}: \"{}\"", Shown::new(name)),
    )
}
