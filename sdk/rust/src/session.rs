//! What a flow can ask of the host: one method a step, and whole flows by the standards.

mod authorization;
mod call;
mod choice;
mod device;
mod flows;
mod registration;
mod revocation;
mod subject_token;
mod token;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::flow::Mailbox;
use crate::reply::{Metadata, Response};
use crate::server::AuthorizationServer;
use crate::wit::{HttpExchange, Methods, Purpose, Reply, Request, Start, Step};

pub use authorization::AuthorizationRequest;
pub use call::Call;
pub use choice::Choice;
pub use device::DeviceRequest;
pub use registration::RegistrationRequest;
pub use token::TokenRequest;

/// The future behind a request's `.await`.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// One flow, seen from inside.
pub struct Session {
    mailbox: Mailbox,
    server: Rc<AuthorizationServer>,
    method: Methods,
    scopes: Vec<String>,
    login_hint: Option<String>,
    registered: Cell<bool>,
    metadata: RefCell<Option<Metadata>>,
}

/// A way to sign in. The host chooses among those that the plugin can drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Authorization code with PKCE over a loopback redirect (RFC 8252).
    Browser,
    /// The device authorization grant (RFC 8628).
    Device,
    /// A workload's own assertion (RFC 7523, RFC 8693).
    Workload,
}

impl Method {
    pub(crate) fn to_wit(self) -> Methods {
        match self {
            Self::Browser => Methods::BROWSER,
            Self::Device => Methods::DEVICE,
            Self::Workload => Methods::WORKLOAD,
        }
    }
}

impl Session {
    /// The way to sign in that the host chose.
    ///
    /// # Errors
    ///
    /// If it chose none, as for flows that sign nobody in.
    pub fn method(&self) -> Result<Method> {
        let chosen = [Method::Browser, Method::Device, Method::Workload].into_iter();
        let chosen = chosen
            .map(|method| (method, method.to_wit()))
            .find(|(_, flag)| *flag == self.method);
        chosen
            .map(|(method, _)| method)
            .ok_or_else(|| Error::impossible("no way to sign in was chosen"))
    }

    /// The scopes to ask for, as policy left them.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether a client registration is at hand that has not expired.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.registered.get()
    }

    /// Fetches and validates the issuer's metadata (RFC 8414 section 3). Asked of the host once in a flow.
    ///
    /// # Errors
    ///
    /// None but the plugin's own: if the metadata is not to be had, the host ends the flow.
    pub async fn discover(&self) -> Result<Metadata> {
        if let Some(metadata) = self.metadata.borrow().clone() {
            return Ok(metadata);
        }
        let reply = self.ask("discover", Step::Discover).await?;
        let Reply::Discovered(metadata) = reply else {
            return Err(unexpected("discover", &reply));
        };
        let metadata = Metadata(metadata);
        self.metadata.replace(Some(metadata.clone()));
        Ok(metadata)
    }

    /// Whether the provider has an endpoint of this role, in the plugin's table or in the metadata, which is fetched for
    /// that.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover).
    pub async fn has(&self, role: &str) -> Result<bool> {
        Ok(self.server.has_endpoint(role)
            || (self.server.has_metadata() && self.discover().await?.has(role)))
    }

    /// The state of a flow that begins.
    pub(crate) fn new(mailbox: Mailbox, server: AuthorizationServer, start: &Start) -> Self {
        let login_hint = match &start.purpose {
            Purpose::SignIn(sign_in) => sign_in.login_hint.clone(),
            Purpose::Refresh(_)
            | Purpose::Revoke(_)
            | Purpose::Exchange(_)
            | Purpose::Derive(_)
            | Purpose::StepUp(_) => None,
        };
        Self {
            mailbox,
            server: Rc::new(server),
            method: start.method,
            scopes: start.scopes.clone(),
            login_hint,
            registered: Cell::new(start.registered),
            metadata: RefCell::new(None),
        }
    }

    /// Does a step; a refusal of the provider is an error that names what was `asked`.
    async fn ask(&self, asked: &str, step: Step) -> Result<Reply> {
        let reply = self.mailbox.ask(step).await?;
        if let Reply::Failed(problem) = reply {
            return Err(Error::provider(asked, problem));
        }
        Ok(reply)
    }

    /// Does an HTTP exchange whose reply is not of tokens.
    async fn request(&self, role: &str, exchange: HttpExchange) -> Result<Response> {
        let request = Request {
            role: role.to_owned(),
            exchange,
        };
        let reply = self.ask(role, Step::Request(request)).await?;
        let Reply::Response(response) = reply else {
            return Err(unexpected(role, &reply));
        };
        Ok(Response::new(response, role, &self.server))
    }
}

/// The host answered a step with another step's reply. It says so instead of doing something with it.
fn unexpected(asked: &str, reply: &Reply) -> Error {
    let kind = match reply {
        Reply::Discovered(_) => "discovered",
        Reply::Authorized(_) => "authorized",
        Reply::Tokens(_) => "tokens",
        Reply::Response(_) => "response",
        Reply::SubjectToken(_) => "subject-token",
        Reply::Chosen(_) => "chosen",
        Reply::Failed(_) => "failed",
    };
    Error::misuse(format!("`{asked}` was answered by `{kind}`"))
}
