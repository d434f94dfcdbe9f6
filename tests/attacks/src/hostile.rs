//! A plugin that does what a test says, step by step.

use std::collections::VecDeque;

use vestibule_core::description::Description;
use vestibule_core::plugin::{Flow, Plugin};
use vestibule_core::record::Primary;
use vestibule_core::reply::Reply;
use vestibule_core::setting::Setting;
use vestibule_core::start::NamedReference;
use vestibule_core::start::{Purpose, Start};
use vestibule_core::step::{
    AuthorizationRequest, Call, Field, FieldValue, Finish, Grant, GrantType, HttpExchange, Request,
    Step, TokenGrant,
};
use vestibule_core::{Error, MemberName, Reference, Result, RoleName, Scope, SecretName};

/// What the plugin has learnt so far.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Every reply.
    pub replies: Vec<Reply>,
    /// The code.
    pub code: Option<Reference>,
    /// The access token.
    pub access_token: Option<Reference>,
    /// The refresh token.
    pub refresh_token: Option<Reference>,
    /// The ID token.
    pub id_token: Option<Reference>,
}

/// What it does next.
pub type Move = Box<dyn Fn(&Known) -> Step>;

/// The plugin. Serves one flow.
pub struct Hostile(std::cell::RefCell<VecDeque<Move>>);

impl Hostile {
    /// With these moves. After the last one it says that all is done.
    #[must_use]
    pub fn new(moves: Vec<Move>) -> Self {
        Self(std::cell::RefCell::new(moves.into()))
    }

    /// An honest sign-in up to the tokens, and then these moves.
    #[must_use]
    pub fn after_sign_in(moves: Vec<Move>) -> Self {
        let mut all: Vec<Move> = vec![
            Box::new(|_| authorize()),
            Box::new(|known| redeem(known.code.unwrap())),
        ];
        all.extend(moves);
        Self::new(all)
    }
}

impl Plugin for Hostile {
    fn digest(&self) -> String {
        "sha256:none".to_owned()
    }

    fn describe(&self, _settings: &[Setting]) -> Result<Description> {
        Err(Error::plugin(
            "attack",
            "it is not asked: the stage pins what it may do",
        ))
    }

    fn start_flow(&self) -> Result<Box<dyn Flow>> {
        Ok(Box::new(Moves {
            left: self.0.take(),
            known: Known::default(),
        }))
    }
}

struct Moves {
    left: VecDeque<Move>,
    known: Known,
}

impl Moves {
    fn next(&mut self) -> Step {
        let done = || Step::Finish(Finish::Done);
        self.left
            .pop_front()
            .map_or_else(done, |next| next(&self.known))
    }
}

impl Flow for Moves {
    fn begin(&mut self, start: &Start) -> Result<Step> {
        if let Purpose::Refresh(grant) | Purpose::Revoke(grant) = &start.purpose {
            let part = |name: &str| {
                grant
                    .parts
                    .iter()
                    .find(|part| part.name.as_str() == name)
                    .map(|part| part.reference)
            };
            self.known.access_token = part("access_token");
            self.known.refresh_token = part("refresh_token");
        }
        Ok(self.next())
    }

    fn resume(&mut self, reply: &Reply) -> Result<Step> {
        match reply {
            Reply::Authorized(code) => self.known.code = Some(*code),
            Reply::Tokens(tokens) => {
                self.known.access_token = Some(tokens.access_token);
                self.known.refresh_token = tokens.refresh_token.or(self.known.refresh_token);
                self.known.id_token = tokens.id_token;
            }
            Reply::Discovered(_)
            | Reply::Response(_)
            | Reply::SubjectToken(_)
            | Reply::Chosen(_)
            | Reply::Failed(_) => {}
        }
        self.known.replies.push(reply.clone());
        Ok(self.next())
    }
}

/// An honest authorization request.
#[must_use]
pub fn authorize() -> Step {
    authorize_with(&["openid"], &[])
}

/// An authorization request for these scopes, with these parameters added.
#[must_use]
pub fn authorize_with(scopes: &[&str], extra: &[(&str, &str)]) -> Step {
    Step::Authorize(AuthorizationRequest {
        scopes: scopes
            .iter()
            .map(|scope| Scope::parse(scope).unwrap())
            .collect(),
        offline: true,
        login_hint: None,
        resources: Vec::new(),
        extra: extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    })
}

/// A token request with this as the code.
#[must_use]
pub fn redeem(code: Reference) -> Step {
    grant(GrantType::AuthorizationCode(code), &[])
}

/// A token request with these fields added.
#[must_use]
pub fn grant(grant_type: GrantType, extra: &[(&str, FieldValue)]) -> Step {
    let grant = TokenGrant {
        grant_type,
        scopes: Vec::new(),
        extra: fields(extra),
    };
    request("token", HttpExchange::Grant(grant))
}

/// A request to this role.
#[must_use]
pub fn request(role: &str, exchange: HttpExchange) -> Step {
    Step::Request(Request {
        role: RoleName::parse(role).unwrap(),
        exchange,
    })
}

/// A request of the plugin's own to this role.
#[must_use]
pub fn call(
    role: &str,
    token: Option<Reference>,
    query: &[(&str, &str)],
    body: &[(&str, FieldValue)],
) -> Step {
    let query = query
        .iter()
        .map(|(name, value)| (MemberName::parse(name).unwrap(), (*value).to_owned()));
    request(
        role,
        HttpExchange::Call(Call {
            token,
            query: query.collect(),
            body: fields(body),
        }),
    )
}

/// An end with these as the grant.
#[must_use]
pub fn finish(parts: &[(&str, Reference)]) -> Step {
    let parts = parts.iter().map(|(name, reference)| NamedReference {
        name: SecretName::parse(name).unwrap(),
        reference: *reference,
    });
    Step::Finish(Finish::Grant(Grant {
        primary: Primary::Oauth,
        parts: parts.collect(),
        expires_at: None,
    }))
}

fn fields(list: &[(&str, FieldValue)]) -> Vec<Field> {
    list.iter()
        .map(|(name, value)| Field {
            name: MemberName::parse(name).unwrap(),
            value: value.clone(),
        })
        .collect()
}
