//! The encodings of OAuth: base64url without padding (RFC 7515 §2), form fields (RFC 6749 App. B), Basic credentials (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256, Sha512};
use url::form_urlencoded;

/// Form or query fields in the order received; a name may occur twice, and it matters that we can tell.
pub(crate) type Fields = Vec<(String, String)>;

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn base64_standard(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

pub(crate) fn sha512(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    Sha512::digest(bytes).to_vec()
}

pub(crate) fn parse_form(bytes: &[u8]) -> Fields {
    form_urlencoded::parse(bytes).into_owned().collect()
}

pub(crate) fn to_form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// A client's credentials from `Authorization: Basic`. RFC 6749 §2.3.1 has both halves form-urlencoded before RFC 7617 joins them.
pub(crate) fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = joined.split_once(':')?;
    Some((form_decode(user), form_decode(password)))
}

fn form_decode(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// The value of a field that occurs at most once (RFC 6749 §3.1: parameters MUST NOT be included more than once).
///
/// # Errors
/// The name, if it occurs twice.
pub(crate) fn single<'a>(
    fields: &'a [(String, String)],
    name: &'a str,
) -> Result<Option<&'a str>, &'a str> {
    let mut found = fields
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.as_str());
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(name),
        (value, None) => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// The first value of a field.
pub(crate) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_reproduces_the_vector_of_rfc_7636() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            base64url(sha256(verifier)),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = format!("Basic {}", base64_standard("a%3Ab:p+w%2B"));
        assert_eq!(basic(&header), Some(("a:b".to_owned(), "p w+".to_owned())));
        assert_eq!(basic("Bearer abc"), None);
    }

    #[test]
    fn a_repeated_field_is_an_error_and_not_a_choice() {
        let fields = parse_form(b"code=a&code=b&state=s&empty=");
        assert_eq!(single(&fields, "code"), Err("code"));
        assert_eq!(single(&fields, "state"), Ok(Some("s")));
        assert_eq!(single(&fields, "empty"), Ok(None));
    }
}
