//! Names of parameters that only the host sets (RFC 6749, 7636, 8707, 9101, 9126, 9207, 9396, 9449; OIDC Core; RESP-08).

use url::form_urlencoded;

const RESERVED: &[&str] = &[
    "access_token",
    "acr_values",
    "authorization_details",
    "claims",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "dpop_jkt",
    "error",
    "grant_type",
    "id_token",
    "id_token_hint",
    "iss",
    "login_hint",
    "login_hint_token",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "registration",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// Everything that starts so is the host's: `code_challenge`, `code_challenge_method`, and what may come after them.
const RESERVED_PREFIX: &str = "code_challenge";

/// Whether the most lenient server could take this name for one of the host's.
pub(super) fn is_reserved(name: &str) -> bool {
    let name = folded(name);
    name.starts_with(&folded(RESERVED_PREFIX))
        || RESERVED.iter().any(|reserved| folded(reserved) == name)
}

/// The name with all that servers have been seen to overlook taken out: any number of encodings, case, and punctuation. Some
/// frameworks turn dots, blanks and brackets into underscores, others underscores into camel case.
pub(super) fn folded(name: &str) -> String {
    decoded(name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// Decodes until nothing changes. Each round shortens the name or leaves fewer `+` in it, so it ends.
fn decoded(name: &str) -> String {
    let mut current = name.to_owned();
    loop {
        let next = form_urlencoded::parse(current.as_bytes())
            .next()
            .map(|(name, _)| name.into_owned())
            .unwrap_or_default();
        if next == current {
            return current;
        }
        current = next;
    }
}
