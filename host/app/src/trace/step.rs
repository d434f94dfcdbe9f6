//! Steps and replies in a transcript.

use serde_json::{Map, Value, json};
use vestibule_core::reply::{Member, MemberValue, Problem, Reply, Response, Scalar, Tokens};
use vestibule_core::start::{NamedReference, Purpose, Start, StoredGrant};
use vestibule_core::step::{
    AuthorizationRequest, Call, Choice, DeviceRequest, Field, FieldValue, Finish, Grant, GrantType,
    HostValue, HttpExchange, Request, Step, SubjectTokenRequest, TokenExchange, TokenGrant,
};

use super::words::{facts, length, names, reference, scopes};

pub(super) fn start(start: &Start) -> Map<String, Value> {
    let mut told = facts([
        ("purpose", start.purpose.as_str().into()),
        ("method", start.method.as_str().into()),
        ("scopes", scopes(&start.scopes)),
        (
            "settings",
            names(start.settings.iter().map(|setting| setting.name.as_str())),
        ),
        ("registered", start.registered.into()),
    ]);
    let of = |grant: &StoredGrant| parts(&grant.parts);
    match &start.purpose {
        Purpose::SignIn { login_hint } => {
            if let Some(hint) = login_hint {
                told.insert("login_hint".into(), length(hint));
            }
        }
        Purpose::Refresh(grant) | Purpose::Revoke(grant) | Purpose::StepUp(grant) => {
            told.insert("parts".into(), of(grant));
        }
        Purpose::Exchange {
            subject,
            audience: _,
        } => {
            told.insert("parts".into(), parts(std::slice::from_ref(subject)));
        }
        Purpose::Derive {
            grant,
            parameters,
            interactive: _,
        } => {
            told.insert("parts".into(), of(grant));
            let named = parameters.iter().map(|(name, _)| name.as_str());
            told.insert("parameters".into(), names(named));
        }
    }
    told
}

pub(super) fn asked(number: u32, step: &Step) -> Map<String, Value> {
    let mut told = facts([("step", number.into()), ("kind", step.as_str().into())]);
    told.extend(match step {
        Step::Discover => Map::new(),
        Step::Authorize(AuthorizationRequest {
            scopes: asked,
            offline,
            login_hint: _,
            resources,
            extra,
        }) => facts([
            // Not judged yet: what a plugin asks for may be anything.
            ("scopes", asked.len().into()),
            ("offline", (*offline).into()),
            ("resources", resources.len().into()),
            (
                "extra",
                pairs(
                    extra
                        .iter()
                        .map(|(name, value)| (name.as_str(), value.as_str())),
                ),
            ),
        ]),
        Step::Request(Request { role, exchange }) => {
            let mut told = facts([("role", role.as_str().into())]);
            told.extend(exchanged(exchange));
            told
        }
        Step::Device(DeviceRequest { scopes, extra }) => {
            facts([("scopes", scopes.len().into()), ("extra", fields(extra))])
        }
        Step::SubjectToken(SubjectTokenRequest { source, audience }) => {
            facts([("source", length(source)), ("audience", length(audience))])
        }
        Step::Choose(Choice { what, options }) => {
            facts([("what", length(what)), ("options", options.len().into())])
        }
        Step::Finish(Finish::Done) => facts([("grant", Value::Null)]),
        Step::Finish(Finish::Grant(Grant {
            primary,
            parts: named,
            expires_at,
        })) => facts([
            ("grant", json!(primary)),
            ("parts", parts(named)),
            ("says_when_it_expires", expires_at.is_some().into()),
        ]),
        Step::Fail(message) => facts([("message", length(message))]),
    });
    told
}

fn exchanged(exchange: &HttpExchange) -> Map<String, Value> {
    match exchange {
        HttpExchange::Grant(TokenGrant {
            grant_type,
            scopes,
            extra,
        }) => {
            let (name, secrets) = granted(grant_type);
            facts([
                ("grant_type", name.into()),
                ("secrets", secrets.into_iter().map(reference).collect()),
                ("scopes", scopes.len().into()),
                ("extra", fields(extra)),
            ])
        }
        HttpExchange::Registration(metadata) => facts([("metadata", fields(metadata))]),
        HttpExchange::Revocation(token)
        | HttpExchange::Introspection(token)
        | HttpExchange::Userinfo(token) => facts([("token", reference(*token))]),
        HttpExchange::Call(Call { token, query, body }) => facts([
            ("token", token.map_or(Value::Null, reference)),
            (
                "query",
                pairs(
                    query
                        .iter()
                        .map(|(name, value)| (name.as_str(), value.as_str())),
                ),
            ),
            ("body", fields(body)),
        ]),
    }
}

