//! Steps and replies in words.

use vestibule_core::reply::{Member, MemberValue, Reply, Scalar};
use vestibule_core::setting::{Setting, SettingValue};
use vestibule_core::start::{NamedReference, Purpose, Start};
use vestibule_core::step::{Finish, GrantType, HttpExchange, Step};
use vestibule_core::{Scope, SecretKind, Shown};

/// A kind of secret, as one says it.
pub(super) fn kind(kind: SecretKind) -> String {
    kind.as_str().replace('_', " ")
}

/// What a plugin begins with.
pub(super) fn start(start: &Start) -> String {
    let mut has = Vec::new();
    match &start.purpose {
        Purpose::SignIn { .. } => {}
        Purpose::Refresh(grant) | Purpose::Revoke(grant) | Purpose::StepUp(grant) => {
            has.push(references(&grant.parts))
        }
        Purpose::Derive {
            grant, parameters, ..
        } => {
            has.push(references(&grant.parts));
            has.extend(
                parameters
                    .iter()
                    .map(|(name, value)| format!("{name}={}", Shown::new(value))),
            );
        }
        Purpose::Exchange { subject, .. } => has.push(references(std::slice::from_ref(subject))),
    }
    has.extend(start.settings.iter().map(setting));
    has.join(", ")
}

fn setting(setting: &Setting) -> String {
    let value = match &setting.value {
        SettingValue::Boolean(value) => value.to_string(),
        SettingValue::Integer(value) => value.to_string(),
        SettingValue::Text(text) => Shown::new(text).to_string(),
        SettingValue::Texts(texts) => Shown::new(&texts.join(" ")).to_string(),
    };
    format!("{}={value}", setting.name)
}

/// Every text that a plugin begins with.
pub(super) fn of_start(start: &Start, visit: &mut dyn FnMut(&str)) {
    for setting in &start.settings {
        match &setting.value {
            SettingValue::Boolean(_) | SettingValue::Integer(_) => {}
            SettingValue::Text(text) => visit(text),
            SettingValue::Texts(texts) => texts.iter().for_each(|text| visit(text)),
        }
    }
    start.scopes.iter().for_each(|scope| visit(scope.as_str()));
    match &start.purpose {
        Purpose::SignIn { login_hint } => login_hint.iter().for_each(|hint| visit(hint)),
        Purpose::Derive { parameters, .. } => parameters.iter().for_each(|(_, value)| visit(value)),
        Purpose::Exchange { audience, .. } => audience.iter().for_each(|audience| visit(audience)),
        Purpose::Refresh(_) | Purpose::Revoke(_) | Purpose::StepUp(_) => {}
    }
}

/// A step, as the plugin's wish.
pub(super) fn step(step: &Step) -> String {
    match step {
        Step::Discover => "where are this issuer's endpoints?".to_owned(),
        Step::Authorize(wanted) => format!("let the person approve{}", scopes(&wanted.scopes)),
        Step::Request(request) => exchange(request.role.as_str(), &request.exchange),
        Step::Device(wanted) => format!("show a device code and poll{}", scopes(&wanted.scopes)),
        Step::SubjectToken(wanted) => format!(
            "the workload's assertion from \"{}\"",
            Shown::new(&wanted.source)
        ),
        Step::Choose(choice) => format!("let the person choose: \"{}\"", Shown::new(&choice.what)),
        Step::Finish(Finish::Grant(grant)) => {
            format!("finish, and keep {}", references(&grant.parts))
        }
        Step::Finish(Finish::Done) => "finish; there is nothing to keep".to_owned(),
        Step::Fail(message) => format!("give up: \"{}\"", Shown::new(message)),
    }
}

fn exchange(role: &str, exchange: &HttpExchange) -> String {
    match exchange {
        HttpExchange::Grant(grant) => match &grant.grant_type {
            GrantType::AuthorizationCode(code) => format!("redeem the code {code:?} at {role}"),
            GrantType::RefreshToken(token) => {
                format!("redeem the refresh token {token:?} at {role}")
            }
            GrantType::ClientCredentials => format!("a token for the client itself, at {role}"),
            GrantType::TokenExchange(exchange) => {
                format!("exchange {:?} at {role}", exchange.subject_token)
            }
            GrantType::JwtBearer(assertion) => {
                format!("redeem the assertion {assertion:?} at {role}")
            }
        },
        HttpExchange::Registration(_) => format!("register this client at {role}"),
        HttpExchange::Revocation(token) => format!("revoke {token:?} at {role}"),
        HttpExchange::Introspection(token) => format!("ask {role} about {token:?}"),
        HttpExchange::Userinfo(token) => format!("ask {role}, with {token:?}"),
        HttpExchange::Call(call) => match call.token {
            Some(token) => format!("call {role}, with {token:?}"),
            None => format!("call {role}"),
        },
    }
}

/// A reply, as the plugin sees it.
pub(super) fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Discovered(roles) => {
            let roles: Vec<&str> = roles.iter().map(vestibule_core::RoleName::as_str).collect();
            format!("there are {}", roles.join(", "))
        }
        Reply::Authorized(code) => format!("code = {code:?}"),
        Reply::Tokens(tokens) => {
            let mut parts = vec![format!("access_token = {:?}", tokens.access_token)];
            parts.extend(
                tokens
                    .refresh_token
                    .map(|token| format!("refresh_token = {token:?}")),
            );
            parts.extend(tokens.id_token.map(|token| format!("id_token = {token:?}")));
            parts.push(format!("expires_in = {}", tokens.expires_in));
            parts.extend(tokens.members.iter().map(member));
            parts.extend((!tokens.secrets.is_empty()).then(|| references(&tokens.secrets)));
            parts.join(", ")
        }
        Reply::Response(response) => {
            let mut parts: Vec<String> = response.members.iter().map(member).collect();
            parts.extend((!response.secrets.is_empty()).then(|| references(&response.secrets)));
            if parts.is_empty() {
                "it worked, and nothing else".to_owned()
            } else {
                parts.join(", ")
            }
        }
        Reply::SubjectToken(token) => format!("assertion = {token:?}"),
        Reply::Chosen(id) => format!("chosen: \"{}\"", Shown::new(id)),
        Reply::Failed(problem) => format!("it failed: {:?}", problem.kind).to_lowercase(),
    }
}

fn member(member: &Member) -> String {
    let value = match &member.value {
        MemberValue::One(Scalar::Boolean(value)) => value.to_string(),
        MemberValue::One(Scalar::Integer(value)) => value.to_string(),
        MemberValue::One(Scalar::Text(text)) => format!("\"{}\"", Shown::new(text)),
        MemberValue::Rows(rows) => format!("{} rows", rows.len()),
    };
    format!("{} = {value}", Shown::new(member.pointer.as_str()))
}

fn references(parts: &[NamedReference]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| format!("{} = {:?}", part.name, part.reference))
        .collect();
    parts.join(", ")
}

fn scopes(scopes: &[Scope]) -> String {
    if scopes.is_empty() {
        return String::new();
    }
    let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    format!(", for {}", scopes.join(" "))
}
