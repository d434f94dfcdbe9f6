//! What a client gets in its own name, and what it exchanges (RFC 6749 section 4.4, RFC 8693 section 2.1, WKL-05): a client that proves
//! nothing gets neither, and the types of tokens are those of the standards.

use url::Url;
use vestibule_core::Shown;
use vestibule_core::limits::URL_BYTES;
use vestibule_core::step::{GrantType, HttpExchange, Step, TokenExchange};

use super::Refusal;
use super::flow::Flow;
use crate::refresh_token::ClientType;

/// The types of tokens (RFC 8693 section 3) that an exchange may ask for: those that somebody is given, and no key to a session.
const ISSUED: [&str; 2] = [
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:jwt",
];

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::Request(request) = step else {
        return Ok(());
    };
    let HttpExchange::Grant(grant) = &request.exchange else {
        return Ok(());
    };
    let proves_itself = flow.client == ClientType::Confidential;
    match &grant.grant_type {
        GrantType::ClientCredentials if !proves_itself => Err(Refusal::policy(
            "the client does not authenticate, and client credentials are for those that do",
        )),
        GrantType::TokenExchange(_)
            if !proves_itself && !flow.tenant.policy.allow_unauthenticated_exchange =>
        {
            Err(Refusal::policy(
                "the client does not authenticate, so that whoever has a token could exchange it",
            )
            .unless("policy.allow_unauthenticated_exchange = true".to_owned()))
        }
        GrantType::TokenExchange(exchange) => check_types(exchange),
        GrantType::AuthorizationCode(_)
        | GrantType::RefreshToken(_)
        | GrantType::ClientCredentials
        | GrantType::JwtBearer(_) => Ok(()),
    }
}

fn check_types(exchange: &TokenExchange) -> Result<(), Refusal> {
    if let Some(issued) = &exchange.requested_token_type
        && !ISSUED.contains(&issued.as_str())
    {
        return Err(Refusal::plugin(format!(
            "the plugin exchanges a token for one of the type \"{}\", which nobody is given here",
            Shown::new(issued)
        )));
    }
    let actor = exchange.actor_token.as_ref().map(|(_, kind)| kind);
    match [Some(&exchange.subject_token_type), actor]
        .into_iter()
        .flatten()
        .find(|kind| !is_a_type(kind))
    {
        None => Ok(()),
        Some(kind) => Err(Refusal::plugin(format!(
            "the plugin presents a token of the type \"{}\", which is no absolute URI",
            Shown::new(kind)
        ))),
    }
}

/// RFC 8693 section 3: any absolute URI.
fn is_a_type(kind: &str) -> bool {
    kind.len() <= URL_BYTES
        && kind.bytes().all(|byte| matches!(byte, 0x21..=0x7E))
        && Url::parse(kind).is_ok()
}

#[cfg(test)]
mod tests {
    use vestibule_core::record::Method;

    use crate::steps::testing::{
        Case, SECRET, exchange_for, exchanging, grant, sign_in, token_exchange,
    };

    use super::*;

    fn workload() -> Case {
        Case::oidc(sign_in()).by(Method::Workload)
    }

    #[test]
    fn a_client_that_proves_nothing_gets_nothing_in_its_own_name() {
        let denied = workload().denies("exchange", vec![grant(GrantType::ClientCredentials)]);
        assert!(!denied.plugins_fault && denied.fix.is_none());
        let confidential = workload().confidential();
        confidential.allows(vec![grant(GrantType::ClientCredentials)]);
        // RFC 7523 section 3.1: the assertion says who it is.
        workload().allows(vec![grant(GrantType::JwtBearer(SECRET))]);
    }

    #[test]
    fn a_client_that_proves_nothing_exchanges_nothing_but_by_a_line() {
        for purpose in [exchange_for(Some("https://api.example")), sign_in()] {
            let signs_in = matches!(purpose, vestibule_core::start::Purpose::SignIn { .. });
            let method = if signs_in {
                Method::Workload
            } else {
                Method::Browser
            };
            let mut case = Case::oidc(purpose).by(method);
            case.tenant.policy.audiences = Some(vec!["https://api.example".to_owned()]);
            let step = || vec![token_exchange(Some("https://api.example"))];
            let denied = case.denies("exchange", step());
            assert_eq!(
                denied.fix.as_deref(),
                Some("policy.allow_unauthenticated_exchange = true")
            );
            assert!(!denied.plugins_fault);
            case.tenant.policy.allow_unauthenticated_exchange = true;
            case.allows(step());
            case.tenant.policy.allow_unauthenticated_exchange = false;
            case.confidential().allows(step());
        }
    }

    #[test]
    fn types_of_tokens_are_those_of_the_standards() {
        let case = workload().confidential();
        let jwt = "urn:ietf:params:oauth:token-type:jwt";
        for (issued, allowed) in [
            (Some("urn:ietf:params:oauth:token-type:access_token"), true),
            (Some(jwt), true),
            (None, true),
            (
                Some("urn:ietf:params:oauth:token-type:refresh_token"),
                false,
            ),
            (Some("urn:ietf:params:oauth:token-type:id_token"), false),
            (Some("urn:ietf:params:oauth:token-type:saml2"), false),
            (Some("access_token"), false),
            (Some(""), false),
        ] {
            let step = exchanging(|exchange| {
                exchange.requested_token_type = issued.map(str::to_owned);
            });
            assert_eq!(case.judge(vec![step]).is_ok(), allowed, "{issued:?}");
        }
        for (kind, allowed) in [
            (jwt, true),
            ("https://idp.example/types/own", true),
            ("jwt", false),
            ("", false),
            ("urn:a b", false),
            ("urn:\u{e9}", false),
        ] {
            let subject = exchanging(|exchange| exchange.subject_token_type = kind.to_owned());
            let actor = exchanging(|exchange| {
                exchange.actor_token = Some((SECRET, kind.to_owned()));
            });
            for step in [subject, actor] {
                assert_eq!(case.judge(vec![step]).is_ok(), allowed, "{kind}");
            }
        }
    }
}
