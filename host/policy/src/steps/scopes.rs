//! Scopes (RFC 6749 section 3.3, TOK-07): some or all of those that the flow started with, never more. On a refresh these are the
//! granted ones (RFC 6749 section 6).

use vestibule_core::Scope;
use vestibule_core::step::{HttpExchange, Step};

use super::Refusal;
use super::flow::{Flow, Goal};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let asked: &[Scope] = match step {
        Step::Authorize(request) => &request.scopes,
        Step::Device(request) => &request.scopes,
        Step::Request(request) => match &request.exchange {
            HttpExchange::Grant(grant) => &grant.scopes,
            HttpExchange::Registration(_)
            | HttpExchange::Revocation(_)
            | HttpExchange::Introspection(_)
            | HttpExchange::Userinfo(_)
            | HttpExchange::Call(_) => return Ok(()),
        },
        Step::Discover
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => return Ok(()),
    };
    let mut beyond = asked
        .iter()
        .filter(|scope| !flow.scopes.contains(scope))
        .peekable();
    let Some(first) = beyond.peek() else {
        return Ok(());
    };
    let refusal = Refusal::plugin(format!(
        "the plugin asked for the scope \"{first}\", which this {} does not have",
        flow.goal.as_str()
    ));
    match flow.goal {
        Goal::SignIn | Goal::StepUp => {
            let mut all: Vec<&Scope> = flow.scopes.iter().collect();
            for scope in beyond {
                if !all.contains(&scope) {
                    all.push(scope);
                }
            }
            let line = all
                .iter()
                .map(|scope| format!("\"{scope}\""))
                .collect::<Vec<_>>()
                .join(", ");
            Err(refusal.unless(format!("policy.scopes = [{line}]")))
        }
        // No line widens what was granted; only a new sign-in does.
        Goal::Refresh | Goal::Revoke | Goal::Exchange { .. } | Goal::Derive { .. } => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::record::Method;
    use vestibule_core::start::Purpose;
    use vestibule_core::step::{DeviceRequest, GrantType};

    use crate::steps::testing::{
        Case, SECRET, authorization, authorize, granted, scopes, sign_in, stored,
    };

    use super::*;

    #[test]
    fn scopes_are_never_more_than_the_flow_has() {
        let case = Case::oidc(sign_in());
        let denied = case.denies(
            "scopes",
            vec![authorization(|r| {
                r.scopes = scopes(&["openid", "admin", "admin"])
            })],
        );
        assert_eq!(
            denied.fix.as_deref(),
            Some(r#"policy.scopes = ["openid", "email", "admin"]"#)
        );
        case.denies(
            "scopes",
            vec![
                authorize(),
                granted(GrantType::AuthorizationCode(SECRET), &["admin"], Vec::new()),
            ],
        );
        Case::identity_center(sign_in())
            .registered()
            .by(Method::Device)
            .denies(
                "scopes",
                vec![Step::Device(DeviceRequest {
                    scopes: scopes(&["admin"]),
                    extra: Vec::new(),
                })],
            );
        let mut refresh = Case::oidc(Purpose::Refresh(stored()));
        refresh.start.scopes = scopes(&["openid"]);
        refresh.allows(vec![granted(
            GrantType::RefreshToken(SECRET),
            &["openid"],
            Vec::new(),
        )]);
        let denied = refresh.denies(
            "scopes",
            vec![granted(
                GrantType::RefreshToken(SECRET),
                &["openid", "email"],
                Vec::new(),
            )],
        );
        assert_eq!(denied.fix, None, "no line widens what was granted");
    }
}
