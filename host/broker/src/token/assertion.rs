//! What a workload's assertion (RFC 7521 section 5.1) says of itself, as far as it is a JWT that can be read. Nobody here can verify it:
//! it is for whoever issued it to trust, and for the provider to judge. So it names somebody in a log, and it can end something earlier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_core::{Error, Result, Secret};
use zeroize::Zeroizing;

use crate::json::{Document, Value};

/// Characters of a name that is shown and recorded: those of `sub` (OIDC Core section 2).
const NAME_CHARS: usize = 255;

/// What was read of an assertion.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Assertion {
    /// `sub`, if it can be shown.
    pub(super) subject: Option<String>,
    /// `exp`, in Unix seconds.
    pub(super) expires_at: Option<u64>,
}

impl Assertion {
    /// Reads one. Of what is no JWT nothing is known.
    pub(super) fn read(assertion: &Secret) -> Self {
        Self::claims(assertion.expose()).map_or_else(Self::default, |claims| Self {
            subject: claims
                .text("/sub")
                .ok()
                .flatten()
                .filter(|name| (1..=NAME_CHARS).contains(&name.chars().count()))
                .filter(|name| !name.chars().any(char::is_control))
                .map(ToOwned::to_owned),
            expires_at: claims
                .get("/exp")
                .and_then(Value::as_integer)
                .and_then(|at| u64::try_from(at).ok()),
        })
    }

    /// An assertion that has ended is not sent: the provider would refuse it, and its words for that are worse.
    pub(super) fn check_time(&self, now: u64) -> Result<()> {
        match self.expires_at {
            Some(end) if end <= now => Err(Error::config(
                "workload.expired",
                "the workload's assertion has expired already; nothing was sent",
            )
            .hint("look at what the source of the tenant file brings: it must be renewed by whoever issues it")),
            Some(_) | None => Ok(()),
        }
    }

    fn claims(assertion: &str) -> Option<Document> {
        let mut parts = assertion.split('.');
        let (Some(_), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
        Document::parse(&payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(claims: &str) -> Assertion {
        let payload = URL_SAFE_NO_PAD.encode(claims);
        Assertion::read(&Secret::new(format!("e30.{payload}.c2ln")))
    }

    #[test]
    fn subject_and_end_are_read_and_what_is_no_jwt_says_nothing() {
        let said = read(r#"{"sub":"repo:corp/app","exp":1000}"#);
        assert_eq!(said.subject.as_deref(), Some("repo:corp/app"));
        assert_eq!(said.expires_at, Some(1000));
        for other in [
            r#"{"sub":7,"exp":"soon"}"#,
            r#"{"sub":"","exp":-1}"#,
            "{\"sub\":\"a\\nb\"}",
            "[]",
            "not json",
        ] {
            assert_eq!(read(other), Assertion::default(), "{other}");
        }
        let long = format!("{{\"sub\":\"{}\"}}", "x".repeat(NAME_CHARS + 1));
        assert_eq!(read(&long), Assertion::default());
        for opaque in ["", "opaque", "a.b", "a.b.c.d", "e30.!!.x"] {
            let secret = Secret::new(opaque.to_owned());
            assert_eq!(Assertion::read(&secret), Assertion::default(), "{opaque}");
        }
    }

    #[test]
    fn an_assertion_that_has_ended_is_not_sent() {
        let said = read(r#"{"exp":1000}"#);
        assert!(said.check_time(999).is_ok());
        let problem = said.check_time(1000).unwrap_err();
        assert_eq!(problem.code(), "workload.expired");
        assert!(Assertion::default().check_time(u64::MAX).is_ok());
    }
}
