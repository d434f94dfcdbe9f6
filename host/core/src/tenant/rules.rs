//! What a tenant file may not say although each of its values could stand: contradictions, and lines that would never do anything.

use std::collections::BTreeSet;

use super::identity::IdentityPolicy;
use super::policy::{Consent, Risk, TenantPolicy};
use super::{Span, Tenant};
use crate::limits::URL_BYTES;
use crate::record::Method;
use crate::text::Shown;
use crate::url::Issuer;

/// What is wrong, and at which key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) path: Vec<String>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Problem {
    fn at(path: &[&str], message: impl Into<String>) -> Self {
        Self {
            path: path.iter().map(|name| (*name).to_owned()).collect(),
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Claims that the host judges itself, each for every tenant (OIDC Core section 3.1.3.7), or that have a key of their own.
const CLAIMS_OF_THE_HOST: &[(&str, &str)] = &[
    ("iss", "policy.identity.issuers"),
    ("acr", "policy.identity.acr"),
    ("auth_time", "policy.identity.max_age"),
    ("aud", ""),
    ("azp", ""),
    ("exp", ""),
    ("iat", ""),
    ("nbf", ""),
    ("nonce", ""),
    ("at_hash", ""),
    ("email_verified", "policy.identity.email_domains"),
];

/// Checks a tenant for what makes no sense together. What a policy may not say at all does not get past the types.
pub(super) fn check(tenant: &Tenant) -> Result<(), Problem> {
    check_policy(&tenant.policy)?;
    check_identity(&tenant.policy.identity)
}

fn check_policy(policy: &TenantPolicy) -> Result<(), Problem> {
    if let Some(methods) = &policy.methods {
        once(
            &["policy", "methods"],
            methods.iter().map(|method| method.as_str()),
        )?;
        let workload = methods.contains(&Method::Workload);
        if workload && methods.len() > 1 {
            return Err(Problem::at(
                &["policy", "methods"],
                "policy.methods mixes a person's ways to sign in with a workload's, so that one could stand in for the other",
            )
            .hint("make two tenants of it, one for people and one for the workload"));
        }
    }
    if let Some(scopes) = &policy.scopes {
        once(
            &["policy", "scopes"],
            scopes.iter().map(|scope| scope.as_str()),
        )?;
    }
    if let Some(audiences) = &policy.audiences {
        let path = ["policy", "audiences"];
        once(&path, audiences.iter().map(String::as_str))?;
        if let Some(bad) = audiences.iter().find(|audience| !is_audience(audience)) {
            return Err(Problem::at(
                &path,
                format!(
                    "\"{}\" is no audience: write the resource server's URI or name, printable and without blanks",
                    Shown::new(bad)
                ),
            ));
        }
    }
    if policy.risk == Risk::High && policy.consent == Some(Consent::Approval) {
        return Err(Problem::at(
            &["policy", "consent"],
            "a tenant of high risk asks at each sign-in, so that consent cannot be \"approval\"",
        )
        .hint("remove the line, or lower policy.risk"));
    }
    let beyond = |inner: Option<Span>| match (inner, policy.max_session) {
        (Some(inner), Some(session)) => inner.as_secs() > session.as_secs(),
        (Some(_), None) | (None, _) => false,
    };
    if beyond(policy.max_idle) {
        return Err(Problem::at(
            &["policy", "max_idle"],
            "policy.max_idle is longer than policy.max_session, so that it would never end a grant",
        ));
    }
    if beyond(policy.max_token) {
        return Err(Problem::at(
            &["policy", "max_token"],
            "policy.max_token is longer than policy.max_session, which ends the grant and its tokens",
        ));
    }
    Ok(())
}

fn check_identity(identity: &IdentityPolicy) -> Result<(), Problem> {
    if let Some(issuers) = &identity.issuers {
        let path = ["policy", "identity", "issuers"];
        some(
            &path,
            issuers,
            "no issuer may vouch, so that nobody could sign in",
        )?;
        for issuer in issuers {
            Issuer::parse(issuer).map_err(|problem| {
                Problem::at(
                    &path,
                    format!("\"{}\" is no issuer: {problem}", Shown::new(issuer)),
                )
            })?;
        }
    }
    if let Some(domains) = &identity.email_domains {
        let path = ["policy", "identity", "email_domains"];
        some(
            &path,
            domains,
            "no domain would do, so that nobody could sign in",
        )?;
        if let Some(bad) = domains.iter().find(|domain| !is_domain(domain)) {
            return Err(Problem::at(
                &path,
                format!(
                    "\"{}\" is no domain: write \"example.com\", in lower case, without \"@\" or \"*\"; subdomains count only if they are listed",
                    Shown::new(bad)
                ),
            ));
        }
    }
    if let Some(acr) = &identity.acr {
        let path = ["policy", "identity", "acr"];
        some(&path, acr, "no acr would do, so that nobody could sign in")?;
        once(&path, acr.iter().map(String::as_str))?;
        let printable = |value: &String| {
            !value.is_empty()
                && value.len() <= 255
                && value.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
        };
        if let Some(bad) = acr.iter().find(|value| !printable(value)) {
            return Err(Problem::at(
                &path,
                format!(
                    "\"{}\" is no acr: they are separated by blanks on the wire (OIDC Core section 3.1.2.1), so that none may have one",
                    Shown::new(bad)
                ),
            ));
        }
    }
    for (claim, accepted) in &identity.claims {
        let path = ["policy", "identity", "claims", claim.as_str()];
        some(
            &path,
            accepted,
            "no value would do, so that nobody could sign in",
        )?;
        if let Some((_, own)) = CLAIMS_OF_THE_HOST.iter().find(|(name, _)| name == claim) {
            let problem = Problem::at(
                &path,
                format!("the claim \"{claim}\" is judged by the host for every tenant"),
            );
            return Err(if own.is_empty() {
                problem.hint("remove the line")
            } else {
                problem.hint(format!("write {own} in its place"))
            });
        }
    }
    Ok(())
}

/// Nothing stands twice: one of the two lines was meant to say something else.
fn once<'a>(path: &[&str], values: impl Iterator<Item = &'a str>) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(Problem::at(
                path,
                format!("{} has \"{}\" twice", path.join("."), Shown::new(value)),
            ));
        }
    }
    Ok(())
}

