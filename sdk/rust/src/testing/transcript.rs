//! Steps as lines of text, in which a reference has the name of its secret.

use crate::wit::{
    AuthorizationRequest, Call, Field, FieldValue, Grant, GrantType, HttpExchange, OutcomeOfFlow,
    Reference, Step, TokenGrant,
};

/// The references of a flow and what they stand for.
#[derive(Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// A new reference with this name.
    pub(super) fn mint(&mut self, name: &str) -> Reference {
        self.0.push(name.to_owned());
        Reference {
            high: 0,
            low: self.0.len() as u64,
        }
    }

    fn name(&self, reference: Reference) -> String {
        let index = usize::try_from(reference.low)
            .ok()
            .and_then(|low| low.checked_sub(1));
        match index.and_then(|index| self.0.get(index)) {
            Some(name) if reference.high == 0 => format!("<{name}>"),
            _ => panic!("the plugin made a reference up: {reference:?}"),
        }
    }
}

/// One step as one line.
pub(super) fn line(step: &Step, names: &Names) -> String {
    match step {
        Step::Discover => "discover".to_owned(),
        Step::Authorize(request) => authorize(request),
        Step::Request(request) => {
            format!("{} {}", request.role, exchange(&request.exchange, names))
        }
        Step::Device(request) => with_fields(
            &format!("device scopes={}", request.scopes.join(" ")),
            &request.extra,
            names,
        ),
        Step::SubjectToken(request) => {
            format!("subject-token {} for {}", request.source, request.audience)
        }
        Step::Choose(choice) => {
            let options: Vec<_> = choice
                .options
                .iter()
                .map(|option| option.label.as_str())
                .collect();
            format!("choose {}: {}", choice.what, options.join(" | "))
        }
        Step::Finish(OutcomeOfFlow::Done) => "finish".to_owned(),
        Step::Finish(OutcomeOfFlow::Grant(grant)) => finish(grant, names),
        Step::Fail(failure) => format!("fail: {}", failure.message),
    }
}

fn authorize(request: &AuthorizationRequest) -> String {
    let mut line = format!("authorize scopes={}", request.scopes.join(" "));
    if request.offline {
        line.push_str(" offline");
    }
    let hint = request
        .login_hint
        .iter()
        .map(|hint| format!(" login_hint={hint}"));
    let resources = request
        .resources
        .iter()
        .map(|resource| format!(" resource={resource}"));
    let extra = request
        .extra
        .iter()
        .map(|(name, value)| format!(" {name}={value}"));
    line.extend(hint.chain(resources).chain(extra));
    line
}

fn exchange(exchange: &HttpExchange, names: &Names) -> String {
    match exchange {
        HttpExchange::Grant(grant) => token_grant(grant, names),
        HttpExchange::Registration(metadata) => with_fields("register", metadata, names),
        HttpExchange::Revocation(token) => format!("revoke {}", names.name(*token)),
        HttpExchange::Introspection(token) => format!("introspect {}", names.name(*token)),
        HttpExchange::Userinfo(token) => format!("userinfo {}", names.name(*token)),
        HttpExchange::Call(call) => self::call(call, names),
    }
}

fn token_grant(grant: &TokenGrant, names: &Names) -> String {
    let kind = match &grant.grant_type {
        GrantType::AuthorizationCode(code) => format!("authorization_code {}", names.name(*code)),
        GrantType::RefreshToken(token) => format!("refresh_token {}", names.name(*token)),
        GrantType::ClientCredentials => "client_credentials".to_owned(),
        GrantType::TokenExchange(exchange) => {
            let audience = exchange
                .audience
                .iter()
                .map(|audience| format!(" for {audience}"))
                .collect::<String>();
            let actor = exchange
                .actor_token
                .iter()
                .map(|(actor, kind)| format!(" by {kind} {}", names.name(*actor)))
                .collect::<String>();
            format!(
                "token-exchange {} {}{actor}{audience}",
                exchange.subject_token_type,
                names.name(exchange.subject_token)
            )
        }
        GrantType::JwtBearer(assertion) => format!("jwt-bearer {}", names.name(*assertion)),
    };
    let scopes = if grant.scopes.is_empty() {
        String::new()
    } else {
        format!(" scopes={}", grant.scopes.join(" "))
    };
    with_fields(&format!("{kind}{scopes}"), &grant.extra, names)
}

fn call(call: &Call, names: &Names) -> String {
    let mut line = "call".to_owned();
    line.extend(
        call.query
            .iter()
            .map(|(name, value)| format!(" {name}={value}")),
    );
    line.extend(
        call.token
            .iter()
            .map(|token| format!(" as {}", names.name(*token))),
    );
    with_fields(&line, &call.body, names)
}

fn with_fields(line: &str, fields: &[Field], names: &Names) -> String {
    let value = |value: &FieldValue| match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Texts(texts) => format!("[{}]", texts.join(", ")),
        FieldValue::Integer(integer) => integer.to_string(),
        FieldValue::Boolean(boolean) => boolean.to_string(),
        FieldValue::Secret(reference) => names.name(*reference),
        FieldValue::Host(value) => format!("{value:?}"),
    };
    let mut line = line.to_owned();
    line.extend(
        fields
            .iter()
            .map(|field| format!(" {}={}", field.name, value(&field.value))),
    );
    line
}

fn finish(grant: &Grant, names: &Names) -> String {
    let parts: Vec<_> = grant
        .parts
        .iter()
        .map(|part| format!("{}={}", part.name, names.name(part.reference)))
        .collect();
    let expiry = grant
        .expires_at
        .map(|(when, unit)| format!(" until {when} {unit:?}"))
        .unwrap_or_default();
    format!("finish {:?} {}{expiry}", grant.primary, parts.join(" "))
}
