//! Dialects (RFC 6749 sections 4 and 5, RFC 8628 section 3.5): a description may say in which words a provider speaks. It may not
//! make one word mean another, read a secret as if it were none, or turn an end into a reason to go on asking.

use vestibule_core::description::{Encoding, EndpointClass, Outcome, OutcomeRule, ScopeForm};
use vestibule_core::limits::TEXT_BYTES;
use vestibule_core::{Pointer, Result, RoleName, Shown};

use vestibule_core::words::{folded, is_standard, is_standard_spelling, names_a_secret};

use super::{Case, Row, refused};

const RULE: &str = "approval.dialect";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    for (role, row) in &case.rows {
        check_renames(role, row)?;
        check_scope_form(role, row)?;
        check_pointers(case, role, row)?;
        for (at, rule) in row.dialect.outcomes.iter().enumerate() {
            check_outcome(role, at + 1, rule)?;
        }
    }
    Ok(())
}

/// One to one, from the standards' words to words that are not the standards'.
fn check_renames(role: &RoleName, row: &Row) -> Result<()> {
    let renames = &row.dialect.renames;
    for (at, (from, to)) in renames.iter().enumerate() {
        let wrong = |what: &str, instead: &str| {
            Err(refused(
                RULE,
                format!("endpoint \"{role}\" renames \"{from}\" to \"{to}\": {what}"),
                instead,
            ))
        };
        if !is_standard_spelling(from.as_str()) {
            return wrong(
                "the first is no name of the standards",
                "rename standard names only",
            );
        }
        // A provider that does not look for the challenge under another name would not ask for the verifier either (PKCE-01).
        if from.as_str().starts_with("code_challenge") {
            return wrong(
                "a provider that overlooked it would leave PKCE out",
                "leave it as RFC 7636 has it",
            );
        }
        let another_spelling = folded(to.as_str()) == folded(from.as_str());
        if !another_spelling && is_standard(to.as_str()) {
            return wrong(
                "the second is a standard name of another meaning",
                "give the provider's own name",
            );
        }
        if !another_spelling && names_a_secret(to.as_str()) && !names_a_secret(from.as_str()) {
            return wrong(
                "the second goes by the name of a secret",
                "what is a secret keeps being one",
            );
        }
        let clash = renames.iter().skip(at + 1).any(|(other_from, other_to)| {
            other_from == from || folded(other_to.as_str()) == folded(to.as_str())
        });
        if clash {
            return wrong(
                "another rename has the same name",
                "rename each name once, and no two to the same",
            );
        }
    }
    Ok(())
}

fn check_scope_form(role: &RoleName, row: &Row) -> Result<()> {
    match row.dialect.scope_form {
        // A letter would cut scopes apart; a quotation mark or a backslash would end the text around them.
        ScopeForm::Joined(' ') => Ok(()),
        ScopeForm::Joined(joint)
            if joint.is_ascii_punctuation() && !matches!(joint, '"' | '\\') =>
        {
            Ok(())
        }
        ScopeForm::Joined(joint) => Err(refused(
            RULE,
            format!(
                "endpoint \"{role}\" joins scopes with {:?}",
                Shown::new(&joint.to_string())
            ),
            "join them with a space or one ASCII punctuation mark",
        )),
        ScopeForm::Listed
            if row.dialect.encoding == Encoding::Json
                && row.class != EndpointClass::Authorization =>
        {
            Ok(())
        }
        ScopeForm::Listed => Err(refused(
            RULE,
            format!("endpoint \"{role}\" lists scopes, which only a JSON body can"),
            "join them, or set the encoding to JSON",
        )),
    }
}

