//! The standards' own words: names of secrets, which no plugin reads, and names of parameters, which no plugin sets.
//!
//! Names are compared folded: some server will take `Code-Verifier` for `code_verifier`, so that both are the same word here.

use url::form_urlencoded;

/// The name with all that servers have been seen to overlook taken out: any number of encodings, case, and punctuation. Some
/// frameworks turn dots, blanks and brackets into underscores, others underscores into camel case.
#[must_use]
pub fn folded(name: &str) -> String {
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

/// Whether the name, in whatever spelling, is one that a secret goes by.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    let name = folded(name);
    names_a_standard_secret(&name)
        || SECRET_WORDS.contains(&name.as_str())
        || SECRET_PARTS.iter().any(|part| name.contains(part))
        || SECRET_ENDS.iter().any(|end| name.ends_with(end)) && !CURSORS.contains(&name.as_str())
}

/// Whether the name, in whatever spelling, is that of a secret of the standards: one that has its own cells in the matrix, so that
/// declaring it under another name would give it others.
#[must_use]
pub fn names_a_standard_secret(name: &str) -> bool {
    let name = folded(name);
    STANDARD_SECRET_WORDS.contains(&name.as_str())
        || STANDARD_SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// Whether the name, in whatever spelling, is a parameter of the standards.
#[must_use]
pub fn is_standard(name: &str) -> bool {
    let name = folded(name);
    PARAMETERS.iter().any(|standard| folded(standard) == name)
}

/// Whether the name is a parameter of the standards, spelled as they do.
#[must_use]
pub fn is_standard_spelling(name: &str) -> bool {
    PARAMETERS.contains(&name)
}

/// Whether only the host may put this into an authorization request (RESP-08). More than the standards' own: whatever carries a
/// secret, widens what is granted, or changes where the answer goes.
#[must_use]
pub fn is_reserved_for_authorization(name: &str) -> bool {
    let folded = folded(name);
    folded.is_empty()
        || folded.starts_with("codechallenge")
        || folded != "audience" && is_standard(name)
        || names_a_secret(name)
}

/// Whole names.
const STANDARD_SECRET_WORDS: &[&str] = &["code", "token", "state", "nonce", "jwt"];

/// Parts of names. `assertion` is in `client_assertion`, and `accesstoken` in `registration_access_token`.
const STANDARD_SECRET_PARTS: &[&str] = &[
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "devicecode",
    "usercode",
    "authorizationcode",
    "authcode",
    "clientsecret",
    "codeverifier",
    "assertion",
    "subjecttoken",
    "actortoken",
    "logouttoken",
];

/// Whole names. The hashes are computed from a secret, which is as bad (PLUG-02).
const SECRET_WORDS: &[&str] = &[
    "athash", "chash", "shash", "rthash", "otp", "pin", "ticket", "cookies", "jwts", "jwe", "jwk",
    "mfacode", "tokens", "codes",
];

/// Parts of names.
const SECRET_PARTS: &[&str] = &[
    "secret",
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "privatekey",
    "apikey",
    "accesskey",
    "sessionkey",
    "signingkey",
    "encryptionkey",
    "keymaterial",
    "sessiontoken",
    "sessionid",
    "securitytoken",
    "bearer",
    "csrf",
    "xsrf",
    "cookie",
    "samlresponse",
];

/// Ends of names: whatever ends so is taken for one, until somebody shows the contrary.
const SECRET_ENDS: &[&str] = &["token", "tokens", "jwt"];

/// What is called a token and marks a place in a list.
const CURSORS: &[&str] = &[
    "nexttoken",
    "pagetoken",
    "nextpagetoken",
    "continuationtoken",
    "paginationtoken",
];

/// Parameters of requests and replies, from RFC 6749, 7009, 7521, 7523, 7591, 7636, 7662, 8628, 8693, 8707, 9101, 9126, 9207, 9396,
/// 9449, 9470 and OIDC Core.
const PARAMETERS: &[&str] = &[
    "access_token",
    "acr_values",
    "actor_token",
    "actor_token_type",
    "application_type",
    "assertion",
    "audience",
    "authorization_details",
    "claims",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_id_issued_at",
    "client_name",
    "client_secret",
    "client_secret_expires_at",
    "client_uri",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "contacts",
    "device_code",
    "dpop_jkt",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "grant_type",
    "grant_types",
    "id_token",
    "id_token_hint",
    "interval",
    "iss",
    "issued_token_type",
    "jwks",
    "jwks_uri",
    "login_hint",
    "logo_uri",
    "max_age",
    "nonce",
    "password",
    "policy_uri",
    "prompt",
    "redirect_uri",
    "redirect_uris",
    "refresh_token",
    "registration",
    "registration_access_token",
    "registration_client_uri",
    "request",
    "request_uri",
    "requested_token_type",
    "resource",
    "response_mode",
    "response_type",
    "response_types",
    "scope",
    "software_id",
    "software_statement",
    "software_version",
    "state",
    "subject_token",
    "subject_token_type",
    "token",
    "token_endpoint_auth_method",
    "token_type",
    "token_type_hint",
    "tos_uri",
    "user_code",
    "username",
    "verification_uri",
    "verification_uri_complete",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_in_every_spelling() {
        for name in [
            "access_token",
            "accessToken",
            "ACCESS-TOKEN",
            "access.token",
            "Access Token",
            "refreshToken",
            "id_token",
            "code",
            "Code",
            "state",
            "nonce",
            "token",
            "clientSecret",
            "client_secret_jwt",
            "codeVerifier",
            "device-code",
            "client_assertion",
            "assertion",
            "subjectToken",
            "registration_access_token",
            "secretAccessKey",
            "sessionToken",
            "privateKey",
            "api_key",
            "user_password",
            "bearerValue",
            "at_hash",
            "someToken",
            "xToken",
            "userCode",
            "set-cookie",
            "passphrase",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn what_honest_plugins_read_is_no_secret() {
        for name in [
            "sub",
            "email",
            "name",
            "accountId",
            "accountName",
            "emailAddress",
            "roleName",
            "nextToken",
            "next_page_token",
            "token_type",
            "scope",
            "expiration",
            "country_code",
            "login",
            "tid",
            "amr",
            "acr",
            "groups",
            "roleCredentials",
            "expiresIn",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn the_host_keeps_its_parameters_in_every_spelling() {
        for name in include_str!("../../../tests/vectors/reserved-parameters.txt")
            .lines()
            .chain(["", "-._"])
        {
            for spelled in [
                name.to_owned(),
                name.to_uppercase(),
                name.replace('_', ""),
                name.replace('_', "-"),
            ] {
                assert!(is_reserved_for_authorization(&spelled), "{spelled}");
            }
        }
        for name in [
            "access_type",
            "audience",
            "ui_locales",
            "display",
            "domain_hint",
            "hd",
        ] {
            assert!(!is_reserved_for_authorization(name), "{name}");
        }
    }
}
