//! The handle on a running provider: start, look, change the script, stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::clock::Clock;
use crate::identity_center;
use crate::record::{Role, Secret, Seen};
use crate::script::Script;
use crate::stage::{Scene, Shape, Stage};
use crate::wire::Request;
use crate::wire::server::{Answer, Server};

/// The demo API's client id for introspection, and the audience of access tokens.
pub(crate) const RESOURCE_SERVER_ID: &str = "rehearsal-api";

/// A practice provider that runs until it is stopped or dropped. Needs a tokio runtime with I/O and time.
pub struct Rehearsal {
    stage: Arc<Stage>,
    server: Server,
    address: SocketAddr,
}

/// The credential with which the demo API asks about tokens (RFC 7662 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceServer {
    /// Its client id.
    pub id: String,
    /// Its secret, for Basic authentication. Neither half needs form-encoding.
    pub secret: String,
}

impl Rehearsal {
    /// Starts an OpenID provider on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// No port, no random bytes, or no keys.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::play(Shape::OpenId, script).await
    }

    /// Starts a provider of the shape of AWS IAM Identity Center: JSON in camelCase, its own client registration, no ID token,
    /// the token in a header of its own, cloud keys at the end. Of the twists it performs those of the callback; faults work everywhere.
    ///
    /// # Errors
    /// No port, no random bytes, or no keys.
    pub async fn start_identity_center(script: Script) -> io::Result<Self> {
        Self::play(Shape::IdentityCenter, script).await
    }

    async fn play(shape: Shape, script: Script) -> io::Result<Self> {
        let (listener, address) = Server::bind().await?;
        let stage = Arc::new(Stage::new(shape, format!("http://{address}"), script)?);
        let server = Server::run(listener, Arc::clone(&stage) as Arc<dyn Answer>);
        Ok(Self {
            stage,
            server,
            address,
        })
    }

    /// The issuer identifier, `http://127.0.0.1:PORT` and the script's path.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.look(|scene| scene.issuer())
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The protected demo API: `GET` with a bearer token.
    #[must_use]
    pub fn api_url(&self) -> String {
        self.look(|scene| scene.url("/api/hello"))
    }

    /// Identity Center: the base URL of the OIDC service.
    #[must_use]
    pub fn oidc_url(&self) -> String {
        format!("{}{}", self.stage.origin, identity_center::OIDC)
    }

    /// Identity Center: the base URL of the portal.
    #[must_use]
    pub fn portal_url(&self) -> String {
        format!("{}{}", self.stage.origin, identity_center::PORTAL)
    }

    /// Identity Center: what a user knows as the start URL, and a client registers as `issuerUrl`.
    #[must_use]
    pub fn start_url(&self) -> String {
        format!("{}/start", self.stage.origin)
    }

    /// The credential for introspection.
    #[must_use]
    pub fn resource_server(&self) -> ResourceServer {
        ResourceServer {
            id: RESOURCE_SERVER_ID.to_owned(),
            secret: self.stage.resource_secret.clone(),
        }
    }

    /// The clock of the script in force.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.stage.script().clock.clone()
    }

    /// Goes on by another script. Tokens and registrations stay; so does the issuer, if the script has the same path.
    pub fn rescript(&self, script: Script) {
        self.stage.rescript(script);
    }

    /// Whether an access or refresh token is good at this moment, without a request that the log would show.
    #[must_use]
    pub fn is_live(&self, token: &str) -> bool {
        self.look(|scene| {
            let (ledger, now) = (scene.ledger(), scene.now());
            ledger.live_access(token, now).is_some() || ledger.live_refresh(token, now).is_some()
        })
    }

    /// For whom an access token was exchanged (RFC 8693 §2.1), and with which scopes it lives.
    #[must_use]
    pub fn exchanged(&self, token: &str) -> Option<(Option<String>, String)> {
        self.look(|scene| {
            let (ledger, now) = (scene.ledger(), scene.now());
            let (access, _) = ledger.live_access(token, now)?;
            Some((access.audience.clone(), access.scope.clone()))
        })
    }

    /// Every request so far, oldest first; the latest 20,000, or 64 MB of them.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.stage.record.requests()
    }

    /// The requests that one endpoint got.
    #[must_use]
    pub fn requests_to(&self, role: Role) -> Vec<Seen> {
        self.requests()
            .into_iter()
            .filter(|seen| seen.role == role)
            .collect()
    }

    /// How many requests an endpoint got, those forgotten included.
    #[must_use]
    pub fn count(&self, role: Role) -> u64 {
        self.stage.record.count(role)
    }

    /// Every secret that was issued or received, in order, each once.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        self.stage.record.secrets()
    }

    /// Closes the port and all connections, and returns when that has happened.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    fn look<T>(&self, at: impl FnOnce(&Scene<'_>) -> T) -> T {
        at(&Scene {
            stage: &self.stage,
            script: self.stage.script(),
            request: &Request::default(),
        })
    }
}

impl std::fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rehearsal")
            .field("shape", &self.stage.shape)
            .field("address", &self.address)
            .finish()
    }
}
