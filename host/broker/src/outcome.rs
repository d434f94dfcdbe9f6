//! What an endpoint's answer means: success, or which failure (RFC 6749 section 5.2, RFC 8628 section 3.5, and the dialect).

use vestibule_core::approval::PinnedEndpoint;
use vestibule_core::description::{Dialect, Outcome};
use vestibule_core::reply::{Problem, ProblemKind};
use vestibule_core::{Error, Result, Shown};

use crate::http::Exchange;
use crate::json::{Document, Value};
use crate::vault::Vault;

/// A provider's refusal, before anything of it is told to a plugin.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    outcome: Outcome,
    code: Option<String>,
    description: Option<String>,
}

/// Reads an answer as a JSON document, or as a refusal. Some providers refuse with 200 (so an error member counts in any status),
/// others with an empty body or a page.
pub(crate) fn read(
    endpoint: &PinnedEndpoint,
    exchange: &Exchange,
) -> Result<std::result::Result<Document, Refusal>> {
    let document = exchange.json();
    if exchange.is_success() {
        let document = document?;
        let refused = matches!(
            document.get(endpoint.dialect.error_code.as_str()),
            Some(Value::Text(_) | Value::Object(_))
        );
        return Ok(if refused {
            Err(Refusal::of(
                &endpoint.dialect,
                exchange.status(),
                Some(&document),
            ))
        } else {
            Ok(document)
        });
    }
    Ok(Err(Refusal::of(
        &endpoint.dialect,
        exchange.status(),
        document.ok().as_ref(),
    )))
}

impl Refusal {
    pub(crate) fn of(dialect: &Dialect, status: u16, document: Option<&Document>) -> Self {
        let text = |pointer: &str| {
            document
                .and_then(|d| d.get(pointer))
                .and_then(Value::as_text)
                .map(ToOwned::to_owned)
        };
        let code = text(dialect.error_code.as_str());
        let description = text(dialect.error_description.as_str());
        let by_rule = dialect.outcomes.iter().find(|rule| {
            rule.status.is_none_or(|s| s == status)
                && rule
                    .code
                    .as_deref()
                    .is_none_or(|c| code.as_deref() == Some(c))
                && rule
                    .description
                    .as_deref()
                    .is_none_or(|d| description.as_deref() == Some(d))
        });
        let standard = match code.as_deref() {
            Some("authorization_pending") => Outcome::Pending,
            Some("slow_down") => Outcome::SlowDown,
            Some("access_denied") => Outcome::Denied,
            Some("expired_token") => Outcome::Expired,
            Some("invalid_grant") => Outcome::InvalidGrant,
            Some(_) | None => Outcome::Other,
        };
        // Belt and braces for DEV-04: whatever the description says, trouble at the provider and a clear no are no reason to go on.
        let ruled = by_rule.map_or(standard, |rule| rule.outcome);
        let goes_on = matches!(ruled, Outcome::Pending | Outcome::SlowDown);
        let is_final = status >= 500 || matches!(standard, Outcome::Denied | Outcome::Expired);
        let outcome = if goes_on && is_final { standard } else { ruled };
        Self {
            status,
            outcome,
            code,
            description,
        }
    }

    /// What it means to the host.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What the plugin is told: a known code, and a kind (PLUG-08).
    pub(crate) fn problem(&self) -> Problem {
        let kind = match self.outcome {
            _ if self.is_trouble() => ProblemKind::Unavailable,
            Outcome::Denied => ProblemKind::Denied,
            Outcome::Expired => ProblemKind::Expired,
            Outcome::InvalidGrant => ProblemKind::InvalidGrant,
            Outcome::Pending | Outcome::SlowDown | Outcome::Other => ProblemKind::Refused,
        };
        let code = self
            .code
            .as_deref()
            .filter(|code| KNOWN_CODES.contains(code))
            .map(ToOwned::to_owned);
        Problem { kind, code }
    }

    /// What the person is told. The provider's words are left out where they repeat a secret of the flow: a terminal is read by others,
    /// and what is told ends up in logs (UI-07).
    pub(crate) fn error(&self, role: &str, vault: &Vault) -> Error {
        let repeats = |text: &Option<String>| {
            text.as_deref()
                .is_some_and(|text| vault.search_for_secrets().finds_in(text))
        };
        let said = match (self.code.as_deref(), self.description.as_deref()) {
            _ if repeats(&self.code) || repeats(&self.description) => {
                ", with words that repeat a secret and are not shown".to_owned()
            }
            (Some(code), Some(description)) => {
                format!(": {} ({})", Shown::new(code), Shown::new(description))
            }
            (Some(code), None) => format!(": {}", Shown::new(code)),
            (None, _) => " without saying why".to_owned(),
        };
        let message = format!(
            "the provider's {role} endpoint answered {}{said}",
            self.status
        );
        if self.is_trouble() {
            return Error::network("provider.unavailable", message).hint("try again in a moment");
        }
        match self.outcome {
            Outcome::Denied => Error::user("provider.denied", message),
            Outcome::Expired => Error::user("provider.expired", message),
            Outcome::InvalidGrant => Error::provider("provider.invalid_grant", message),
            Outcome::Pending | Outcome::SlowDown | Outcome::Other => {
                Error::provider("provider.refused", message)
            }
        }
    }

    fn is_trouble(&self) -> bool {
        self.status >= 500 || self.status == 429
    }
}

