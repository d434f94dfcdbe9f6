//! The authorization response (RFC 6749 section 4.1.2) and its issuer (RFC 9207).
//!
//! Who can reach the listener can send anything. Therefore `state` comes first, and what follows decides between three ends: a
//! response is accepted; or it ends the attempt, since it came from the provider and is unusable; or it is as if it had never
//! come, since nothing shows that the provider sent it.

use std::collections::HashSet;

use subtle::ConstantTimeEq;
use url::form_urlencoded;
use vestibule_core::{Blame, Error, Issuer, Result, Secret, Shown};
use zeroize::Zeroizing;

/// What a response must match. Used once, then erased.
#[derive(Debug)]
pub struct Expectation {
    /// The `state` that was sent.
    pub state: Secret,
    /// The issuer that was asked. Where a tenant has none, any `iss` is a mismatch.
    pub issuer: Option<Issuer>,
    /// What becomes of `iss`.
    pub iss: IssParameter,
}

/// What becomes of the `iss` parameter (RFC 9207 section 2.4). A value that does not match is fatal in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssParameter {
    /// The server advertises it: a response without it is rejected.
    Required,
    /// The server does not advertise it, and the tenant's policy lets it count.
    Accepted,
    /// The server does not advertise it, and it counts for nothing.
    Ignored,
}

/// Proof that the response carried the `state` of its request (RFC 6749 section 10.12). Made only here.
#[derive(Debug)]
#[non_exhaustive]
pub struct StateVerified;

/// Proof that RFC 9207 section 2.4 was applied, on a redirect URI that no other issuer has (RFC 9700 section 4.4.2). Made only here.
#[derive(Debug)]
#[non_exhaustive]
pub struct IssuerVerified;

/// A successful response.
#[derive(Debug)]
pub struct AuthorizationResponse {
    /// The authorization code.
    pub code: Secret,
    /// See [`StateVerified`].
    pub state: StateVerified,
    /// See [`IssuerVerified`].
    pub issuer: IssuerVerified,
    /// Whether the response named its issuer and that counted: what an audit notes, and what a later downgrade is measured by.
    pub named_its_issuer: bool,
}

/// What became of a response.
#[derive(Debug)]
pub(crate) enum Reading {
    /// It is good.
    Accepted(AuthorizationResponse),
    /// It has our `state`, and is a refusal or invalid. The attempt ends.
    Ended(Error),
    /// Nothing shows that it came from the provider. The attempt goes on.
    Ignored(Ignored),
}

/// Why a response was as if it had never come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ignored {
    /// `state` is missing, empty, repeated or different.
    State,
    /// An error whose `iss` is missing where it is required, or different.
    Issuer,
}

impl Ignored {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::State => "its state was not the expected one",
            Self::Issuer => "it reported an error without proof of its issuer",
        }
    }
}

/// Reads the query of a response, once decoded (RFC 6749 appendix B).
pub(crate) fn read(query: &str, expected: &Expectation) -> Reading {
    let parameters = Parameters::parse(query);
    let Some(state) = parameters.verify_state(&expected.state) else {
        return Reading::Ignored(Ignored::State);
    };
    match parameters.outcome(state, expected) {
        Ok(response) => Reading::Accepted(response),
        Err(Rejection::Ended(error)) => Reading::Ended(error),
        Err(Rejection::Ignored(why)) => Reading::Ignored(why),
    }
}

enum Rejection {
    Ended(Error),
    Ignored(Ignored),
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::Ended(error)
    }
}

/// The decoded parameters. Erased when dropped, since one of them is the code.
struct Parameters(Vec<(String, Zeroizing<String>)>);

