//! What an assertion says of itself (RFC 7519 section 4.1, RFC 7523 section 3). Its signature is for the token service to verify; this
//! tells early, and in plain words, what that one would refuse without a word.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_core::text::span;
use vestibule_core::{Error, Result, Secret, Shown, limits};
use zeroize::Zeroizing;

use super::Asked;
use crate::json::{Document, Value};

/// What an assertion says. Nothing of it is verified.
#[derive(Debug)]
pub(super) enum Assertion {
    /// A signed JWT.
    Jwt(Claims),
    /// Something else, of which nothing is known.
    Opaque,
}

/// The claims that matter here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) issuer: Option<String>,
    pub(super) audience: Vec<String>,
    pub(super) expires: Option<u64>,
    pub(super) issued: Option<u64>,
    not_before: Option<u64>,
}

/// Reads an assertion, and refuses one that cannot serve: for another audience, expired, or no token at all.
pub(super) fn read(asked: &Asked<'_>, token: &Secret) -> Result<Assertion> {
    let text = token.expose();
    if text.len() > limits::ASSERTION_BYTES {
        let limit = limits::ASSERTION_BYTES;
        return Err(refused(
            asked,
            "subject_token.format",
            format!("has more than {limit} bytes"),
        ));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused(
            asked,
            "subject_token.format",
            "is not one word of visible ASCII",
        ));
    }
    match claims(text) {
        Ok(Some(claims)) => {
            check(asked, &claims)?;
            Ok(Assertion::Jwt(claims))
        }
        Ok(None) if asked.source.from.is_federation() => Err(refused(
            asked,
            "subject_token.format",
            "is no signed JWT in compact form",
        )),
        Ok(None) => Ok(Assertion::Opaque),
        Err(problem) => Err(refused(
            asked,
            "subject_token.format",
            format!("is a JWT that cannot be read: {problem}"),
        )),
    }
}

fn check(asked: &Asked<'_>, claims: &Claims) -> Result<()> {
    let wanted = asked.source.audience.as_str();
    if !claims.audience.iter().any(|one| one == wanted) {
        let found = match claims.audience.as_slice() {
            [] => "names no audience".to_owned(),
            some => format!("is for \"{}\"", Shown::new(&some.join(", "))),
        };
        return Err(refused(
            asked,
            "subject_token.other_audience",
            format!("{found}, and not for {wanted}"),
        )
        .hint(
            "have the platform make it for that audience, or correct audience = in the tenant file",
        ));
    }
    let now = asked.now;
    match claims.expires {
        Some(expires) if expires <= now => Err(refused(
            asked,
            "subject_token.expired",
            format!("expired {} ago", span(now - expires)),
        )
        .hint("whoever writes it must write it anew; if it was just made, compare the clocks")),
        None if asked.source.from.is_federation() => Err(refused(
            asked,
            "subject_token.endless",
            "never expires, which no token of this platform does",
        )
        .hint("have it made with an audience and a lifetime, as a projected token is")),
        Some(_) | None => match claims.not_before {
            Some(begins) if begins > now.saturating_add(limits::CLOCK_SKEW.as_secs()) => {
                Err(refused(
                    asked,
                    "subject_token.early",
                    format!("is not valid before {} from now", span(begins - now)),
                )
                .hint("compare this machine's clock with the platform's"))
            }
            Some(_) | None => Ok(()),
        },
    }
}

/// The claims of a signed JWT; nothing if the text does not have the shape of one.
pub(super) fn claims(text: &str) -> std::result::Result<Option<Claims>, String> {
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        return Ok(None);
    };
    let (Some(header), Some(payload), Some(_)) =
        (decoded(header), decoded(payload), decoded(signature))
    else {
        return Ok(None);
    };
    // Two texts in base64 with dots between them need not be a JWT; a header that names an algorithm is what makes it one.
    let Ok(header) = Document::parse(&header) else {
        return Ok(None);
    };
    match header.text("/alg").map_err(|problem| problem.to_string())? {
        None => return Ok(None),
        Some(none) if none.eq_ignore_ascii_case("none") => {
            return Err("it is not signed".to_owned());
        }
        Some(_) => {}
    }
    let payload = Document::parse(&payload).map_err(|problem| problem.to_string())?;
    of_payload(&payload).map(Some)
}

fn of_payload(payload: &Document) -> std::result::Result<Claims, String> {
    let seconds = |pointer| {
        payload
            .seconds(pointer)
            .map_err(|problem| problem.to_string())
    };
    // RFC 7519 section 4.1.3: one text, or several.
    let audience = match payload.get("/aud") {
        None => Vec::new(),
        Some(Value::Text(one)) => vec![one.to_string()],
        Some(_) => {
            let several = payload
                .texts("/aud")
                .map_err(|problem| problem.to_string())?;
            let several = several.unwrap_or_default().into_iter();
            several.map(str::to_owned).collect()
        }
    };
    Ok(Claims {
        issuer: payload
            .text("/iss")
            .map_err(|problem| problem.to_string())?
            .map(str::to_owned),
        audience,
        expires: seconds("/exp")?,
        issued: seconds("/iat")?,
        not_before: seconds("/nbf")?,
    })
}

/// Base64url without padding. An empty part is none.
fn decoded(part: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    (!bytes.is_empty()).then(|| Zeroizing::new(bytes))
}

impl Assertion {
    /// What it says, in a few words.
    pub(super) fn words(&self, now: u64) -> String {
        let Self::Jwt(claims) = self else {
            return "no JWT, so that nothing is known of it".to_owned();
        };
        let issuer = claims.issuer.as_deref().unwrap_or("nobody");
        let end = match claims.expires {
            Some(expires) => format!("good for {}", span(expires.saturating_sub(now))),
            None => "without an end".to_owned(),
        };
        format!("{end}, in the name of {}", Shown::new(issuer))
    }
}

/// The operator's, or the platform's, to repair.
fn refused(asked: &Asked<'_>, code: &'static str, what: impl AsRef<str>) -> Error {
    Error::config(
        code,
        asked.sentence(&format!("the assertion {}", what.as_ref())),
    )
}
