//! Every text of a plugin that a step sends to somebody: what budgets count, and what is searched for what may not be in it (PLUG-16).

use vestibule_core::Scope;
use vestibule_core::step::{Field, FieldValue, GrantType, HttpExchange, Step, TokenExchange};

/// All bytes of the plugin's own that the step sends to the provider.
pub(super) fn bytes(step: &Step) -> usize {
    let mut sum = 0_usize;
    for_each_text(step, &mut |text| sum = sum.saturating_add(text.len()));
    sum
}

/// Visits each of them, for whoever searches them. A new place for a text that is left out here would escape every budget, so everything is spelled out.
pub fn for_each_text(step: &Step, visit: &mut dyn FnMut(&str)) {
    match step {
        Step::Authorize(request) => {
            scopes(&request.scopes, visit);
            request
                .login_hint
                .iter()
                .chain(&request.resources)
                .for_each(|text| visit(text));
            for (name, value) in &request.extra {
                visit(name);
                visit(value);
            }
        }
        Step::Request(request) => exchange(&request.exchange, visit),
        Step::Device(request) => {
            scopes(&request.scopes, visit);
            fields(&request.extra, visit);
        }
        Step::SubjectToken(request) => {
            visit(&request.source);
            visit(&request.audience);
        }
        Step::Discover | Step::Choose(_) | Step::Finish(_) | Step::Fail(_) => {}
    }
}

fn exchange(exchange: &HttpExchange, visit: &mut dyn FnMut(&str)) {
    match exchange {
        HttpExchange::Grant(grant) => {
            scopes(&grant.scopes, visit);
            fields(&grant.extra, visit);
            match &grant.grant_type {
                GrantType::TokenExchange(TokenExchange {
                    subject_token: _,
                    subject_token_type,
                    actor_token,
                    requested_token_type,
                    audience,
                }) => {
                    visit(subject_token_type);
                    let actor = actor_token.as_ref().map(|(_, kind)| kind);
                    actor
                        .into_iter()
                        .chain(requested_token_type)
                        .chain(audience)
                        .for_each(|text| visit(text));
                }
                GrantType::AuthorizationCode(_)
                | GrantType::RefreshToken(_)
                | GrantType::ClientCredentials
                | GrantType::JwtBearer(_) => {}
            }
        }
        HttpExchange::Registration(members) => fields(members, visit),
        HttpExchange::Revocation(_)
        | HttpExchange::Introspection(_)
        | HttpExchange::Userinfo(_) => {}
        HttpExchange::Call(call) => {
            for (name, value) in &call.query {
                visit(name.as_str());
                visit(value);
            }
            fields(&call.body, visit);
        }
    }
}

fn scopes(scopes: &[Scope], visit: &mut dyn FnMut(&str)) {
    scopes.iter().for_each(|scope| visit(scope.as_str()));
}

fn fields(fields: &[Field], visit: &mut dyn FnMut(&str)) {
    for field in fields {
        visit(field.name.as_str());
        match &field.value {
            FieldValue::Text(text) => visit(text),
            FieldValue::Texts(texts) => texts.iter().for_each(|text| visit(text)),
            FieldValue::Integer(number) => visit(&number.to_string()),
            FieldValue::Boolean(_) | FieldValue::Secret(_) | FieldValue::Host(_) => {}
        }
    }
}
