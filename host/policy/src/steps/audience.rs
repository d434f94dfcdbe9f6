//! The audience of a token (RFC 8693 section 2.1, WKL-04, POL-01): the one that was asked for, and one of those that the tenant names.

use vestibule_core::Shown;
use vestibule_core::allowed::Denied;
use vestibule_core::step::{FieldValue, GrantType, HttpExchange, Step};
use vestibule_core::tenant::TenantPolicy;
use vestibule_core::words::folded;

use super::Refusal;
use super::flow::{Flow, Goal};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::Request(request) = step else {
        return Ok(());
    };
    let HttpExchange::Grant(grant) = &request.exchange else {
        return Ok(());
    };
    if let GrantType::TokenExchange(exchange) = &grant.grant_type {
        was_asked_for(flow, exchange.audience.as_deref())?;
        is_named(flow, exchange.audience.as_deref())?;
    }
    // Where the standards have no audience, it is a field of a vendor's.
    for field in &grant.extra {
        if let ("audience", FieldValue::Text(audience)) =
            (folded(field.name.as_str()).as_str(), &field.value)
        {
            is_named(flow, Some(audience))?;
        }
    }
    Ok(())
}

fn was_asked_for(flow: &Flow<'_>, audience: Option<&str>) -> Result<(), Refusal> {
    let Goal::Exchange {
        audience: Some(asked),
    } = &flow.goal
    else {
        return Ok(());
    };
    match audience {
        Some(audience) if audience == asked => Ok(()),
        Some(audience) => Err(Refusal::plugin(format!(
            "the plugin exchanges a token for the audience \"{}\", and \"{}\" was asked for",
            Shown::new(audience),
            Shown::new(asked)
        ))),
        None => Err(Refusal::plugin(format!(
            "the plugin exchanges a token for any audience, and \"{}\" was asked for",
            Shown::new(asked)
        ))),
    }
}

/// Where the tenant has no list, a sign-in has the audience that its settings name: they were approved as the list would be.
fn is_named(flow: &Flow<'_>, audience: Option<&str>) -> Result<(), Refusal> {
    let Some(audience) = audience else {
        return Ok(());
    };
    match (&flow.tenant.policy.audiences, &flow.goal) {
        (None, Goal::SignIn | Goal::StepUp | Goal::Refresh | Goal::Revoke) => Ok(()),
        (Some(_), _) | (None, Goal::Exchange { .. } | Goal::Derive { .. }) => {
            in_list(&flow.tenant.policy, audience)
        }
    }
}

/// Whether a person may ask for a token for this audience.
///
/// # Errors
/// The refusal, with the line that would allow it.
pub fn check_audience(policy: &TenantPolicy, audience: &str) -> Result<(), Denied> {
    in_list(policy, audience).map_err(|refusal| refusal.of("audience"))
}

/// Whether the tenant names this audience.
pub(super) fn in_list(policy: &TenantPolicy, audience: &str) -> Result<(), Refusal> {
    let named = policy.audiences.as_deref();
    if named.is_some_and(|named| named.iter().any(|named| named == audience)) {
        return Ok(());
    }
    let mut all: Vec<&str> = named
        .iter()
        .copied()
        .flatten()
        .map(String::as_str)
        .collect();
    all.push(audience);
    let line = all
        .iter()
        .map(|audience| format!("\"{}\"", Shown::whole(audience)))
        .collect::<Vec<_>>()
        .join(", ");
    Err(Refusal::policy(format!(
        "policy.audiences does not name the audience \"{}\"",
        Shown::new(audience)
    ))
    .unless(format!("policy.audiences = [{line}]")))
}

#[cfg(test)]
mod tests {
    use vestibule_core::record::Method;

    use crate::steps::testing::{
        Case, derive, exchange_for, granted, sign_in, texted, token_exchange,
    };

    use super::*;

    const API: &str = "https://api.example";

    fn naming(case: Case, audiences: &[&str]) -> Case {
        let mut case = case.confidential();
        case.tenant.policy.audiences = Some(audiences.iter().map(|a| (*a).to_owned()).collect());
        case
    }

    #[test]
    fn a_token_is_exchanged_for_the_audience_that_was_asked_for() {
        let evil = "https://evil.example";
        let case = naming(Case::oidc(exchange_for(Some(API))), &[API, evil]);
        case.allows(vec![token_exchange(Some(API))]);
        assert!(
            case.denies("audience", vec![token_exchange(Some(evil))])
                .plugins_fault
        );
        assert!(
            case.denies("audience", vec![token_exchange(None)])
                .plugins_fault
        );
        naming(Case::oidc(exchange_for(None)), &[API]).allows(vec![token_exchange(Some(API))]);
    }

    #[test]
    fn an_audience_is_one_of_those_that_the_tenant_names() {
        for purpose in [exchange_for(Some(API)), exchange_for(None), derive(true)] {
            let mut case = Case::oidc(purpose).confidential();
            let denied = case.denies("audience", vec![token_exchange(Some(API))]);
            assert_eq!(
                denied.fix.as_deref(),
                Some("policy.audiences = [\"https://api.example\"]")
            );
            assert!(!denied.plugins_fault);
            for other in ["https://api.example/", "https://API.example", "api.example"] {
                case.tenant.policy.audiences = Some(vec![other.to_owned()]);
                let denied = case.denies("audience", vec![token_exchange(Some(API))]);
                assert!(denied.fix.is_some_and(|fix| fix.contains(other)));
            }
        }
    }

    #[test]
    fn a_sign_in_has_the_audience_of_its_settings_where_the_tenant_has_no_list() {
        let workload = || Case::oidc(sign_in()).by(Method::Workload).confidential();
        let steps = [
            token_exchange(Some(API)),
            granted(
                GrantType::ClientCredentials,
                &[],
                vec![texted("audience", API)],
            ),
        ];
        for step in steps {
            workload().allows(vec![step.clone()]);
            naming(workload(), &[API]).allows(vec![step.clone()]);
            let denied = naming(workload(), &["urn:other"]).denies("audience", vec![step.clone()]);
            assert!(!denied.plugins_fault);
            naming(workload(), &[]).denies("audience", vec![step]);
        }
    }
}
