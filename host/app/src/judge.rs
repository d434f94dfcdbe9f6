//! Whether the person who has signed in may (POL-01, POL-11): judged once what the provider vouches for is known, and before anything is
//! kept.

use sha2::{Digest as _, Sha256};
use vestibule_broker::id_token::Original;
use vestibule_broker::{FinishedGrant, Identity};
use vestibule_core::authentication::Demand;
use vestibule_core::record::Record;
use vestibule_core::tenant::IdentityPolicy;
use vestibule_core::{Error, Result};
use vestibule_policy::identity::{Occasion, is_too_long_ago, judge_claims, judge_issuer};

use crate::tenants::hex;
use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// Judges what a flow has brought.
    ///
    /// # Errors
    /// `policy.denied`, with the rule `identity`.
    pub(crate) fn judge(
        &self,
        approved: &Approved,
        grant: &FinishedGrant,
        demand: &Demand,
        occasion: Occasion,
    ) -> std::result::Result<(), vestibule_core::allowed::Denied> {
        let policy = &approved.tenant.policy.identity;
        judge_issuer(policy, &approved.permissions().issuer)?;
        let claims = match &grant.identity {
            Identity::Oidc { claims, .. } => Some(claims),
            Identity::Account(_)
            | Identity::AsBefore
            | Identity::Unknown
            | Identity::Workload(_) => None,
        };
        judge_claims(policy, demand, claims, occasion, self.now())
    }

    /// Whether a grant may still be used under what the tenant's policy asks of the person now.
    ///
    /// # Errors
    /// `grant.policy` if it asks for something else than when the grant was made, `grant.too_long_ago` if too much time has passed since the
    /// person authenticated: a new sign-in is needed, and no refresh makes up for it (STEP-05).
    pub(crate) fn check_judged(&self, approved: &Approved, record: &Record) -> Result<()> {
        let (name, policy) = (&approved.name, &approved.tenant.policy.identity);
        let asks = fingerprint(policy)?;
        if asks.is_some() && record.facts.judged_by != asks {
            return Err(Error::login_required(
                "grant.policy",
                format!(
                    "the policy of tenant \"{name}\" asks for something else of the person than when the sign-in was made"
                ),
                name.as_str(),
            ));
        }
        let original = record.facts.id_token.as_deref().and_then(Original::parse);
        let auth_time = original.and_then(|original| original.auth_time());
        if is_too_long_ago(policy, auth_time, self.now()) {
            return Err(Error::login_required(
                "grant.too_long_ago",
                format!(
                    "more time has passed since the person of tenant \"{name}\" authenticated than policy.identity.max_age allows"
                ),
                name.as_str(),
            ));
        }
        Ok(())
    }
}

/// What a policy asks of the person, in short. Nothing if it asks for nothing. The age of the sign-in is judged whenever it is used, so that
/// it is no part of it.
pub(crate) fn fingerprint(policy: &IdentityPolicy) -> Result<Option<String>> {
    let asks = IdentityPolicy {
        max_age: None,
        ..policy.clone()
    };
    if asks == IdentityPolicy::default() {
        return Ok(None);
    }
    let text = serde_json::to_vec(&asks)
        .map_err(|_| Error::host("host.json", "the policy cannot be written as JSON"))?;
    Ok(Some(hex(&Sha256::digest(text))))
}