/// An error code passes to the plugin if the standards know it. That makes it a place to look for secrets in.
fn check_pointers(case: &Case<'_>, role: &RoleName, row: &Row) -> Result<()> {
    for pointer in [&row.dialect.error_code, &row.dialect.error_description] {
        let secret = pointer
            .tokens()
            .any(|token| names_a_secret(&token) && folded(&token) != "code");
        let declared = case
            .profile
            .secrets
            .iter()
            .any(|secret| secret.born_role == *role && related(&secret.born_pointer, pointer));
        if secret || declared {
            return Err(refused(
                RULE,
                format!(
                    "endpoint \"{role}\" has its errors at \"{pointer}\", where a secret would be"
                ),
                "point at the error code and its description",
            ));
        }
    }
    Ok(())
}

/// Whether one pointer is the other, or lies beneath it.
fn related(one: &Pointer, other: &Pointer) -> bool {
    one.tokens()
        .zip(other.tokens())
        .all(|(one, other)| one == other)
}

fn check_outcome(role: &RoleName, number: usize, rule: &OutcomeRule) -> Result<()> {
    let wrong = |what: &str, instead: &str| {
        Err(refused(
            RULE,
            format!("outcome {number} of endpoint \"{role}\": {what}"),
            instead,
        ))
    };
    let texts = [rule.code.as_deref(), rule.description.as_deref()];
    if texts
        .into_iter()
        .flatten()
        .any(|text| text.is_empty() || text.len() > TEXT_BYTES)
    {
        return wrong(
            "a code or description is empty or too long",
            "give the provider's exact text",
        );
    }
    if rule
        .status
        .is_some_and(|status| !(100..600).contains(&status))
    {
        return wrong("there is no such HTTP status", "give one from 100 to 599");
    }
    if rule.status.is_none() && rule.code.is_none() && rule.description.is_none() {
        return wrong(
            "it matches everything",
            "name a status, a code or a description",
        );
    }
    match rule.outcome {
        Outcome::Pending | Outcome::SlowDown => {
            if rule.status.is_none_or(|status| status >= 500) {
                return wrong(
                    "it would turn a server's trouble (5xx) into a reason to go on asking",
                    "name a status below 500",
                );
            }
            let Some(code) = &rule.code else {
                return wrong(
                    "it would turn a denial or an expiry into a reason to go on asking",
                    "name the exact code",
                );
            };
            if FINAL.iter().any(|word| folded(word) == folded(code)) {
                return wrong(
                    "it turns an end into a reason to go on asking",
                    "leave the standard codes alone",
                );
            }
            Ok(())
        }
        // An outage must not cost the person the grant (law 7).
        Outcome::InvalidGrant if rule.status.is_some_and(|status| status >= 500) => wrong(
            "it would take a server's trouble (5xx) for the end of a grant",
            "name a status below 500",
        ),
        Outcome::InvalidGrant if rule.code.is_none() && rule.status.is_none() => wrong(
            "it would take a server's trouble (5xx) for the end of a grant",
            "name a status below 500, or the exact code",
        ),
        Outcome::InvalidGrant | Outcome::Denied | Outcome::Expired | Outcome::Other => Ok(()),
    }
}

/// Error codes (RFC 6749 section 5.2, RFC 8628 section 3.5) after which polling ends.
const FINAL: &[&str] = &[
    "access_denied",
    "expired_token",
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
];

#[cfg(test)]
mod tests {
    use vestibule_core::description::Profile;

    use crate::testing::{approve, identity_center, member, pointer, refusal, role};

    use super::*;
    use Outcome::{Denied, Expired, InvalidGrant, Other, Pending, SlowDown};

    /// The dialect of the token endpoint, changed.
    fn judged(change: impl FnOnce(&mut Profile)) -> Option<String> {
        let mut profile = identity_center();
        change(&mut profile);
        approve(&profile).err().map(|error| {
            assert_eq!(error.code(), RULE);
            assert!(
                error.message().contains("\"token\"") && error.next_step().is_some(),
                "{error}"
            );
            error.message().to_owned()
        })
    }

