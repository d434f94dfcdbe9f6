//! The order of steps (PLUG-09, TOK-03): each deed once, none before what it rests on, and nothing after the end.
//!
//! The broker knows which references exist and proves the rest; what steps show by themselves is refused here, before anything is
//! asked of a person or a provider.

use vestibule_core::description::Client;
use vestibule_core::step::{GrantType, HttpExchange, Step};

use super::Refusal;
use super::flow::{Flow, Goal};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let no = |reason: &str| Err(Refusal::plugin(reason));
    if flow.ended {
        return no("the plugin asked for a step after the end of its flow");
    }
    match step {
        Step::Discover if !flow.permissions.discovered => {
            no("the plugin asked for metadata of a provider that has none")
        }
        Step::Authorize(_) if flow.authorized => no("the plugin asked to authorize a second time"),
        Step::Device(_) if flow.device => no("the plugin asked for a second device code"),
        Step::Authorize(_) | Step::Device(_) if flow.lacks_client() => Err(no_client(flow)),
        Step::Request(request) => request_order(flow, &request.exchange),
        Step::Discover
        | Step::Authorize(_)
        | Step::Device(_)
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => Ok(()),
    }
}

fn request_order(flow: &Flow<'_>, exchange: &HttpExchange) -> Result<(), Refusal> {
    let no = |reason: &str| Err(Refusal::plugin(reason));
    match exchange {
        HttpExchange::Grant(grant) => match grant.grant_type {
            GrantType::AuthorizationCode(_) if !flow.authorized => {
                no("the plugin redeems a code before anybody authorized")
            }
            GrantType::AuthorizationCode(_) if flow.redeemed => {
                no("the plugin redeems a code a second time")
            }
            _ if flow.lacks_client() => Err(no_client(flow)),
            GrantType::AuthorizationCode(_)
            | GrantType::RefreshToken(_)
            | GrantType::ClientCredentials
            | GrantType::TokenExchange(_)
            | GrantType::JwtBearer(_) => Ok(()),
        },
        HttpExchange::Registration(_) => match flow.permissions.client {
            Client::Configured { .. } => {
                no("the plugin registers a client that the operator configured")
            }
            // A second client would orphan the first one, and what hangs on it.
            Client::Registered { .. } if flow.has_registration => {
                no("the plugin registers a client that is registered")
            }
            Client::Registered { .. } if flow.registered => {
                no("the plugin registers the client a second time")
            }
            Client::Registered { .. } => Ok(()),
        },
        HttpExchange::Revocation(_)
        | HttpExchange::Introspection(_)
        | HttpExchange::Userinfo(_)
        | HttpExchange::Call(_) => Ok(()),
    }
}

/// Only a sign-in can register; elsewhere the registration that the grant hangs on has expired, which is nobody's fault.
fn no_client(flow: &Flow<'_>) -> Refusal {
    match flow.goal {
        Goal::SignIn | Goal::StepUp => {
            Refusal::plugin("the plugin did not register the client first")
        }
        Goal::Refresh | Goal::Revoke | Goal::Exchange { .. } | Goal::Derive { .. } => {
            Refusal::policy("the client's registration has expired: sign in again")
        }
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::record::Method;
    use vestibule_core::start::Purpose;

    use crate::steps::testing::{
        Case, SECRET, authorize, device, grant, redeem, register, sign_in, stored, tokens, userinfo,
    };

    use super::*;

    #[test]
    fn each_deed_is_done_once_and_in_order() {
        let case = Case::oidc(sign_in());
        for steps in [
            vec![authorize(), authorize()],
            vec![redeem()],
            vec![authorize(), redeem(), redeem()],
            vec![tokens(), userinfo()],
            vec![Step::Fail("no".to_owned()), Step::Discover],
            vec![register(Vec::new())],
        ] {
            assert!(case.denies("order", steps).plugins_fault);
        }
        let case = Case::identity_center(sign_in());
        for steps in [
            vec![authorize()],
            vec![register(Vec::new()), register(Vec::new())],
            vec![Step::Discover],
        ] {
            assert!(case.denies("order", steps).plugins_fault);
        }
        let case = Case::identity_center(sign_in()).by(Method::Device);
        case.denies("order", vec![device(Vec::new())]);
        case.denies(
            "order",
            vec![register(Vec::new()), device(Vec::new()), device(Vec::new())],
        );
        Case::identity_center(sign_in())
            .registered()
            .denies("order", vec![register(Vec::new())]);
        let expired = Case::identity_center(Purpose::Refresh(stored()));
        let denied = expired.denies("order", vec![grant(GrantType::RefreshToken(SECRET))]);
        assert!(!denied.plugins_fault && denied.reason.contains("sign in again"));
    }

    #[test]
    fn a_public_client_of_an_operator_registers_nothing() {
        let case = Case::oidc(sign_in());
        assert!(matches!(case.permissions.client, Client::Configured { .. }));
        case.denies("order", vec![register(Vec::new())]);
    }
}