fn some<T>(path: &[&str], values: &[T], why: &str) -> Result<(), Problem> {
    if values.is_empty() {
        return Err(
            Problem::at(path, format!("{} is empty: {why}", path.join(".")))
                .hint("remove the line if anything will do"),
        );
    }
    Ok(())
}

/// A resource indicator (RFC 8707 section 2) or the name of a target service (RFC 8693 section 2.1).
fn is_audience(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= URL_BYTES
        && text.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
        && !text.contains('#')
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use crate::name::TenantName;

    use super::*;

    fn refused(lines: &str) -> (String, Option<String>) {
        let name = TenantName::parse("t").unwrap();
        let text = format!("plugin = \"p\"\n{lines}\n");
        let error = Tenant::parse(&name, &text).unwrap_err();
        assert_eq!(error.code(), "tenant.policy", "{error}");
        (
            error.message().to_owned(),
            error.next_step().map(ToOwned::to_owned),
        )
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_its_line() {
        for (lines, place, words) in [
            (
                "[policy]\nmethods = [\"workload\", \"browser\"]",
                "line 3",
                "mixes",
            ),
            (
                "[policy]\nmethods = [\"browser\", \"browser\"]",
                "line 3",
                "twice",
            ),
            (
                "[policy]\nscopes = [\"a\", \"b\", \"a\"]",
                "line 3",
                "twice",
            ),
            (
                "[policy]\naudiences = [\"https://a.example\", \"b c\"]",
                "line 3",
                "no audience",
            ),
            ("[policy]\naudiences = [\"\"]", "line 3", "no audience"),
            (
                "[policy]\naudiences = [\"https://a.example/#x\"]",
                "line 3",
                "no audience",
            ),
            (
                "[policy]\nrisk = \"high\"\nconsent = \"approval\"",
                "line 4",
                "high risk",
            ),
            (
                "[policy]\nmax_session = \"1h\"\nmax_idle = \"2h\"",
                "line 4",
                "never end",
            ),
            (
                "[policy]\nmax_token = \"2h\"\nmax_session = \"1h\"",
                "line 3",
                "ends the grant",
            ),
            ("[policy.identity]\nissuers = []", "line 3", "is empty"),
            (
                "[policy.identity]\nissuers = [\"idp\"]",
                "line 3",
                "no issuer",
            ),
            (
                "[policy.identity]\nemail_domains = []",
                "line 3",
                "is empty",
            ),
            (
                "[policy.identity]\nemail_domains = [\"*.example.com\"]",
                "line 3",
                "no domain",
            ),
            (
                "[policy.identity]\nemail_domains = [\"ada@example.com\"]",
                "line 3",
                "no domain",
            ),
            (
                "[policy.identity]\nemail_domains = [\"Example.com\"]",
                "line 3",
                "no domain",
            ),
            ("[policy.identity]\nacr = []", "line 3", "is empty"),
            ("[policy.identity]\nacr = [\"a b\"]", "line 3", "no acr"),
            ("[policy.identity.claims]\ntid = []", "line 3", "is empty"),
            (
                "[policy.identity.claims]\niss = [\"https://a.example\"]",
                "line 3",
                "by the host",
            ),
            (
                "[policy.identity.claims]\nhd = [\"a\"]\naud = [\"a\"]",
                "line 4",
                "by the host",
            ),
        ] {
            let (message, _) = refused(lines);
            assert!(message.contains(place), "{lines}: {message}");
            assert!(message.contains(words), "{lines}: {message}");
        }
    }

    #[test]
    fn a_claim_with_a_key_of_its_own_is_sent_there() {
        let (_, hint) = refused("[policy.identity.claims]\nacr = [\"phr\"]");
        assert_eq!(
            hint.as_deref(),
            Some("write policy.identity.acr in its place")
        );
    }

    #[test]
    fn every_key_may_be_used_as_it_is_meant() {
        let name = TenantName::parse("t").unwrap();
        let tenant = Tenant::parse(
            &name,
            "plugin = \"p\"\n\
             [policy]\nmethods = [\"browser\", \"device\"]\nrisk = \"high\"\nconsent = \"each_sign_in\"\nscopes = [\"openid\"]\n\
             audiences = [\"https://api.example/v1\", \"internal\"]\nmax_session = \"8h\"\nmax_idle = \"8h\"\nmax_token = \"10m\"\n\
             require_binding = true\n\
             [policy.identity]\nissuers = [\"https://idp.example\"]\nemail_domains = [\"example.com\"]\nacr = [\"phr\"]\nmax_age = \"1h\"\n\
             [policy.identity.claims]\ntid = [\"a\"]\nlevel = [3]\nemployee = [true]\n",
        )
        .unwrap();
        assert!(tenant.policy.identity.asks_for_claims());
        assert_eq!(tenant.policy.identity.claims.len(), 3);
    }
}