    #[test]
    fn renames_are_one_to_one_and_change_no_meaning() {
        for (renames, problem) in [
            (vec![("scope", "scp")], None),
            (vec![("scope", "scope")], None),
            (vec![("refresh_token", "rt")], None),
            (vec![("access_token", "sessionToken")], None),
            (vec![("code_challenge", "x")], Some("PKCE")),
            (
                vec![("code_challenge_method", "codeChallengeMethod")],
                Some("PKCE"),
            ),
            (vec![("shoe_size", "x")], Some("no name of the standards")),
            (vec![("clientId", "x")], Some("no name of the standards")),
            (vec![("scope", "expires_in")], Some("another meaning")),
            (vec![("scope", "expiresIn")], Some("another meaning")),
            (vec![("scope", "refresh_token")], Some("another meaning")),
            (
                vec![("refresh_token", "access_token")],
                Some("another meaning"),
            ),
            (
                vec![("scope", "refreshTokenValue")],
                Some("name of a secret"),
            ),
            (vec![("token_type", "secretKey")], Some("name of a secret")),
            (vec![("scope", "a"), ("scope", "b")], Some("the same name")),
            (
                vec![("scope", "a"), ("token_type", "a")],
                Some("the same name"),
            ),
            (
                vec![("scope", "a_b"), ("token_type", "aB")],
                Some("the same name"),
            ),
            (
                vec![("scope", "token_type"), ("token_type", "scope")],
                Some("another meaning"),
            ),
        ] {
            let renames: Vec<_> = renames
                .iter()
                .map(|(from, to)| (member(from), member(to)))
                .collect();
            let shown = format!("{renames:?}");
            let found = judged(|p| p.endpoints[1].dialect.renames = renames);
            match problem {
                None => assert_eq!(found, None, "{shown}"),
                Some(problem) => assert!(
                    found.as_ref().is_some_and(|f| f.contains(problem)),
                    "{shown}: {found:?}"
                ),
            }
        }
    }

    #[test]
    fn scopes_are_joined_by_a_mark_or_listed_in_json() {
        for (form, encoding, allowed) in [
            (ScopeForm::Joined(' '), Encoding::Form, true),
            (ScopeForm::Joined(','), Encoding::Json, true),
            (ScopeForm::Joined('a'), Encoding::Form, false),
            (ScopeForm::Joined('\n'), Encoding::Form, false),
            (ScopeForm::Joined('"'), Encoding::Json, false),
            (ScopeForm::Joined('\u{2003}'), Encoding::Form, false),
            (ScopeForm::Listed, Encoding::Json, true),
            (ScopeForm::Listed, Encoding::Form, false),
        ] {
            let found = judged(|p| {
                p.endpoints[1].dialect.scope_form = form;
                p.endpoints[1].dialect.encoding = encoding;
            });
            assert_eq!(found.is_none(), allowed, "{form:?} {encoding:?}");
        }
        let error = refusal(identity_center(), |p| {
            p.endpoints[0].dialect.scope_form = ScopeForm::Listed;
            p.endpoints[0].dialect.encoding = Encoding::Json;
        });
        assert!(
            error.message().contains("\"authorization\""),
            "a URL has no list: {error}"
        );
    }

    #[test]
    fn errors_are_not_where_secrets_are() {
        for (at, allowed) in [
            ("/error/code", true),
            ("/__type", true),
            ("/accessToken", false),
            ("/refresh_token", false),
            ("/a/clientSecret", false),
        ] {
            let found = judged(|p| p.endpoints[1].dialect.error_code = pointer(at));
            assert_eq!(found.is_none(), allowed, "{at}");
            let found = judged(|p| p.endpoints[1].dialect.error_description = pointer(at));
            assert_eq!(found.is_none(), allowed, "{at}");
        }
        let error = refusal(identity_center(), |p| {
            p.endpoints[7].dialect.error_code = pointer("/roleCredentials/accessKeyId/0");
        });
        assert_eq!(error.code(), RULE);
    }

