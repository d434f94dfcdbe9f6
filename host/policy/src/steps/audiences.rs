//! The resource servers that a token may be for (`policy.audiences`): those of the tenant's list, however the standards or a provider
//! name them (RFC 8707 section 2, RFC 8693 section 2.1, and the `audience` of some vendors).

use vestibule_core::Shown;
use vestibule_core::step::{FieldValue, GrantType, HttpExchange, Step};
use vestibule_core::words::folded;

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Some(listed) = &flow.tenant.policy.audiences else {
        return Ok(());
    };
    let other = asked_for(step)
        .into_iter()
        .find(|asked| !listed.iter().any(|audience| audience == asked));
    match other {
        None => Ok(()),
        Some(audience) => {
            let with: Vec<String> = listed
                .iter()
                .map(String::as_str)
                .chain([audience])
                .map(|audience| format!("\"{}\"", Shown::whole(audience)))
                .collect();
            Err(Refusal::policy(format!(
                "the plugin asks for a token for \"{}\", which policy.audiences does not list",
                Shown::new(audience)
            ))
            .unless(format!("policy.audiences = [{}]", with.join(", "))))
        }
    }
}

/// The audiences that a step names.
fn asked_for(step: &Step) -> Vec<&str> {
    match step {
        Step::Authorize(request) => {
            let own = request.extra.iter().filter(|(name, _)| is_audience(name));
            let own = own.map(|(_, value)| value.as_str());
            request
                .resources
                .iter()
                .map(String::as_str)
                .chain(own)
                .collect()
        }
        Step::Device(request) => fields(&request.extra),
        Step::Request(request) => match &request.exchange {
            HttpExchange::Grant(grant) => {
                let mut audiences = fields(&grant.extra);
                if let GrantType::TokenExchange(exchange) = &grant.grant_type {
                    audiences.extend(exchange.audience.as_deref());
                }
                audiences
            }
            HttpExchange::Registration(_)
            | HttpExchange::Revocation(_)
            | HttpExchange::Introspection(_)
            | HttpExchange::Userinfo(_)
            | HttpExchange::Call(_) => Vec::new(),
        },
        Step::Discover
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => Vec::new(),
    }
}

fn fields(fields: &[vestibule_core::step::Field]) -> Vec<&str> {
    let named = fields
        .iter()
        .filter(|field| is_audience(field.name.as_str()));
    named
        .flat_map(|field| match &field.value {
            FieldValue::Text(text) => vec![text.as_str()],
            FieldValue::Texts(texts) => texts.iter().map(String::as_str).collect(),
            // No audience is any of these: whatever it is, it is not listed.
            FieldValue::Integer(_)
            | FieldValue::Boolean(_)
            | FieldValue::Secret(_)
            | FieldValue::Host(_) => vec![""],
        })
        .collect()
}

fn is_audience(name: &str) -> bool {
    folded(name) == "audience"
}

#[cfg(test)]
mod tests {
    use vestibule_core::step::{Field, GrantType};

    use crate::steps::testing::{
        Case, SECRET, authorization, authorize, exchange_for, granted, sign_in, token_exchange,
    };
    use crate::testing::{member, tenant};

    use super::*;

    fn listed(mut case: Case) -> Case {
        case.tenant = tenant("[policy]\naudiences = [\"https://api.example\", \"internal\"]\n");
        case
    }

    #[test]
    fn a_token_is_for_a_listed_audience_however_it_is_named() {
        let case = listed(Case::oidc(sign_in()));
        let resources = |list: &[&str]| {
            let list = list.iter().map(|one| (*one).to_owned()).collect();
            authorization(|request| request.resources = list)
        };
        let extra = |name: &str, value: &str| {
            let pair = (name.to_owned(), value.to_owned());
            authorization(|request| request.extra = vec![pair])
        };
        case.allows(vec![authorize()]);
        case.allows(vec![resources(&["https://api.example"])]);
        case.allows(vec![extra("audience", "internal")]);
        let denied = case.denies(
            "audiences",
            vec![resources(&["https://api.example", "https://evil.example"])],
        );
        assert_eq!(
            denied.fix.as_deref(),
            Some(
                "policy.audiences = [\"https://api.example\", \"internal\", \"https://evil.example\"]"
            )
        );
        case.denies("audiences", vec![resources(&["https://api.example/"])]);
        case.denies("audiences", vec![extra("audience", "other")]);
        case.denies("audiences", vec![extra("Audience", "other")]);
        let field = |value| {
            vec![Field {
                name: member("audience"),
                value,
            }]
        };
        let code = || GrantType::AuthorizationCode(SECRET);
        case.denies(
            "audiences",
            vec![
                authorize(),
                granted(code(), &[], field(FieldValue::Text("other".to_owned()))),
            ],
        );
        case.denies(
            "audiences",
            vec![
                authorize(),
                granted(code(), &[], field(FieldValue::Integer(1))),
            ],
        );
    }

    #[test]
    fn an_exchange_is_for_a_listed_audience() {
        let case = listed(Case::oidc(exchange_for(None)));
        case.allows(vec![token_exchange(Some("internal"))]);
        case.denies("audiences", vec![token_exchange(Some("other"))]);
    }

    #[test]
    fn without_a_list_any_audience_will_do() {
        Case::oidc(exchange_for(None)).allows(vec![token_exchange(Some("other"))]);
    }
}
