//! The authorization request (RFC 6749 section 4.1.1).

use std::future::IntoFuture;

use super::{Asked, Session, unexpected};
use crate::error::Result;
use crate::secret::AuthorizationCode;
use crate::wit::{self, Reply, Step};

/// An authorization request. The host adds client, redirect URI, state, nonce, PKCE and what else belongs to it.
#[must_use = "it is sent when awaited"]
pub struct AuthorizationRequest<'a> {
    session: &'a Session,
    request: wit::AuthorizationRequest,
}

impl Session {
    /// Sends the person to the authorization endpoint. Asks for all scopes of this flow, for a refresh token, and for the
    /// account that the person means.
    pub fn authorize(&self) -> AuthorizationRequest<'_> {
        let request = wit::AuthorizationRequest {
            scopes: self.scopes.clone(),
            offline: true,
            login_hint: self.login_hint.clone(),
            resources: Vec::new(),
            extra: Vec::new(),
        };
        AuthorizationRequest {
            session: self,
            request,
        }
    }
}

impl AuthorizationRequest<'_> {
    /// Only these of the flow's scopes.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.request.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// No refresh token is wanted.
    pub fn online(mut self) -> Self {
        self.request.offline = false;
        self
    }

    /// A target service (RFC 8707 section 2).
    pub fn resource(mut self, uri: impl Into<String>) -> Self {
        self.request.resources.push(uri.into());
        self
    }

    /// A further parameter. Reserved names end the flow.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.extra.push((name.into(), value.into()));
        self
    }
}

impl<'a> IntoFuture for AuthorizationRequest<'a> {
    type Output = Result<AuthorizationCode>;
    type IntoFuture = Asked<'a, AuthorizationCode>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let reply = self
                .session
                .ask("authorization", Step::Authorize(self.request))
                .await?;
            let Reply::Authorized(authorized) = reply else {
                return Err(unexpected("authorization", &reply));
            };
            Ok(AuthorizationCode::new(authorized.code))
        })
    }
}