/// The error codes of the standards that a plugin may be told. Anything else could be a message to it.
const KNOWN_CODES: [&str; 24] = [
    // RFC 6749 section 5.2 and 4.1.2.1
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    // RFC 6750 section 3.1
    "invalid_token",
    "insufficient_scope",
    // RFC 7009 section 2.2.1
    "unsupported_token_type",
    // RFC 7591 section 3.2.2
    "invalid_redirect_uri",
    "invalid_client_metadata",
    "invalid_software_statement",
    "unapproved_software_statement",
    // RFC 8628 section 3.5
    "authorization_pending",
    "slow_down",
    "expired_token",
    // RFC 8693 section 2.2.2, RFC 8707 section 2
    "invalid_target",
    // RFC 9449 section 5, RFC 9470 section 3
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "insufficient_user_authentication",
    // OIDC Core section 3.1.2.6
    "login_required",
];

#[cfg(test)]
mod tests {
    use vestibule_core::description::{Encoding, OutcomeRule, ScopeForm};
    use vestibule_core::matrix::Matrix;
    use vestibule_core::{Blame, Pointer, Secret, SecretKind};

    use crate::vault::tests::permissions;

    use super::*;

    fn dialect(outcomes: Vec<OutcomeRule>) -> Dialect {
        Dialect {
            encoding: Encoding::Form,
            renames: vec![],
            scope_form: ScopeForm::Joined(' '),
            error_code: Pointer::parse("/error").unwrap(),
            error_description: Pointer::parse("/error_description").unwrap(),
            outcomes,
        }
    }

    fn refusal(rules: Vec<OutcomeRule>, status: u16, body: &str) -> Refusal {
        Refusal::of(
            &dialect(rules),
            status,
            Document::parse(body.as_bytes()).ok().as_ref(),
        )
    }

    fn vault() -> Vault {
        Vault::new(Matrix::of(&permissions()))
    }

    #[test]
    fn a_refusal_that_repeats_a_secret_is_told_without_its_words() {
        let mut vault = vault();
        let secret = Secret::new("marker-of-a-refresh-token".to_owned());
        let kept = vault.keep(SecretKind::RefreshToken, "refresh_token", secret);
        assert!(kept.is_ok());
        for body in [
            r#"{"error":"invalid_grant","error_description":"bad marker-of-a-refresh-token"}"#,
            r#"{"error":"invalid_grant","error_description":"bWFya2VyLW9mLWEtcmVmcmVzaC10b2tlbg"}"#,
            r#"{"error":"marker-of-a-refresh-token"}"#,
        ] {
            let error = refusal(vec![], 400, body).error("token", &vault);
            assert!(error.message().ends_with("not shown"), "{error}");
        }
        let body = r#"{"error":"invalid_grant","error_description":"expired"}"#;
        let error = refusal(vec![], 400, body).error("token", &vault);
        assert!(
            error.message().ends_with("invalid_grant (expired)"),
            "{error}"
        );
    }

    #[test]
    fn standard_codes_mean_what_the_standards_say() {
        for (code, kind) in [
            ("access_denied", ProblemKind::Denied),
            ("expired_token", ProblemKind::Expired),
            ("invalid_grant", ProblemKind::InvalidGrant),
            ("invalid_client", ProblemKind::Refused),
        ] {
            let problem = refusal(vec![], 400, &format!("{{\"error\":\"{code}\"}}")).problem();
            assert_eq!(
                problem,
                Problem {
                    kind,
                    code: Some(code.into())
                }
            );
        }
    }

    #[test]
    fn a_code_that_no_standard_knows_does_not_reach_the_plugin() {
        for body in [
            "{\"error\":\"hello-plugin\"}",
            "{\"error\":{\"code\":1}}",
            "{}",
            "<html>",
            "",
        ] {
            assert_eq!(
                refusal(vec![], 400, body).problem(),
                Problem {
                    kind: ProblemKind::Refused,
                    code: None
                },
                "{body}"
            );
        }
    }

    #[test]
    fn a_rule_maps_a_description_and_never_turns_trouble_or_a_no_into_pending() {
        let rule = OutcomeRule {
            status: None,
            code: None,
            description: Some("authorization_pending".into()),
            outcome: Outcome::Pending,
        };
        let body = "{\"error\":\"invalid_grant\",\"error_description\":\"authorization_pending\"}";
        assert_eq!(
            refusal(vec![rule.clone()], 400, body).outcome,
            Outcome::Pending
        );
        assert_ne!(
            refusal(vec![rule.clone()], 500, body).outcome,
            Outcome::Pending
        );
        let denied =
            "{\"error\":\"access_denied\",\"error_description\":\"authorization_pending\"}";
        assert_eq!(refusal(vec![rule], 400, denied).outcome, Outcome::Denied);
    }

    #[test]
    fn a_rule_applies_only_where_all_that_it_names_is_so() {
        let rule = OutcomeRule {
            status: Some(400),
            code: Some("invalid_grant".into()),
            description: Some("not yet".into()),
            outcome: Outcome::Pending,
        };
        for (status, code, description, expected) in [
            (400, "invalid_grant", "not yet", Outcome::Pending),
            (403, "invalid_grant", "not yet", Outcome::InvalidGrant),
            (400, "invalid_request", "not yet", Outcome::Other),
            (400, "invalid_grant", "never", Outcome::InvalidGrant),
        ] {
            let body = format!(r#"{{"error":"{code}","error_description":"{description}"}}"#);
            let outcome = refusal(vec![rule.clone()], status, &body).outcome();
            assert_eq!(outcome, expected, "{status} {body}");
        }
    }

    #[test]
    fn trouble_at_the_provider_is_blamed_on_the_network() {
        for status in [429, 500, 503] {
            for body in ["", "{\"error\":\"invalid_grant\"}"] {
                let refusal = refusal(vec![], status, body);
                assert_eq!(refusal.error("token", &vault()).blame(), Blame::Network);
                assert_eq!(refusal.problem().kind, ProblemKind::Unavailable);
            }
        }
        assert_eq!(
            refusal(vec![], 400, "").error("token", &vault()).blame(),
            Blame::Provider
        );
    }
}