    #[test]
    fn errors_are_neither_above_nor_beneath_a_declared_secret_of_their_own_role() {
        let declared = |p: &mut Profile, born: &str| {
            p.secrets[1].born_role = role(born);
            p.secrets[1].born_pointer = pointer("/bag/blob");
        };
        for (at, allowed) in [
            ("/bag", false),
            ("/bag/blob", false),
            ("/bag/blob/0", false),
            ("/bag/other", true),
            ("/other/blob", true),
        ] {
            let found = judged(|p| {
                declared(p, "token");
                p.endpoints[1].dialect.error_code = pointer(at);
            });
            assert_eq!(found.is_none(), allowed, "{at}: {found:?}");
            let elsewhere = judged(|p| {
                declared(p, "credentials");
                p.endpoints[1].dialect.error_code = pointer(at);
            });
            assert_eq!(elsewhere, None, "{at}");
        }
    }

    #[test]
    fn the_texts_of_an_outcome_are_bounded_and_a_refusal_says_which_it_is() {
        let rule = |length: usize| OutcomeRule {
            status: Some(400),
            code: Some("x".repeat(length)),
            description: None,
            outcome: Other,
        };
        let found = |rules| judged(|p| p.endpoints[1].dialect.outcomes = rules);
        assert_eq!(found(vec![rule(TEXT_BYTES)]), None);
        let refused = found(vec![rule(1), rule(TEXT_BYTES + 1)]).unwrap();
        assert!(
            refused.starts_with("outcome 2 of endpoint \"token\""),
            "{refused}"
        );
    }

    #[test]
    fn an_end_is_no_reason_to_go_on_asking() {
        let rule = |status, code: Option<&str>, description: Option<&str>, outcome| OutcomeRule {
            status,
            code: code.map(str::to_owned),
            description: description.map(str::to_owned),
            outcome,
        };
        for (rule, allowed) in [
            (
                rule(
                    Some(400),
                    Some("AuthorizationPendingException"),
                    None,
                    Pending,
                ),
                true,
            ),
            (
                rule(Some(200), Some("authorization_pending"), None, Pending),
                true,
            ),
            (
                rule(Some(429), Some("too_fast"), Some("slower"), SlowDown),
                true,
            ),
            (rule(None, Some("wait"), None, Pending), false),
            (rule(Some(500), Some("wait"), None, Pending), false),
            (rule(Some(503), None, None, SlowDown), false),
            (rule(Some(400), None, None, Pending), false),
            (rule(Some(400), None, Some("wait"), Pending), false),
            (rule(Some(400), Some("access_denied"), None, Pending), false),
            (rule(Some(400), Some("Access-Denied"), None, Pending), false),
            (
                rule(Some(400), Some("expired_token"), None, SlowDown),
                false,
            ),
            (rule(Some(400), Some("invalid_grant"), None, Pending), false),
            (rule(None, None, None, Other), false),
            (rule(Some(99), None, None, Other), false),
            (rule(Some(600), None, None, Other), false),
            (rule(Some(400), Some(""), None, Other), false),
            (
                rule(Some(401), Some("UnauthorizedException"), None, InvalidGrant),
                true,
            ),
            (
                rule(None, Some("UnauthorizedException"), None, InvalidGrant),
                true,
            ),
            (
                rule(Some(502), Some("UnauthorizedException"), None, InvalidGrant),
                false,
            ),
            (rule(None, None, Some("gone"), InvalidGrant), false),
            (rule(Some(403), None, None, Denied), true),
            (
                rule(None, Some("ExpiredTokenException"), None, Expired),
                true,
            ),
        ] {
            let shown = format!("{rule:?}");
            let found = judged(|p| p.endpoints[1].dialect.outcomes = vec![rule]);
            assert_eq!(found.is_none(), allowed, "{shown}: {found:?}");
        }
    }
}