impl Parameters {
    fn parse(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
                .collect(),
        )
    }

    /// RESP-02. The comparison takes the same time wherever the values differ; their length is no secret.
    fn verify_state(&self, expected: &Secret) -> Option<StateVerified> {
        let mut values = self.all("state");
        let (state, None) = (values.next()?, values.next()) else {
            return None;
        };
        let equal = bool::from(state.as_bytes().ct_eq(expected.expose().as_bytes()));
        (equal && !state.is_empty()).then_some(StateVerified)
    }

    /// What the response says, now that it is known to answer our request.
    fn outcome(
        &self,
        state: StateVerified,
        expected: &Expectation,
    ) -> Result<AuthorizationResponse, Rejection> {
        self.refuse_repeated()?;
        self.refuse_tokens()?;
        match (self.one("code"), self.one("error")) {
            (Some(code), None) => {
                let (issuer, named_its_issuer) = self.verify_issuer(expected)?;
                Ok(AuthorizationResponse {
                    code: parse_code(code)?,
                    state,
                    issuer,
                    named_its_issuer,
                })
            }
            (None, Some(error)) => {
                // Without proof of its issuer it may be another server's way to end our attempt (RFC 9207 section 2.4).
                self.verify_issuer(expected)
                    .map_err(|_| Rejection::Ignored(Ignored::Issuer))?;
                Err(refusal(error, self.one("error_description")).into())
            }
            (Some(_), Some(_)) => {
                Err(invalid("it has both a code and an error (RFC 6749 section 4.1.2)").into())
            }
            (None, None) => Err(invalid("it has neither a code nor an error").into()),
        }
    }

    /// RFC 6749 section 3.1: parameters must not be included more than once, known or not.
    fn refuse_repeated(&self) -> Result<()> {
        let mut seen = HashSet::new();
        if self.0.iter().all(|(name, _)| seen.insert(name.as_str())) {
            return Ok(());
        }
        Err(invalid("it repeats a parameter (RFC 6749 section 3.1)"))
    }

    /// RESP-05: tokens that travelled through a browser are burnt, and the server is not one that we asked.
    fn refuse_tokens(&self) -> Result<()> {
        const TOKENS: [&str; 3] = ["access_token", "id_token", "refresh_token"];
        if self
            .0
            .iter()
            .all(|(name, _)| !TOKENS.iter().any(|token| name.eq_ignore_ascii_case(token)))
        {
            return Ok(());
        }
        Err(Error::provider(
            "authorization_response.tokens",
            "the provider sent tokens through the browser, which was not asked for (RFC 9700 section 2.1.2)",
        ))
    }

    /// RFC 9207 section 2.4: compared as strings, after one form decoding.
    fn verify_issuer(&self, expected: &Expectation) -> Result<(IssuerVerified, bool)> {
        let issuer = expected.issuer.as_ref().map(Issuer::as_str);
        match (self.one("iss"), expected.iss) {
            (Some(iss), _) if issuer != Some(iss) => Err(Error::provider(
                "authorization_response.issuer",
                format!(
                    "the answer came from \"{}\", which is not the issuer that was asked (RFC 9207)",
                    Shown::new(iss)
                ),
            )
            .hint("somebody may be mixing up two providers; do not sign in again before you know why")),
            (None, IssParameter::Required) => Err(Error::provider(
                "authorization_response.issuer",
                "the answer does not name its issuer, although the provider announces that it does (RFC 9207)",
            )),
            (Some(_), IssParameter::Required | IssParameter::Accepted) => Ok((IssuerVerified, true)),
            (Some(_), IssParameter::Ignored)
            | (None, IssParameter::Accepted | IssParameter::Ignored) => Ok((IssuerVerified, false)),
        }
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    fn one(&self, name: &'static str) -> Option<&str> {
        self.all(name).next()
    }
}

/// `code = 1*VSCHAR` (RFC 6749 appendix A.11). What was not UTF-8 is a replacement character by now, and fails too.
fn parse_code(code: &str) -> Result<Secret> {
    if code.is_empty() || !code.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        return Err(invalid("its code is malformed (RFC 6749 appendix A.11)"));
    }
    Ok(Secret::new(code.to_owned()))
}

/// An error response (RFC 6749 section 4.1.2.1, OIDC Core section 3.1.2.6).
fn refusal(error: &str, description: Option<&str>) -> Error {
    let (blame, code) = match error {
        "access_denied" => (Blame::User, "authorization.access_denied"),
        "invalid_request" => (Blame::Provider, "authorization.invalid_request"),
        "unauthorized_client" => (Blame::Provider, "authorization.unauthorized_client"),
        "unsupported_response_type" => (Blame::Provider, "authorization.unsupported_response_type"),
        "invalid_scope" => (Blame::Provider, "authorization.invalid_scope"),
        "invalid_target" => (Blame::Provider, "authorization.invalid_target"),
        "server_error" => (Blame::Provider, "authorization.server_error"),
        "temporarily_unavailable" => (Blame::Provider, "authorization.temporarily_unavailable"),
        "login_required" => (Blame::Provider, "authorization.login_required"),
        "consent_required" => (Blame::Provider, "authorization.consent_required"),
        "interaction_required" => (Blame::Provider, "authorization.interaction_required"),
        _ => (Blame::Provider, "authorization.refused"),
    };
    let words = match description.filter(|text| !text.is_empty()) {
        Some(text) => format!(": \"{}\"", Shown::new(text)),
        None => String::new(),
    };
    Error::new(
        blame,
        code,
        format!("the provider refused with {}{words}", Shown::new(error)),
    )
}

fn invalid(why: &str) -> Error {
    Error::provider(
        "authorization_response.invalid",
        format!("the provider's answer is invalid: {why}"),
    )
}

#[cfg(test)]
#[path = "authorization_response/tests.rs"]
mod tests;
