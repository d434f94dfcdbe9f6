//! The access token request (RFC 6749 sections 4.1.3, 4.4.2 and 6, RFC 7523 section 2.1, RFC 8693 section 2.1).

use std::future::IntoFuture;

use super::{Asked, Session, unexpected};
use crate::error::Result;
use crate::reply::Tokens;
use crate::secret::{AuthorizationCode, RefreshToken, Secret, SubjectToken};
use crate::wit::{
    self, Field, FieldValue, GrantType, HttpExchange, Reply, Request, Step, TokenGrant,
};

const ROLE: &str = "token";

/// An access token request. The host adds client, redirect URI, verifier and what else the grant needs.
#[must_use = "it is sent when awaited"]
pub struct TokenRequest<'a> {
    session: &'a Session,
    grant: TokenGrant,
}

impl Session {
    /// Redeems an authorization code (RFC 6749 section 4.1.3).
    pub fn redeem(&self, code: AuthorizationCode) -> TokenRequest<'_> {
        self.token_request(GrantType::AuthorizationCode(code.reference()))
    }

    /// Asks for new tokens (RFC 6749 section 6).
    pub fn refresh(&self, token: &RefreshToken) -> TokenRequest<'_> {
        self.token_request(GrantType::RefreshToken(token.reference()))
    }

    /// Asks for tokens in the client's own name (RFC 6749 section 4.4.2), with all scopes of this flow.
    pub fn client_credentials(&self) -> TokenRequest<'_> {
        self.token_request(GrantType::ClientCredentials)
            .scopes(self.scopes.clone())
    }

    /// Presents an assertion (RFC 7523 section 2.1), with all scopes of this flow.
    pub fn jwt_bearer(&self, assertion: &SubjectToken) -> TokenRequest<'_> {
        self.token_request(GrantType::JwtBearer(assertion.reference()))
            .scopes(self.scopes.clone())
    }

    /// Exchanges a token of this type (RFC 8693 section 2.1), with all scopes of this flow.
    pub fn exchange(
        &self,
        subject: &impl Secret,
        token_type: &str,
        audience: Option<&str>,
    ) -> TokenRequest<'_> {
        let exchange = wit::TokenExchange {
            subject_token: subject.reference(),
            subject_token_type: token_type.to_owned(),
            actor_token: None,
            requested_token_type: None,
            audience: audience.map(str::to_owned),
        };
        self.token_request(GrantType::TokenExchange(exchange))
            .scopes(self.scopes.clone())
    }

    fn token_request(&self, grant_type: GrantType) -> TokenRequest<'_> {
        TokenRequest {
            session: self,
            grant: TokenGrant {
                grant_type,
                scopes: Vec::new(),
                extra: Vec::new(),
            },
        }
    }
}

impl TokenRequest<'_> {
    /// Asks for these scopes, where the grant allows it. None: as authorized.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.grant.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Of an exchange: who acts for the subject, by a token of this type (RFC 8693 section 2.1). Elsewhere it means nothing.
    pub fn actor(mut self, actor: &impl Secret, token_type: &str) -> Self {
        if let GrantType::TokenExchange(exchange) = &mut self.grant.grant_type {
            exchange.actor_token = Some((actor.reference(), token_type.to_owned()));
        }
        self
    }

    /// Of an exchange: the type of the token that is wanted (RFC 8693 section 2.1). Without it, an access token. Elsewhere it means
    /// nothing.
    pub fn requests_type(mut self, token_type: impl Into<String>) -> Self {
        if let GrantType::TokenExchange(exchange) = &mut self.grant.grant_type {
            exchange.requested_token_type = Some(token_type.into());
        }
        self
    }

    /// A further field. Standard names are refused.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.grant.extra.push(Field {
            name: name.into(),
            value: FieldValue::Text(value.into()),
        });
        self
    }
}

impl<'a> IntoFuture for TokenRequest<'a> {
    type Output = Result<Tokens>;
    type IntoFuture = Asked<'a, Tokens>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = Request {
                role: ROLE.to_owned(),
                exchange: HttpExchange::Grant(self.grant),
            };
            let reply = self.session.ask(ROLE, Step::Request(request)).await?;
            let Reply::Tokens(tokens) = reply else {
                return Err(unexpected(ROLE, &reply));
            };
            Ok(Tokens::new(tokens, ROLE, &self.session.server))
        })
    }
}
