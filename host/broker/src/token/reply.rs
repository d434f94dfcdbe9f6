//! The members of a successful token reply (RFC 6749 section 5.1) that every grant has.

use vestibule_core::approval::PinnedEndpoint;
use vestibule_core::description::ScopeForm;
use vestibule_core::{Error, Result, Scope, Shown, limits};

use crate::json::Value;

/// RFC 6749 section 7.1: a token of a type that one does not know is not used (TOK-03).
pub(super) fn check_type(token_type: Option<&str>) -> Result<()> {
    match token_type {
        Some(known) if known.eq_ignore_ascii_case("bearer") => Ok(()),
        Some(other) => Err(Error::provider(
            "token.token_type",
            format!(
                "the token reply has a token of type \"{}\", which is not used",
                Shown::new(other)
            ),
        )),
        None => Err(Error::provider(
            "token.token_type",
            "the token reply does not say which type of token it has",
        )),
    }
}

/// `expires_in`, believed within bounds (TOK-06): what is absent or no number of seconds gives a short life.
pub(super) fn lifetime(value: Option<&Value>) -> u32 {
    let seconds = match value {
        // Several providers write the number as text.
        Some(Value::Text(text)) => text.parse::<i64>().ok(),
        Some(number) => number.as_integer(),
        None => None,
    };
    match seconds.map(u32::try_from) {
        Some(Ok(seconds)) => seconds.min(limits::LONGEST_LIFETIME_SECONDS),
        Some(Err(_)) | None => limits::ASSUMED_LIFETIME_SECONDS,
    }
}

/// `scope` of the reply; without one, what was asked for (RFC 6749 section 5.1), or on a refresh what was granted before (section 6).
pub(super) fn granted(
    value: Option<&Value>,
    asked: &[Scope],
    endpoint: &PinnedEndpoint,
) -> Vec<Scope> {
    let parsed = match (value, endpoint.dialect.scope_form) {
        (Some(Value::Text(text)), ScopeForm::Joined(separator)) => Some(
            text.split([separator, ' '])
                .filter(|part| !part.is_empty())
                .filter_map(|part| Scope::parse(part).ok())
                .collect(),
        ),
        (Some(Value::Text(text)), ScopeForm::Listed) => Some(
            text.split(' ')
                .filter_map(|part| Scope::parse(part).ok())
                .collect(),
        ),
        (Some(Value::List(items)), _) => Some(
            items
                .iter()
                .filter_map(Value::as_text)
                .filter_map(|part| Scope::parse(part).ok())
                .collect(),
        ),
        (Some(_) | None, _) => None,
    };
    parsed.unwrap_or_else(|| asked.to_vec())
}
