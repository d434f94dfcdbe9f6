//! What a tenant's policy demands of a sign-in (POL-01, POL-11), and whether this plugin could ever meet it: a policy that cannot be met, or
//! cannot be judged, is refused before anybody signs in.

use vestibule_core::description::IdentitySource;
use vestibule_core::record::Method;
use vestibule_core::{Error, Result};

use super::Case;

const RULE: &str = "approval.demands";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    let policy = &case.tenant.policy;
    crate::identity::judge_issuer(&policy.identity, case.profile.issuer().as_str())?;
    if policy.require_binding {
        return Err(Error::policy(
            RULE,
            "policy.require_binding asks for tokens that are bound to this machine (DPoP), and this version of Vestibule cannot bind any",
        )
        .hint("until it can, this tenant cannot be signed in to from here"));
    }
    if !policy.identity.asks_for_claims() {
        return Ok(());
    }
    match case.profile.identity {
        IdentitySource::Oidc => {}
        IdentitySource::Account { .. } | IdentitySource::Unknown => {
            return Err(Error::policy(
                RULE,
                "policy.identity asks for claims of an ID token, and with this plugin nobody signs in with one",
            )
            .hint("remove the lines, or use a plugin for an OpenID provider"));
        }
    }
    if policy.methods.as_deref() == Some(&[Method::Workload]) {
        return Err(Error::policy(
            RULE,
            "policy.identity says which people may sign in, and policy.methods allows none: a workload brings no ID token",
        )
        .hint("remove policy.identity; policy.methods and the workload's sources say who it is"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_core::Blame;

    use crate::testing::{identity_center, metadata, oidc, tenant};

    use super::*;

    fn oidc_under(lines: &str) -> Result<()> {
        crate::permissions(&oidc(), &[], Some(&metadata()), &tenant(lines)).map(drop)
    }

    #[test]
    fn an_issuer_that_may_not_vouch_is_not_approved() {
        assert!(oidc_under("[policy.identity]\nissuers = [\"https://idp.example\"]\n").is_ok());
        let error =
            oidc_under("[policy.identity]\nissuers = [\"https://other.example\"]\n").unwrap_err();
        assert_eq!(
            (error.code(), error.blame()),
            ("policy.denied", Blame::Policy)
        );
    }

    #[test]
    fn a_policy_that_cannot_be_met_or_judged_is_refused_at_once() {
        for lines in [
            "[policy]\nrequire_binding = true\n",
            "[policy]\nmethods = [\"workload\"]\nidentity.claims.tid = [\"a\"]\n",
        ] {
            let error = oidc_under(lines).unwrap_err();
            assert_eq!(
                (error.code(), error.blame()),
                (RULE, Blame::Policy),
                "{lines}"
            );
        }
        for lines in [
            "claims.tid = [\"a\"]",
            "acr = [\"phr\"]",
            "max_age = \"1h\"",
            "email_domains = [\"a.example\"]",
        ] {
            let tenant = tenant(&format!(
                "[policy]\nallow_unknown_identity = true\nidentity.{lines}\n"
            ));
            let error = crate::permissions(&identity_center(), &[], None, &tenant).unwrap_err();
            assert_eq!(
                (error.code(), error.blame()),
                (RULE, Blame::Policy),
                "{lines}"
            );
            assert!(
                oidc_under(&format!("[policy.identity]\n{lines}\n")).is_ok(),
                "{lines}"
            );
        }
    }
}
