//! A resource server's challenge that asks for a stronger sign-in (RFC 9470 section 3; RFC 6750 section 3; RFC 9110 section 11.6.1).
//!
//! It comes from whoever answers a request with status 401, so that it is read as strictly as a provider's reply.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use http_auth::ChallengeParser;
use vestibule_core::authentication::Demand;
use vestibule_core::limits::{CHALLENGE_BYTES, TEXT_BYTES};
use vestibule_core::{Error, Result, Shown};

use crate::json::Document;

/// The error that asks for another authentication (RFC 9470 section 3).
const INSUFFICIENT_AUTHENTICATION: &str = "insufficient_user_authentication";

/// The error that comes with a claims request of its own, as one provider's resources send it.
const INSUFFICIENT_CLAIMS: &str = "insufficient_claims";

/// The longest `max_age`: ten years, after which it asks for nothing.
const LONGEST_AGE: u64 = 10 * 365 * 86_400;

/// The most values of `acr_values`.
const ACR_VALUES: usize = 16;

/// Base64 in either alphabet: the claims of a challenge come in both.
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);
const LENIENT: GeneralPurposeConfig =
    general_purpose::PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Reads the value of a `WWW-Authenticate` header, with or without the header's name before it, into what it demands.
///
/// # Errors
/// Blames the resource (as `provider`), with a code that begins with `challenge.`: if it is no challenge, asks for something else than a
/// stronger sign-in, asks for nothing in particular, or has a member that is none.
pub fn parse(header: &str) -> Result<Demand> {
    let value = header
        .split_once(':')
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("www-authenticate"))
        .map_or(header, |(_, value)| value)
        .trim();
    if value.len() > CHALLENGE_BYTES {
        return Err(refuse("challenge.size", "is too large"));
    }
    if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(refuse(
            "challenge.syntax",
            "has characters that are not printable ASCII",
        ));
    }
    let mut found = None;
    for challenge in ChallengeParser::new(value) {
        let challenge = challenge.map_err(|_| {
            refuse(
                "challenge.syntax",
                "is no list of challenges (RFC 9110 section 11.6.1)",
            )
            .hint("give the whole value of the header WWW-Authenticate, in quotes")
        })?;
        let carries_tokens = ["bearer", "dpop"]
            .iter()
            .any(|scheme| challenge.scheme.eq_ignore_ascii_case(scheme));
        if !carries_tokens {
            continue;
        }
        let members = Members::of(&challenge)?;
        let asks = matches!(
            members.get("error"),
            Some(INSUFFICIENT_AUTHENTICATION | INSUFFICIENT_CLAIMS)
        );
        if asks && found.replace(members).is_some() {
            return Err(refuse(
                "challenge.twice",
                "asks for a stronger sign-in twice",
            ));
        }
    }
    let members = found.ok_or_else(|| {
        refuse(
            "challenge.other",
            "does not ask for a stronger sign-in (error=\"insufficient_user_authentication\")",
        )
        .hint("another error of a resource is not mended by signing in again")
    })?;
    members.demand()
}

/// The members of one challenge, each of them once.
struct Members(Vec<(String, String)>);

impl Members {
    fn of(challenge: &http_auth::ChallengeRef<'_>) -> Result<Self> {
        let mut members: Vec<(String, String)> = Vec::new();
        for (name, value) in &challenge.params {
            let name = name.to_ascii_lowercase();
            if members.iter().any(|(earlier, _)| *earlier == name) {
                return Err(refuse(
                    "challenge.repeated",
                    format!("has \"{}\" twice", Shown::new(&name)),
                ));
            }
            members.push((name, value.to_unescaped()));
        }
        Ok(Self(members))
    }

    fn get(&self, name: &str) -> Option<&str> {
        let member = self.0.iter().find(|(own, _)| own == name);
        member.map(|(_, value)| value.as_str())
    }

    fn demand(&self) -> Result<Demand> {
        let demand = Demand {
            acr_values: self
                .get("acr_values")
                .map(acr_values)
                .transpose()?
                .unwrap_or_default(),
            max_age: self.get("max_age").map(max_age).transpose()?,
            claims: self.get("claims").map(claims).transpose()?,
        };
        if demand.is_empty() {
            return Err(refuse(
                "challenge.empty",
                "says neither how nor how recently to authenticate (acr_values, max_age), so that nothing it would get could be told from what it has",
            ));
        }
        Ok(demand)
    }
}

fn acr_values(text: &str) -> Result<Vec<String>> {
    let values: Vec<String> = text
        .split(' ')
        .filter(|value| !value.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    if values.is_empty()
        || values.len() > ACR_VALUES
        || values.iter().any(|value| value.len() > 255)
    {
        return Err(refuse(
            "challenge.acr_values",
            "has acr_values that are none, too many or too long",
        ));
    }
    Ok(values)
}

fn max_age(text: &str) -> Result<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text
        .parse::<u64>()
        .ok()
        .filter(|seconds| digits && *seconds <= LONGEST_AGE);
    seconds.ok_or_else(|| {
        refuse(
            "challenge.max_age",
            format!(
                "has a max_age that is no number of seconds: \"{}\"",
                Shown::new(text)
            ),
        )
    })
}

/// A claims request (OIDC Core section 5.5), as JSON in base64.
fn claims(text: &str) -> Result<String> {
    let problem = || {
        refuse(
            "challenge.claims",
            "has claims that are no claims request in base64 (OIDC Core section 5.5)",
        )
    };
    let bytes = URL_SAFE
        .decode(text)
        .or_else(|_| STANDARD.decode(text))
        .map_err(|_| problem())?;
    let document = Document::parse(&bytes).map_err(|_| problem())?;
    let members = document.root().as_object().ok_or_else(problem)?;
    let known = |name: &String| matches!(name.as_str(), "access_token" | "id_token" | "userinfo");
    if members.is_empty() || bytes.len() > TEXT_BYTES || !members.keys().all(known) {
        return Err(problem());
    }
    String::from_utf8(bytes).map_err(|_| problem())
}

