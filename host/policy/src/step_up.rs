//! What a step-up asks for (RFC 9470, STEP-04): what the resource wants, and never less than the tenant's policy.

use vestibule_core::Shown;
use vestibule_core::allowed::Denied;
use vestibule_core::authentication::Demand;
use vestibule_core::tenant::IdentityPolicy;

/// What a sign-in asks of the provider without any challenge.
#[must_use]
pub fn demand_of(policy: &IdentityPolicy) -> Demand {
    Demand {
        acr_values: policy.acr.clone().unwrap_or_default(),
        max_age: policy.max_age.map(|span| span.as_secs()),
        claims: None,
    }
}

/// What a step-up asks of the provider: both what the resource and what the tenant's policy want.
///
/// # Errors
/// If the two have no way to authenticate in common: one `acr` cannot be two.
pub fn step_up(policy: &IdentityPolicy, challenge: Demand) -> Result<Demand, Denied> {
    let own = demand_of(policy);
    let acr_values = match (own.acr_values.is_empty(), challenge.acr_values.is_empty()) {
        (true, _) => challenge.acr_values,
        (false, true) => own.acr_values,
        (false, false) => {
            let mut both = challenge.acr_values.clone();
            both.retain(|value| own.acr_values.contains(value));
            if both.is_empty() {
                return Err(Denied {
                    rule: "step_up",
                    reason: format!(
                        "the resource wants a sign-in as \"{}\", and policy.identity.acr lists none of these",
                        Shown::new(&challenge.acr_values.join(" or "))
                    ),
                    fix: None,
                    plugins_fault: false,
                });
            }
            both
        }
    };
    Ok(Demand {
        acr_values,
        max_age: own.max_age.into_iter().chain(challenge.max_age).min(),
        claims: challenge.claims,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::tenant;

    use super::*;

    fn merged(lines: &str, acr: &[&str], max_age: Option<u64>) -> Result<Demand, Denied> {
        let policy = tenant(&format!("[policy.identity]\n{lines}\n"))
            .policy
            .identity;
        let challenge = Demand {
            acr_values: acr.iter().map(|value| (*value).to_owned()).collect(),
            max_age,
            claims: None,
        };
        step_up(&policy, challenge)
    }

    #[test]
    fn the_stricter_of_both_is_asked_for() {
        for (lines, acr, max_age, acr_then, age_then) in [
            ("", vec!["phr"], Some(5), vec!["phr"], Some(5)),
            ("acr = [\"phr\"]", vec![], None, vec!["phr"], None),
            (
                "acr = [\"phr\", \"pwd\"]",
                vec!["x", "pwd"],
                None,
                vec!["pwd"],
                None,
            ),
            ("max_age = \"1h\"", vec![], Some(5), vec![], Some(5)),
            ("max_age = \"1s\"", vec![], Some(5), vec![], Some(1)),
            ("max_age = \"1h\"", vec![], None, vec![], Some(3600)),
            ("", vec![], None, vec![], None),
        ] {
            let demand = merged(lines, &acr, max_age).unwrap();
            assert_eq!(demand.acr_values, acr_then, "{lines}");
            assert_eq!(demand.max_age, age_then, "{lines}");
        }
    }

    #[test]
    fn a_resource_cannot_ask_for_what_the_policy_does_not_take() {
        let denied = merged("acr = [\"phr\"]", &["pwd"], None).unwrap_err();
        assert!(denied.reason.contains("\"pwd\""), "{}", denied.reason);
    }
}
