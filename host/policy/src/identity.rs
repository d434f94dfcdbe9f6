//! Who may be signed in, and how they must have authenticated (POL-01, POL-11, STEP-02): the allow-list of a tenant, judged by what the
//! provider has vouched for.

use vestibule_core::Shown;
use vestibule_core::allowed::Denied;
use vestibule_core::authentication::{Claim, Claims, Demand};
use vestibule_core::limits::CLOCK_SKEW;
use vestibule_core::tenant::{Accepted, IdentityPolicy};

const RULE: &str = "identity";

/// When it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A sign-in: everything must be shown.
    SignIn,
    /// A refresh: what the first ID token showed need not be shown again, and what is shown must still do (OIDC Core section 12.2).
    Refresh,
}

/// Whether this issuer may vouch for the tenant. Asked before anything is sent to it, and again of what it brought.
///
/// # Errors
/// If `policy.identity.issuers` does not list it.
pub fn judge_issuer(policy: &IdentityPolicy, issuer: &str) -> Result<(), Denied> {
    match &policy.issuers {
        Some(issuers) if !issuers.iter().any(|listed| listed == issuer) => Err(denied(format!(
            "policy.identity.issuers does not list \"{}\"",
            Shown::new(issuer)
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Whether the person may be signed in whom these claims are about, at `now` (Unix seconds). `demand` is what was asked of the provider
/// on top of the policy.
///
/// # Errors
/// Says which claim does not do, and which key of the tenant's policy it misses.
pub fn judge_claims(
    policy: &IdentityPolicy,
    demand: &Demand,
    claims: Option<&Claims>,
    occasion: Occasion,
    now: u64,
) -> Result<(), Denied> {
    let Some(claims) = claims else {
        return if (policy.asks_for_claims() || !demand.is_empty()) && occasion == Occasion::SignIn {
            Err(no_claims())
        } else {
            Ok(())
        };
    };
    let judge = Judge {
        claims,
        occasion,
        now,
    };
    judge.email_domain(policy)?;
    for (claim, accepted) in &policy.claims {
        judge.claim(claim, accepted)?;
    }
    if let Some(acr) = &policy.acr {
        judge.acr(acr, "policy.identity.acr lists")?;
    }
    if !demand.acr_values.is_empty() {
        judge.acr(&demand.acr_values, "was asked for")?;
    }
    if occasion == Occasion::Refresh {
        // The time of authentication does not change on refresh, and is judged whenever the grant is used.
        return Ok(());
    }
    let policy_age = policy.max_age.map(|span| span.as_secs());
    let strictest = policy_age.into_iter().chain(demand.max_age).min();
    strictest.map_or(Ok(()), |longest| judge.age(longest))
}

/// A policy that asks for claims cannot be met by a provider that vouches for none.
pub(crate) fn no_claims() -> Denied {
    denied("policy.identity asks for claims of an ID token, and there is none".to_owned())
}

/// Whether the person has authenticated recently enough for a grant to be used. A refresh does not make it more recent (RFC 9470
/// section 6.1, STEP-05).
#[must_use]
pub fn is_too_long_ago(policy: &IdentityPolicy, auth_time: Option<u64>, now: u64) -> bool {
    policy.max_age.is_some_and(|longest| {
        auth_time.is_none_or(|then| now.saturating_sub(then) > longest.as_secs())
    })
}

struct Judge<'a> {
    claims: &'a Claims,
    occasion: Occasion,
    now: u64,
}

impl Judge<'_> {
    /// Whether it is no fault that the claim is missing.
    fn may_be_missing(&self, claim: &str) -> bool {
        self.occasion == Occasion::Refresh && self.claims.get(claim).is_none()
    }

    fn email_domain(&self, policy: &IdentityPolicy) -> Result<(), Denied> {
        let Some(domains) = &policy.email_domains else {
            return Ok(());
        };
        if self.may_be_missing("email") {
            return Ok(());
        }
        let email = self.claims.text("email");
        // An address that nobody has verified is one that the person has typed.
        let verified = self.claims.get("email_verified") == Some(&Claim::Boolean(true));
        let domain = email
            .filter(|_| verified)
            .and_then(|email| email.rsplit_once('@'))
            .map(|(_, domain)| domain.to_ascii_lowercase());
        match domain {
            Some(domain) if domains.contains(&domain) => Ok(()),
            Some(domain) => Err(denied(format!(
                "the person's e-mail address is of \"{}\", which policy.identity.email_domains does not list",
                Shown::new(&domain)
            ))),
            None => Err(denied(
                "policy.identity.email_domains asks for an e-mail address that the provider has verified, and it vouches for none"
                    .to_owned(),
            )),
        }
    }

    fn claim(&self, name: &str, accepted: &[Accepted]) -> Result<(), Denied> {
        if self.may_be_missing(name) {
            return Ok(());
        }
        let key = format!("policy.identity.claims.{}", Shown::new(name));
        match self.claims.get(name) {
            None => Err(denied(format!(
                "{key} asks for a claim that the provider does not vouch for"
            ))),
            Some(claim) if accepted.iter().any(|accepted| meets(claim, accepted)) => Ok(()),
            Some(claim) => Err(denied(format!(
                "the claim \"{}\" is {}, which {key} does not list",
                Shown::new(name),
                words(claim)
            ))),
        }
    }

    fn acr(&self, wanted: &[String], who: &str) -> Result<(), Denied> {
        if self.may_be_missing("acr") {
            return Ok(());
        }
        match self.claims.text("acr") {
            Some(acr) if wanted.iter().any(|wanted| wanted == acr) => Ok(()),
            Some(acr) => Err(denied(format!(
                "the person authenticated as \"{}\", and {who} {}",
                Shown::new(acr),
                Shown::new(&wanted.join(" or "))
            ))),
            None => Err(denied(format!(
                "the provider does not say how the person authenticated (acr), and {who} {}",
                Shown::new(&wanted.join(" or "))
            ))),
        }
    }

    fn age(&self, longest: u64) -> Result<(), Denied> {
        let then = match self.claims.get("auth_time") {
            Some(Claim::Integer(then)) => u64::try_from(*then).ok(),
            Some(Claim::Boolean(_) | Claim::Text(_) | Claim::Texts(_)) | None => None,
        };
        let skew = CLOCK_SKEW.as_secs();
        match then {
            None => Err(denied(format!(
                "the person must have authenticated within the last {longest} seconds, and the provider does not say when (auth_time)"
            ))),
            Some(then) if then > self.now.saturating_add(skew) => Err(denied(
                "the provider says that the person authenticates in the future (auth_time)"
                    .to_owned(),
            )),
            Some(then) if self.now.saturating_sub(then) > longest.saturating_add(skew) => {
                Err(denied(format!(
                    "the person authenticated {} seconds ago, and {longest} were allowed",
                    self.now.saturating_sub(then)
                )))
            }
            Some(_) => Ok(()),
        }
    }
}

fn meets(claim: &Claim, accepted: &Accepted) -> bool {
    match (claim, accepted) {
        (Claim::Boolean(is), Accepted::Boolean(wanted)) => is == wanted,
        (Claim::Integer(is), Accepted::Integer(wanted)) => is == wanted,
        (Claim::Text(is), Accepted::Text(wanted)) => is == wanted,
        (Claim::Texts(are), Accepted::Text(wanted)) => are.contains(wanted),
        (Claim::Boolean(_), Accepted::Integer(_) | Accepted::Text(_))
        | (Claim::Integer(_), Accepted::Boolean(_) | Accepted::Text(_))
        | (Claim::Text(_) | Claim::Texts(_), Accepted::Boolean(_) | Accepted::Integer(_)) => false,
    }
}

fn words(claim: &Claim) -> String {
    match claim {
        Claim::Boolean(value) => value.to_string(),
        Claim::Integer(value) => value.to_string(),
        Claim::Text(text) => format!("\"{}\"", Shown::new(text)),
        Claim::Texts(texts) => format!("a list of {} others", texts.len()),
    }
}

fn denied(reason: String) -> Denied {
    Denied {
        rule: RULE,
        reason,
        fix: None,
        plugins_fault: false,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::tenant;

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn policy(lines: &str) -> IdentityPolicy {
        tenant(&format!("[policy.identity]\n{lines}\n"))
            .policy
            .identity
    }

    fn text(text: &str) -> Claim {
        Claim::Text(text.to_owned())
    }

    fn claims(list: &[(&str, Claim)]) -> Claims {
        list.iter()
            .map(|(name, claim)| ((*name).to_owned(), claim.clone()))
            .collect()
    }

    fn judge(lines: &str, list: &[(&str, Claim)]) -> Result<(), Denied> {
        judge_claims(
            &policy(lines),
            &Demand::default(),
            Some(&claims(list)),
            Occasion::SignIn,
            NOW,
        )
    }

    #[test]
    fn an_issuer_is_listed_or_vouches_for_nobody() {
        assert!(judge_issuer(&policy(""), "https://any.example").is_ok());
        let listed = policy("issuers = [\"https://idp.example/a\"]");
        assert!(judge_issuer(&listed, "https://idp.example/a").is_ok());
        for other in [
            "https://idp.example/b",
            "https://idp.example/a/",
            "https://IDP.example/a",
            "",
        ] {
            assert!(judge_issuer(&listed, other).is_err(), "{other}");
        }
    }

    #[test]
    fn one_of_the_listed_values_will_do_and_no_other() {
        let tid = "claims.tid = [\"a\", \"b\"]";
        assert!(judge(tid, &[("tid", text("b"))]).is_ok());
        for wrong in [
            vec![],
            vec![("tid", text("c"))],
            vec![("tid", text("A"))],
            vec![("tid", text("a "))],
            vec![("tid", Claim::Boolean(true))],
            vec![("tid", Claim::Integer(0))],
            vec![("TID", text("a"))],
        ] {
            assert!(judge(tid, &wrong).is_err(), "{wrong:?}");
        }
        let groups = "claims.groups = [\"sre\"]";
        let list =
            |names: &[&str]| Claim::Texts(names.iter().map(|name| (*name).to_owned()).collect());
        assert!(judge(groups, &[("groups", list(&["dev", "sre"]))]).is_ok());
        assert!(judge(groups, &[("groups", list(&["dev", "sre2"]))]).is_err());
        assert!(judge(groups, &[("groups", list(&[]))]).is_err());
        let typed = "claims.level = [3]\nclaims.employee = [true]";
        assert!(
            judge(
                typed,
                &[
                    ("level", Claim::Integer(3)),
                    ("employee", Claim::Boolean(true))
                ]
            )
            .is_ok()
        );
        assert!(
            judge(
                typed,
                &[
                    ("level", Claim::Integer(2)),
                    ("employee", Claim::Boolean(true))
                ]
            )
            .is_err()
        );
        assert!(
            judge(
                typed,
                &[("level", text("3")), ("employee", Claim::Boolean(true))]
            )
            .is_err()
        );
        assert!(
            judge(
                typed,
                &[("level", Claim::Integer(3)), ("employee", text("true"))]
            )
            .is_err()
        );
    }

    #[test]
    fn all_that_is_asked_for_must_be_met() {
        let both = "claims.tid = [\"a\"]\nclaims.hd = [\"example.com\"]";
        assert!(judge(both, &[("tid", text("a")), ("hd", text("example.com"))]).is_ok());
        assert!(judge(both, &[("tid", text("a"))]).is_err());
        assert!(judge(both, &[("hd", text("example.com"))]).is_err());
    }

    #[test]
    fn an_address_counts_only_if_the_provider_has_verified_it() {
        let lines = "email_domains = [\"example.com\"]";
        let yes = Claim::Boolean(true);
        let judge = |email: &str, verified: Claim| {
            judge(
                lines,
                &[("email", text(email)), ("email_verified", verified)],
            )
        };
        assert!(judge("ada@example.com", yes.clone()).is_ok());
        assert!(judge("ada@EXAMPLE.com", yes.clone()).is_ok());
        for email in [
            "ada@evil.example",
            "ada@sub.example.com",
            "ada@example.com.evil.example",
            "ada@example.com@evil.example",
            "example.com",
            "",
            "ada@",
        ] {
            assert!(judge(email, yes.clone()).is_err(), "{email}");
        }
        assert!(judge("ada@example.com", Claim::Boolean(false)).is_err());
        assert!(judge("ada@example.com", text("true")).is_err());
        assert!(super::tests::judge(lines, &[("email", text("ada@example.com"))]).is_err());
    }

    #[test]
    fn how_the_person_authenticated_must_be_vouched_for() {
        let lines = "acr = [\"phrh\", \"phr\"]";
        assert!(judge(lines, &[("acr", text("phr"))]).is_ok());
        assert!(judge(lines, &[("acr", text("pwd"))]).is_err());
        assert!(judge(lines, &[("acr", text("phr phrh"))]).is_err());
        assert!(judge(lines, &[]).is_err());
    }

    #[test]
    fn how_long_ago_is_counted_with_the_skew_of_clocks() {
        let lines = "max_age = \"1h\"";
        let at = |then: u64| {
            judge(
                lines,
                &[("auth_time", Claim::Integer(i64::try_from(then).unwrap()))],
            )
        };
        assert!(at(NOW).is_ok());
        assert!(at(NOW - 3600 - 60).is_ok());
        assert!(at(NOW - 3600 - 61).is_err());
        assert!(at(NOW + 60).is_ok());
        assert!(at(NOW + 61).is_err());
        assert!(judge(lines, &[]).is_err());
        assert!(judge(lines, &[("auth_time", text("1700000000"))]).is_err());
        assert!(judge(lines, &[("auth_time", Claim::Integer(-1))]).is_err());
    }

    #[test]
    fn what_was_demanded_is_judged_on_top_of_the_policy() {
        let demand = Demand {
            acr_values: vec!["phr".to_owned()],
            max_age: Some(10),
            claims: None,
        };
        let judge = |lines: &str, acr: &str, age: u64| {
            let then = Claim::Integer(i64::try_from(NOW - age).unwrap());
            let claims = claims(&[("acr", text(acr)), ("auth_time", then)]);
            judge_claims(
                &policy(lines),
                &demand,
                Some(&claims),
                Occasion::SignIn,
                NOW,
            )
        };
        assert!(judge("", "phr", 10).is_ok());
        assert!(judge("", "pwd", 10).is_err());
        assert!(judge("", "phr", 71).is_err());
        assert!(judge("max_age = \"1h\"", "phr", 71).is_err());
        assert!(judge("max_age = \"5s\"", "phr", 66).is_err());
        assert!(judge("acr = [\"pwd\"]", "phr", 10).is_err());
    }

    #[test]
    fn without_an_id_token_nothing_that_is_asked_for_is_met() {
        let none = |lines: &str, demand: &Demand| {
            judge_claims(&policy(lines), demand, None, Occasion::SignIn, NOW)
        };
        assert!(none("", &Demand::default()).is_ok());
        assert!(none("issuers = [\"https://idp.example\"]", &Demand::default()).is_ok());
        assert!(none("claims.tid = [\"a\"]", &Demand::default()).is_err());
        let demand = Demand {
            max_age: Some(1),
            ..Demand::default()
        };
        assert!(none("", &demand).is_err());
    }

    #[test]
    fn a_refresh_need_not_show_it_again_and_may_not_show_another() {
        let policy = policy(
            "claims.tid = [\"a\"]\nacr = [\"phr\"]\nemail_domains = [\"example.com\"]\nmax_age = \"1s\"",
        );
        let refresh = |list: Option<&Claims>| {
            judge_claims(&policy, &Demand::default(), list, Occasion::Refresh, NOW)
        };
        assert!(refresh(None).is_ok());
        assert!(refresh(Some(&claims(&[]))).is_ok());
        assert!(refresh(Some(&claims(&[("tid", text("a"))]))).is_ok());
        assert!(refresh(Some(&claims(&[("tid", text("b"))]))).is_err());
        assert!(refresh(Some(&claims(&[("acr", text("pwd"))]))).is_err());
        assert!(refresh(Some(&claims(&[("email", text("ada@example.com"))]))).is_err());
    }

    #[test]
    fn a_grant_is_too_old_for_use_whatever_a_refresh_brought() {
        let hour = policy("max_age = \"1h\"");
        assert!(!is_too_long_ago(&hour, Some(NOW - 3600), NOW));
        assert!(is_too_long_ago(&hour, Some(NOW - 3601), NOW));
        assert!(is_too_long_ago(&hour, None, NOW));
        assert!(!is_too_long_ago(&policy(""), None, NOW));
    }
}
