//! The trait that a plugin implements. Its defaults are a provider that conforms to the standards.

use std::future::Future;

use crate::error::{Error, Result};
use crate::grant::{Derivation, Exchange, Grant, StoredGrant};
use crate::server::AuthorizationServer;
use crate::session::Session;
use crate::settings::Settings;
use crate::wit::SettingProblem;

/// An identity provider's flows.
///
/// Only [`server`](Self::server) must be written. The flows are straight-line code in which each `.await` is one step
/// of the host; an error that they return ends the flow with its message.
pub trait IdentityProvider: 'static {
    /// The settings of a tenant, as [`settings!`](crate::settings!) makes them.
    type Config: Settings;

    /// What the plugin would do under these settings. The same settings give the same answer.
    fn server(config: &Self::Config) -> AuthorizationServer;

    /// What is wrong with settings that are legal by themselves and do not fit together. By default nothing.
    #[must_use]
    fn check(config: &Self::Config) -> Vec<SettingProblem> {
        let _ = config;
        Vec::new()
    }

    /// A new grant. By default [`Session::tokens`], all of them.
    fn sign_in(session: &Session, config: &Self::Config) -> impl Future<Output = Result<Grant>> {
        let _ = config;
        async { Ok(session.tokens().await?.into()) }
    }

    /// New tokens for a grant (RFC 6749 section 6). By default [`Session::refreshed`].
    fn refresh(
        session: &Session,
        grant: &StoredGrant,
        config: &Self::Config,
    ) -> impl Future<Output = Result<Grant>> {
        let _ = config;
        session.refreshed(grant)
    }

    /// The end of a grant (RFC 7009). By default [`Session::revoked`].
    fn revoke(
        session: &Session,
        grant: &StoredGrant,
        config: &Self::Config,
    ) -> impl Future<Output = Result<()>> {
        let _ = config;
        session.revoked(grant)
    }

    /// A token for someone or something else (RFC 8693). By default [`Session::exchanged`].
    fn exchange(
        session: &Session,
        exchange: &Exchange,
        config: &Self::Config,
    ) -> impl Future<Output = Result<Grant>> {
        let _ = config;
        session.exchanged(exchange)
    }

    /// A credential that hangs on a grant. By default there is none.
    fn derive(
        session: &Session,
        derivation: &Derivation,
        config: &Self::Config,
    ) -> impl Future<Output = Result<Grant>> {
        let _ = (session, derivation, config);
        async {
            Err(Error::impossible(
                "this provider has no credentials that hang on a grant",
            ))
        }
    }

    /// A new grant that meets a resource's challenge (RFC 9470). The host adds what the challenge asks for; by default
    /// the person signs in again.
    fn step_up(
        session: &Session,
        grant: &StoredGrant,
        config: &Self::Config,
    ) -> impl Future<Output = Result<Grant>> {
        let _ = grant;
        Self::sign_in(session, config)
    }
}

/// What a plugin's package says of it.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// `package.name`.
    pub name: &'static str,
    /// `package.version`.
    pub version: &'static str,
    /// `package.description`: which provider this is for.
    pub summary: &'static str,
}

/// A provider with the name of its package. [`export!`](crate::export!) implements it.
pub trait Plugin: IdentityProvider {
    /// What the package says.
    const ABOUT: About;
}