fn granted(grant: &GrantType) -> (&'static str, Vec<vestibule_core::Reference>) {
    match grant {
        GrantType::AuthorizationCode(code) => ("authorization_code", vec![*code]),
        GrantType::RefreshToken(token) => ("refresh_token", vec![*token]),
        GrantType::ClientCredentials => ("client_credentials", Vec::new()),
        GrantType::TokenExchange(TokenExchange {
            subject_token,
            actor_token,
            ..
        }) => {
            let actor = actor_token.iter().map(|(token, _)| *token);
            let all = std::iter::once(*subject_token).chain(actor);
            ("token-exchange", all.collect())
        }
        GrantType::JwtBearer(assertion) => ("jwt-bearer", vec![*assertion]),
    }
}

pub(super) fn replied(reply: &Reply) -> Map<String, Value> {
    match reply {
        Reply::Discovered(roles) => facts([(
            "roles",
            names(roles.iter().map(vestibule_core::RoleName::as_str)),
        )]),
        Reply::Authorized(code) => facts([("code", reference(*code))]),
        Reply::Tokens(Tokens {
            access_token,
            refresh_token,
            id_token,
            expires_in,
            scopes,
            members: readable,
            secrets,
        }) => facts([
            ("access_token", reference(*access_token)),
            (
                "refresh_token",
                refresh_token.map_or(Value::Null, reference),
            ),
            ("id_token", id_token.map_or(Value::Null, reference)),
            ("expires_in", (*expires_in).into()),
            ("scopes", scopes.len().into()),
            ("members", members(readable)),
            ("secrets", parts(secrets)),
        ]),
        Reply::Response(Response {
            members: readable,
            secrets,
        }) => facts([("members", members(readable)), ("secrets", parts(secrets))]),
        Reply::SubjectToken(token) => facts([("subject_token", reference(*token))]),
        Reply::Chosen(id) => facts([("chosen", length(id))]),
        Reply::Failed(Problem { kind, code }) => facts([
            ("failed", format!("{kind:?}").into()),
            // One of the standards' own, or nothing.
            ("code", code.as_deref().into()),
        ]),
    }
}

/// What was declared readable and was there: where, of which kind, how long.
fn members(members: &[Member]) -> Value {
    let size = |scalar: &Scalar| match scalar {
        Scalar::Boolean(_) => "boolean".into(),
        Scalar::Integer(_) => "integer".into(),
        Scalar::Text(text) => length(text),
    };
    let written = |member: &Member| {
        let what = match &member.value {
            MemberValue::One(scalar) => size(scalar),
            MemberValue::Rows(rows) => format!("{} rows", rows.len()).into(),
        };
        json!({ (member.pointer.as_str()): what })
    };
    members.iter().map(written).collect()
}

fn parts(parts: &[NamedReference]) -> Value {
    let named = parts
        .iter()
        .map(|part| (part.name.as_str().to_owned(), reference(part.reference)));
    Value::Object(named.collect())
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let named = pairs.map(|(name, value)| (names_only(name), length(value)));
    Value::Object(named.collect())
}

fn fields(fields: &[Field]) -> Value {
    let named = fields.iter().map(|field| {
        let what = match &field.value {
            FieldValue::Text(text) => length(text),
            FieldValue::Texts(texts) => format!("{} texts", texts.len()).into(),
            FieldValue::Integer(_) => "integer".into(),
            FieldValue::Boolean(_) => "boolean".into(),
            FieldValue::Secret(secret) => reference(*secret),
            FieldValue::Host(HostValue::RedirectUri) => "redirect URI".into(),
            FieldValue::Host(HostValue::RedirectUris) => "redirect URIs".into(),
            FieldValue::Host(HostValue::Scopes) => "scopes".into(),
        };
        (field.name.as_str().to_owned(), what)
    });
    Value::Object(named.collect())
}

/// A name that policy has not judged yet may be as good as a value.
fn names_only(name: &str) -> String {
    vestibule_core::MemberName::parse(name).map_or_else(
        |_| format!("a name of {} bytes", name.len()),
        |name| name.as_str().to_owned(),
    )
}
