//! Every text of a plugin that a step has: what budgets count, what is searched for what may not be in it, and what the second
//! barrier looks through.

use super::{Field, FieldValue, Finish, GrantType, HttpExchange, Step, TokenExchange};
use crate::name::Scope;

impl Step {
    /// Visits every text of the plugin's own that the step sends to somebody. A new place for a text that is left out here would
    /// escape every budget, so everything is spelled out.
    pub fn for_each_sent_text(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Authorize(request) => {
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
            Self::Request(request) => exchange(&request.exchange, visit),
            Self::Device(request) => {
                scopes(&request.scopes, visit);
                fields(&request.extra, visit);
            }
            Self::SubjectToken(request) => {
                visit(&request.source);
                visit(&request.audience);
            }
            Self::Discover | Self::Choose(_) | Self::Finish(_) | Self::Fail(_) => {}
        }
    }

    /// Visits every text of the step, sent or shown: what the second barrier searches (PLUG-07).
    pub fn for_each_text(&self, visit: &mut dyn FnMut(&str)) {
        self.for_each_sent_text(visit);
        match self {
            Self::Request(request) => visit(request.role.as_str()),
            Self::Choose(choice) => {
                visit(&choice.what);
                for option in &choice.options {
                    visit(&option.id);
                    visit(&option.label);
                }
            }
            Self::Finish(Finish::Grant(grant)) => grant
                .parts
                .iter()
                .for_each(|part| visit(part.name.as_str())),
            Self::Fail(message) => visit(message),
            Self::Discover
            | Self::Authorize(_)
            | Self::Device(_)
            | Self::SubjectToken(_)
            | Self::Finish(Finish::Done) => {}
        }
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

#[cfg(test)]
mod tests {
    use crate::step::{Choice, ChoiceOption};

    use super::*;

    #[test]
    fn what_is_shown_is_searched_and_not_counted_as_sent() {
        let choose = Step::Choose(Choice {
            what: "account".to_owned(),
            options: vec![ChoiceOption {
                id: "1".to_owned(),
                label: "one".to_owned(),
            }],
        });
        for (step, texts) in [
            (choose, vec!["account", "1", "one"]),
            (Step::Fail("why".to_owned()), vec!["why"]),
        ] {
            let mut found = Vec::new();
            step.for_each_text(&mut |text| found.push(text.to_owned()));
            assert_eq!(found, texts);
            step.for_each_sent_text(&mut |text| panic!("{text} is sent"));
        }
    }
}
