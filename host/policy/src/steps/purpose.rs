//! What a flow is for, and by which method (DEV-01, WKL-01, TOK-09): a refresh asks nobody to sign in, a browser sign-in shows no
//! device code, and a workload's ways are not a person's.

use vestibule_core::record::Method;
use vestibule_core::step::{GrantType, HttpExchange, Step};

use super::Refusal;
use super::flow::{Flow, Goal};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let signs_in = matches!(flow.goal, Goal::SignIn | Goal::StepUp);
    let exchanges = matches!(flow.goal, Goal::Exchange { .. });
    let (allowed, method) = match step {
        Step::Authorize(_) => (signs_in, Some(Method::Browser)),
        Step::Device(_) => (signs_in, Some(Method::Device)),
        Step::SubjectToken(_) => (signs_in || exchanges, Some(Method::Workload)),
        Step::Request(request) => match &request.exchange {
            HttpExchange::Grant(grant) => match grant.grant_type {
                GrantType::AuthorizationCode(_) => (signs_in, Some(Method::Browser)),
                GrantType::RefreshToken(_) => (flow.goal == Goal::Refresh, None),
                GrantType::ClientCredentials => (signs_in, Some(Method::Workload)),
                GrantType::JwtBearer(_) => (signs_in || exchanges, Some(Method::Workload)),
                GrantType::TokenExchange(_) if signs_in => (true, Some(Method::Workload)),
                GrantType::TokenExchange(_) => {
                    (exchanges || matches!(flow.goal, Goal::Derive { .. }), None)
                }
            },
            HttpExchange::Registration(_) => (signs_in, None),
            HttpExchange::Revocation(_) => (flow.goal == Goal::Revoke, None),
            HttpExchange::Introspection(_) | HttpExchange::Call(_) => (true, None),
            HttpExchange::Userinfo(_) => (flow.goal != Goal::Revoke, None),
        },
        // WKL-01: a workload's sign-in has nobody who could answer.
        Step::Choose(_) if flow.method == Method::Workload => (false, None),
        Step::Choose(_) => (
            matches!(flow.goal, Goal::SignIn | Goal::StepUp | Goal::Derive { .. }),
            None,
        ),
        Step::Discover | Step::Finish(_) | Step::Fail(_) => (true, None),
    };
    if !allowed {
        return Err(Refusal::plugin(format!(
            "the plugin asked for {} in a {}",
            words(step),
            flow.goal.as_str()
        )));
    }
    let Some(method) = method else { return Ok(()) };
    if method != flow.method {
        return Err(Refusal::plugin(format!(
            "the plugin asked for {} (method {}), and the method is {}",
            words(step),
            method.as_str(),
            flow.method.as_str()
        )));
    }
    // The choice was made by the same policy. A second look costs nothing, and holds if the first was forgotten.
    let listed = flow.tenant.policy.methods.as_deref();
    if listed.map_or(method == Method::Browser, |listed| listed.contains(&method)) {
        return Ok(());
    }
    Err(Refusal::policy(format!(
        "policy.methods does not allow the method {}",
        method.as_str()
    ))
    .unless(format!("policy.methods = [\"{}\"]", method.as_str())))
}

