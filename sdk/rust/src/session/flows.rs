//! Whole flows, as a provider that conforms to the standards has them.

use super::{Method, Session};
use crate::error::{Error, Result};
use crate::grant::{Exchange, Grant, StoredGrant};
use crate::reply::Tokens;
use crate::secret::SubjectToken;
use crate::workload::{Assertion, Way, Workload};

impl Session {
    /// Signs in as the host chose, and returns what the token endpoint gave: discovery and registration where they are
    /// needed, then authorization code (RFC 6749 section 4.1), device code (RFC 8628), or what the server says of workloads.
    ///
    /// # Errors
    ///
    /// If the provider refuses, or the host chose a way that this flow does not know.
    pub async fn tokens(&self) -> Result<Tokens> {
        self.find_endpoints().await?;
        if self.server.registration().is_some() && !self.is_registered() {
            self.register().await?;
        }
        match self.method()? {
            Method::Browser => {
                let code = self.authorize().await?;
                self.redeem(code).await
            }
            Method::Device => self.device().await,
            Method::Workload => self.workload_tokens().await,
        }
    }

    /// Signs a workload in (RFC 6749 section 4.4, RFC 7523 section 2.1, RFC 8693).
    async fn workload_tokens(&self) -> Result<Tokens> {
        let Some(Workload { way, audience }) = self.server.workload_way() else {
            return Err(Error::impossible("this plugin cannot sign a workload in"));
        };
        let request = match way {
            Way::ClientCredentials => self.client_credentials(),
            Way::JwtBearer(assertion) => {
                let assertion = self.asserted(assertion).await?;
                self.jwt_bearer(&assertion)
            }
            Way::TokenExchange { subject, actor } => {
                let token = self.asserted(subject).await?;
                let request = self.exchange(&token, &subject.token_type, audience.as_deref());
                return match actor {
                    None => request.await,
                    Some(actor) => {
                        let acting = self.asserted(actor).await?;
                        request.actor(&acting, &actor.token_type).await
                    }
                };
            }
        };
        match audience {
            None => request.await,
            Some(audience) => request.field("audience", audience).await,
        }
    }

    async fn asserted(&self, assertion: &Assertion) -> Result<SubjectToken> {
        self.subject_token(&assertion.source, &assertion.audience)
            .await
    }

    /// Refreshes a grant (RFC 6749 section 6). A refresh token that the reply does not replace stays.
    ///
    /// # Errors
    ///
    /// If the grant has no refresh token, or the provider refuses.
    pub async fn refreshed(&self, grant: &StoredGrant) -> Result<Grant> {
        let token = grant.refresh_token()?;
        if self.server.registration().is_some() && !self.is_registered() {
            // A refresh token is bound to its client (RFC 6749 section 6). A new registration would not help.
            return Err(Error::missing(
                "client registration any more for this grant; sign in again",
            ));
        }
        self.find_endpoints().await?;
        let tokens = self.refresh(&token).await?;
        let rotated = tokens.refresh_token.is_some();
        let grant = Grant::from(tokens);
        Ok(if rotated { grant } else { grant.part(&token) })
    }

    /// Revokes a grant (RFC 7009): the refresh token first, since the provider should end with it all that came from it
    /// (section 2.1), then the access token. If one cannot be revoked, the other still is.
    ///
    /// # Errors
    ///
    /// If the provider has no revocation endpoint, or did not revoke a token: nobody shall believe that it did.
    pub async fn revoked(&self, grant: &StoredGrant) -> Result<()> {
        if !self.has("revocation").await? {
            return Err(Error::impossible(
                "the provider cannot revoke tokens; they end when they expire",
            ));
        }
        let refresh = match grant.refresh_token() {
            Ok(token) => self.revoke(&token).await,
            Err(_) => Ok(()),
        };
        let access = match grant.access_token() {
            Ok(token) => self.revoke(&token).await,
            Err(_) => Ok(()),
        };
        refresh.and(access)
    }

    /// Exchanges a token (RFC 8693), with the scopes of this flow but those that are about this client's own session: `openid` and
    /// `offline_access` mean nothing to another audience.
    ///
    /// # Errors
    ///
    /// If the subject is of no type that the RFC knows, or the provider refuses.
    pub async fn exchanged(&self, exchange: &Exchange) -> Result<Grant> {
        let token_type = exchange.subject.token_type()?;
        self.find_endpoints().await?;
        let scopes = self.scopes().iter();
        let scopes = scopes.filter(|scope| !["openid", "offline_access"].contains(&scope.as_str()));
        let request = self
            .exchange(&exchange.subject, token_type, exchange.audience.as_deref())
            .scopes(scopes.cloned());
        Ok(request.await?.into())
    }

    /// An issuer's endpoints are in its metadata, and nowhere else.
    async fn find_endpoints(&self) -> Result<()> {
        if self.server.has_metadata() {
            self.discover().await?;
        }
        Ok(())
    }
}
