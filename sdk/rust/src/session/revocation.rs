//! Revocation (RFC 7009), introspection (RFC 7662) and userinfo (OIDC Core section 5.3).

use super::Session;
use crate::error::Result;
use crate::reply::Response;
use crate::secret::{AccessToken, Secret};
use crate::wit::HttpExchange;

impl Session {
    /// Revokes a token (RFC 7009 section 2.1).
    ///
    /// # Errors
    ///
    /// If the provider does not do it.
    pub async fn revoke(&self, token: &impl Secret) -> Result<()> {
        self.request("revocation", HttpExchange::Revocation(token.reference()))
            .await
            .map(drop)
    }

    /// Asks about a token (RFC 7662 section 2.1).
    ///
    /// # Errors
    ///
    /// If the provider does not answer.
    pub async fn introspect(&self, token: &impl Secret) -> Result<Response> {
        self.request(
            "introspection",
            HttpExchange::Introspection(token.reference()),
        )
        .await
    }

    /// Asks about the person (OIDC Core section 5.3.1).
    ///
    /// # Errors
    ///
    /// If the provider does not answer.
    pub async fn userinfo(&self, token: &AccessToken) -> Result<Response> {
        self.request("userinfo", HttpExchange::Userinfo(token.reference()))
            .await
    }
}