/// The resource's doing.
fn refuse(code: &'static str, problem: impl AsRef<str>) -> Error {
    Error::provider(
        code,
        format!("the resource's challenge {}", problem.as_ref()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(acr: &[&str], max_age: Option<u64>) -> Demand {
        Demand {
            acr_values: acr.iter().map(|value| (*value).to_owned()).collect(),
            max_age,
            claims: None,
        }
    }

    #[test]
    fn a_challenge_asks_for_what_it_names() {
        let insufficient = "error=\"insufficient_user_authentication\"";
        for (header, wanted) in [
            (
                format!("Bearer {insufficient}, acr_values=\"phr\""),
                demand(&["phr"], None),
            ),
            (
                format!("Bearer {insufficient}, max_age=\"5\""),
                demand(&[], Some(5)),
            ),
            (
                format!("Bearer {insufficient}, max_age=0"),
                demand(&[], Some(0)),
            ),
            (
                format!(
                    "Bearer {insufficient}, error_description=\"more, please\", acr_values=\"phrh  phr\", max_age=\"300\""
                ),
                demand(&["phrh", "phr"], Some(300)),
            ),
            (
                format!("WWW-Authenticate: bearer {insufficient}, MAX_AGE=5"),
                demand(&[], Some(5)),
            ),
            (
                format!("DPoP algs=\"ES256\", {insufficient}, max_age=5"),
                demand(&[], Some(5)),
            ),
            (
                format!("Basic realm=\"x\", Bearer realm=\"y\", {insufficient}, max_age=5"),
                demand(&[], Some(5)),
            ),
        ] {
            assert_eq!(parse(&header).unwrap(), wanted, "{header}");
        }
    }

    #[test]
    fn what_is_no_honest_challenge_is_refused_and_says_why() {
        let insufficient = "error=\"insufficient_user_authentication\"";
        for (header, code) in [
            (String::new(), "challenge.syntax"),
            ("Bearer".to_owned(), "challenge.other"),
            (
                "Bearer error=\"invalid_token\", max_age=5".to_owned(),
                "challenge.other",
            ),
            (
                "Bearer error=\"INSUFFICIENT_USER_AUTHENTICATION\", max_age=5".to_owned(),
                "challenge.other",
            ),
            (
                format!("Basic {insufficient}, max_age=5"),
                "challenge.other",
            ),
            (format!("Bearer {insufficient}"), "challenge.empty"),
            (
                format!("Bearer {insufficient}, scope=\"x\""),
                "challenge.empty",
            ),
            (
                format!("Bearer {insufficient}, max_age=\"-5\""),
                "challenge.max_age",
            ),
            (
                format!("Bearer {insufficient}, max_age=\"5.0\""),
                "challenge.max_age",
            ),
            (
                format!("Bearer {insufficient}, max_age=\"\""),
                "challenge.max_age",
            ),
            (
                format!("Bearer {insufficient}, max_age=\"+5\""),
                "challenge.max_age",
            ),
            (
                format!("Bearer {insufficient}, max_age=\"99999999999999999999\""),
                "challenge.max_age",
            ),
            (
                format!("Bearer {insufficient}, max_age=\"315360001\""),
                "challenge.max_age",
            ),
            (
                format!("Bearer {insufficient}, acr_values=\" \""),
                "challenge.acr_values",
            ),
            (
                format!("Bearer {insufficient}, acr_values=\"{}\"", "a ".repeat(17)),
                "challenge.acr_values",
            ),
            (
                format!("Bearer {insufficient}, acr_values=\"{}\"", "a".repeat(256)),
                "challenge.acr_values",
            ),
            (
                format!("Bearer {insufficient}, max_age=5, Max_Age=6"),
                "challenge.repeated",
            ),
            (
                format!("Bearer {insufficient}, max_age=5, Bearer {insufficient}, max_age=6"),
                "challenge.twice",
            ),
            (
                format!("Bearer {insufficient}, max_age=5, \"x\""),
                "challenge.syntax",
            ),
            (
                format!("Bearer {insufficient}, max_age=5\u{7}"),
                "challenge.syntax",
            ),
            (
                format!("Bearer {insufficient}, realm=\"\u{202e}\""),
                "challenge.syntax",
            ),
            (
                format!(
                    "Bearer {insufficient}, realm=\"{}\"",
                    "a".repeat(CHALLENGE_BYTES)
                ),
                "challenge.size",
            ),
            (
                format!("Bearer {insufficient}, claims=\"x\""),
                "challenge.claims",
            ),
        ] {
            assert_eq!(parse(&header).unwrap_err().code(), code, "{header}");
        }
    }

    #[test]
    fn claims_come_as_a_request_in_base64() {
        let request = r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}"#;
        let header =
            |claims: &str| format!("Bearer error=\"insufficient_claims\", claims=\"{claims}\"");
        for encoded in [
            base64::engine::general_purpose::STANDARD.encode(request),
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(request),
        ] {
            assert_eq!(
                parse(&header(&encoded)).unwrap().claims.as_deref(),
                Some(request)
            );
        }
        for bad in [
            "{}",
            "[]",
            "{\"redirect_uri\":1}",
            "{\"id_token\":1,\"x\":2}",
            "\"x\"",
            "{",
        ] {
            let encoded = base64::engine::general_purpose::STANDARD.encode(bad);
            assert_eq!(
                parse(&header(&encoded)).unwrap_err().code(),
                "challenge.claims",
                "{bad}"
            );
        }
    }
}
