//! What the guest wants done next, parsed on its way out.

use vestibule_core::description::TimeUnit;
use vestibule_core::record::Primary;
use vestibule_core::step::{
    AuthorizationRequest, Call, Choice, ChoiceOption, DeviceRequest, Field, FieldValue, Finish,
    Grant, GrantType, HostValue, HttpExchange, Request, Step, SubjectTokenRequest, TokenExchange,
    TokenGrant,
};
use vestibule_core::{MemberName, Result, RoleName, Scope};

use super::{each, named_from_wit, reference_from_wit, wit};

pub(crate) fn from_wit(step: wit::Step) -> Result<Step> {
    Ok(match step {
        wit::Step::Discover => Step::Discover,
        wit::Step::Authorize(request) => Step::Authorize(AuthorizationRequest {
            scopes: each(request.scopes, scope)?,
            offline: request.offline,
            login_hint: request.login_hint,
            resources: request.resources,
            extra: request.extra,
        }),
        wit::Step::Request(request) => Step::Request(Request {
            role: RoleName::parse(&request.role).map_err(|problem| problem.by_plugin())?,
            exchange: exchange(request.exchange)?,
        }),
        wit::Step::Device(request) => Step::Device(DeviceRequest {
            scopes: each(request.scopes, scope)?,
            extra: each(request.extra, field)?,
        }),
        wit::Step::SubjectToken(request) => Step::SubjectToken(SubjectTokenRequest {
            source: request.source,
            audience: request.audience,
        }),
        wit::Step::Choose(choice) => Step::Choose(Choice {
            what: choice.what,
            options: choice
                .options
                .into_iter()
                .map(|option| ChoiceOption {
                    id: option.id,
                    label: option.label,
                })
                .collect(),
        }),
        wit::Step::Finish(wit::OutcomeOfFlow::Done) => Step::Finish(Finish::Done),
        wit::Step::Finish(wit::OutcomeOfFlow::Grant(outcome)) => {
            Step::Finish(Finish::Grant(grant(outcome)?))
        }
        wit::Step::Fail(failure) => Step::Fail(failure.message),
    })
}

fn exchange(exchange: wit::HttpExchange) -> Result<HttpExchange> {
    Ok(match exchange {
        wit::HttpExchange::Grant(grant) => HttpExchange::Grant(TokenGrant {
            grant_type: grant_type(grant.grant_type),
            scopes: each(grant.scopes, scope)?,
            extra: each(grant.extra, field)?,
        }),
        wit::HttpExchange::Registration(fields) => HttpExchange::Registration(each(fields, field)?),
        wit::HttpExchange::Revocation(token) => HttpExchange::Revocation(reference_from_wit(token)),
        wit::HttpExchange::Introspection(token) => {
            HttpExchange::Introspection(reference_from_wit(token))
        }
        wit::HttpExchange::Userinfo(token) => HttpExchange::Userinfo(reference_from_wit(token)),
        wit::HttpExchange::Call(call) => HttpExchange::Call(Call {
            token: call.token.map(reference_from_wit),
            query: each(call.query, |(name, value)| Ok((member_name(&name)?, value)))?,
            body: each(call.body, field)?,
        }),
    })
}

fn grant_type(grant: wit::GrantType) -> GrantType {
    match grant {
        wit::GrantType::AuthorizationCode(code) => {
            GrantType::AuthorizationCode(reference_from_wit(code))
        }
        wit::GrantType::RefreshToken(token) => GrantType::RefreshToken(reference_from_wit(token)),
        wit::GrantType::ClientCredentials => GrantType::ClientCredentials,
        wit::GrantType::TokenExchange(exchange) => GrantType::TokenExchange(TokenExchange {
            subject_token: reference_from_wit(exchange.subject_token),
            subject_token_type: exchange.subject_token_type,
            actor_token: exchange
                .actor_token
                .map(|(token, kind)| (reference_from_wit(token), kind)),
            requested_token_type: exchange.requested_token_type,
            audience: exchange.audience,
        }),
        wit::GrantType::JwtBearer(assertion) => GrantType::JwtBearer(reference_from_wit(assertion)),
    }
}

fn field(field: wit::Field) -> Result<Field> {
    Ok(Field {
        name: member_name(&field.name)?,
        value: match field.value {
            wit::FieldValue::Text(text) => FieldValue::Text(text),
            wit::FieldValue::Texts(texts) => FieldValue::Texts(texts),
            wit::FieldValue::Integer(value) => FieldValue::Integer(value),
            wit::FieldValue::Boolean(value) => FieldValue::Boolean(value),
            wit::FieldValue::Secret(secret) => FieldValue::Secret(reference_from_wit(secret)),
            wit::FieldValue::Host(value) => FieldValue::Host(match value {
                wit::HostValue::RedirectUri => HostValue::RedirectUri,
                wit::HostValue::RedirectUris => HostValue::RedirectUris,
                wit::HostValue::Scopes => HostValue::Scopes,
            }),
        },
    })
}

fn grant(grant: wit::Grant) -> Result<Grant> {
    Ok(Grant {
        primary: match grant.primary {
            wit::GrantKind::Oauth => Primary::Oauth,
            wit::GrantKind::CloudKeys => Primary::CloudKeys,
            wit::GrantKind::Opaque => Primary::Opaque,
        },
        parts: each(grant.parts, named_from_wit)?,
        expires_at: grant.expires_at.map(|(at, unit)| (at, time_unit(unit))),
    })
}

pub(super) fn time_unit(unit: wit::TimeUnit) -> TimeUnit {
    match unit {
        wit::TimeUnit::Seconds => TimeUnit::Seconds,
        wit::TimeUnit::Milliseconds => TimeUnit::Milliseconds,
    }
}

pub(super) fn scope(text: String) -> Result<Scope> {
    Scope::parse(&text).map_err(|problem| problem.by_plugin())
}

pub(super) fn member_name(text: &str) -> Result<MemberName> {
    MemberName::parse(text).map_err(|problem| problem.by_plugin())
}