/// The step in words, with the exchange where it has one.
fn words(step: &Step) -> &'static str {
    match step {
        Step::Request(request) => match &request.exchange {
            HttpExchange::Grant(grant) => match grant.grant_type {
                GrantType::AuthorizationCode(_) => "the redemption of a code",
                GrantType::RefreshToken(_) => "a refresh",
                GrantType::ClientCredentials => "client credentials",
                GrantType::TokenExchange(_) => "a token exchange",
                GrantType::JwtBearer(_) => "a JWT bearer grant",
            },
            HttpExchange::Registration(_) => "a registration",
            HttpExchange::Revocation(_) => "a revocation",
            HttpExchange::Introspection(_) => "introspection",
            HttpExchange::Userinfo(_) => "userinfo",
            HttpExchange::Call(_) => "a call",
        },
        Step::Discover
        | Step::Authorize(_)
        | Step::Device(_)
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => step.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::start::Purpose;

    use crate::steps::testing::{
        Case, SECRET, authorize, choose, derive, device, exchange_for, grant, register, request,
        sign_in, stored, subject_token, token_exchange, userinfo,
    };

    use super::*;

    #[test]
    fn a_purpose_and_a_method_have_their_steps() {
        let refresh = || Purpose::Refresh(stored());
        let revoke = || Purpose::Revoke(stored());
        for purpose in [refresh(), revoke(), derive(true), exchange_for(None)] {
            let case = Case::oidc(purpose);
            case.denies("purpose", vec![authorize()]);
            case.denies("purpose", vec![grant(GrantType::ClientCredentials)]);
            let workload = Case::new(case.permissions, case.start.purpose).by(Method::Device);
            workload.denies("purpose", vec![device(Vec::new())]);
        }
        for purpose in [
            sign_in(),
            revoke(),
            derive(true),
            exchange_for(None),
            Purpose::StepUp(stored()),
        ] {
            Case::oidc(purpose).denies("purpose", vec![grant(GrantType::RefreshToken(SECRET))]);
        }
        for purpose in [sign_in(), refresh(), derive(true), exchange_for(None)] {
            Case::oidc(purpose).denies(
                "purpose",
                vec![request("revocation", HttpExchange::Revocation(SECRET))],
            );
        }
        Case::oidc(revoke()).denies("purpose", vec![userinfo()]);
        Case::oidc(refresh()).denies("purpose", vec![choose(&["a"])]);
        Case::identity_center(derive(true)).denies("purpose", vec![register(Vec::new())]);

        let browser = Case::identity_center(sign_in()).registered();
        browser.denies("purpose", vec![device(Vec::new())]);
        browser.denies("purpose", vec![subject_token("ci", "a")]);
        browser.denies("purpose", vec![grant(GrantType::ClientCredentials)]);
        browser.denies("purpose", vec![grant(GrantType::JwtBearer(SECRET))]);
        browser.denies("purpose", vec![token_exchange(None)]);
        let by_device = Case::identity_center(sign_in())
            .registered()
            .by(Method::Device);
        by_device.denies("purpose", vec![authorize()]);
        let workload = Case::oidc(sign_in()).by(Method::Workload);
        workload.denies("purpose", vec![authorize()]);
        workload.denies("purpose", vec![device(Vec::new())]);
        workload.denies("purpose", vec![choose(&["a"])]);
        let workload = workload.confidential();
        workload.allows(vec![
            subject_token("ci", "https://idp.example"),
            grant(GrantType::JwtBearer(SECRET)),
        ]);
        workload.allows(vec![grant(GrantType::ClientCredentials)]);
        workload.allows(vec![
            subject_token("ci", "https://idp.example"),
            token_exchange(None),
        ]);
    }

    #[test]
    fn a_refusal_says_which_step_has_no_place_in_which_flow() {
        let refresh = Purpose::Refresh(stored());
        let revoke = Purpose::Revoke(stored());
        let step_up = Purpose::StepUp(stored());
        let revocation = || request("revocation", HttpExchange::Revocation(SECRET));
        for (purpose, step, words) in [
            (sign_in(), revocation(), "a revocation in a sign-in"),
            (step_up, revocation(), "a revocation in a step-up"),
            (refresh, authorize(), "authorize in a refresh"),
            (revoke.clone(), userinfo(), "userinfo in a revocation"),
            (
                revoke,
                token_exchange(None),
                "a token exchange in a revocation",
            ),
            (
                exchange_for(None),
                grant(GrantType::RefreshToken(SECRET)),
                "a refresh in a exchange",
            ),
        ] {
            let case = Case::identity_center(purpose.clone()).registered();
            let denied = case.denies("purpose", vec![step]);
            assert_eq!(denied.reason, format!("the plugin asked for {words}"));
            assert!(words.ends_with(purpose.as_str()), "{words}");
        }
    }

    #[test]
    fn a_method_that_policy_does_not_allow_is_refused_with_the_line() {
        let mut case = Case::identity_center(sign_in())
            .registered()
            .by(Method::Device);
        for methods in [None, Some(Vec::new()), Some(vec![Method::Browser])] {
            case.tenant.policy.methods = methods;
            let denied = case.denies("purpose", vec![device(Vec::new())]);
            assert_eq!(denied.fix.as_deref(), Some("policy.methods = [\"device\"]"));
            assert!(!denied.plugins_fault);
        }
    }
}
