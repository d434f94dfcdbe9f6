//! The loopback listener (RFC 8252 sections 7.3 and 8.3): where the browser brings the authorization response.
//!
//! Every local program and every web page can reach it. It therefore knows one path, one method and one `Host`, gives nothing back
//! but fixed pages, and accepts one response: the one with the `state` of this attempt. Whatever else comes in is turned away and
//! changes nothing. It is open for as long as an attempt lasts, and no longer.

mod attempt;
mod bind;
mod connection;
mod gate;
mod page_handle;
mod server;
mod target;
mod throttle;

use tokio::time::{Instant, sleep_until};
use vestibule_core::{Blame, Error, Result};

use crate::authorization_response::{AuthorizationResponse, Expectation, Ignored};
use attempt::Attempt;
use bind::Bound;
use gate::Gate;
use server::Server;

pub use page_handle::{Outcome, PageHandle};
pub use target::{RedirectHost, RedirectTarget};

/// A bound port, from the moment its redirect URI goes into an authorization request. Dropping it closes the port.
#[derive(Debug)]
pub struct Listener {
    bound: Bound,
    gate: Gate,
}

/// The one accepted response, and the browser that waits to hear how it went on.
#[derive(Debug)]
pub struct Accepted {
    /// The response.
    pub response: AuthorizationResponse,
    /// The browser. Dropping it closes the port at once.
    pub page: PageHandle,
}

impl Listener {
    /// Binds the port, exclusively. It fails if a pinned port is taken, or if the target needs an address that is not there.
    pub fn bind(target: &RedirectTarget) -> Result<Self> {
        let bound = Bound::new(target.host(), target.port())?;
        let gate = Gate::new(bound.authority(), target.path());
        Ok(Self { bound, gate })
    }

    /// The redirect URI, for the authorization request and again for the token request (RFC 6749 section 4.1.3).
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        self.gate.redirect_uri()
    }

    /// Waits for the response. An error means that the port is closed: the provider refused, the response was invalid, or the
    /// deadline passed. Dropping the future is the way to cancel, and closes the port too.
    pub async fn wait(self, expectation: Expectation, deadline: Instant) -> Result<Accepted> {
        let (attempt, answer) = Attempt::new(expectation);
        let mut server = Server::new(self.bound, self.gate, attempt)?;
        let answer = tokio::select! {
            // In this order, so that what arrives with the deadline is late, and what was accepted is not overtaken by more.
            biased;
            () = sleep_until(deadline) => None,
            answer = answer => Some(answer),
            never = server.run() => match never {},
        };
        let Some(answer) = answer else {
            let last_ignored = server.attempt().expire();
            server.close().await;
            return Err(timed_out(last_ignored));
        };
        let page = PageHandle::new(server);
        match answer {
            Ok(Ok(response)) => Ok(Accepted { response, page }),
            Ok(Err(error)) => {
                page.finish(Outcome::of(&error)).await;
                Err(error)
            }
            Err(_) => Err(Error::host(
                "loopback.broken",
                "the loopback listener ended without an answer",
            )),
        }
    }
}

impl Outcome {
    fn of(error: &Error) -> Self {
        match error.blame() {
            Blame::User => Self::Denied,
            Blame::Config
            | Blame::Policy
            | Blame::Plugin
            | Blame::Provider
            | Blame::Network
            | Blame::Host => Self::Failed,
        }
    }
}

/// The query that a connection's bytes bring to the redirect URI: for the fuzz targets, without a port.
pub(crate) async fn query_of(bytes: &[u8], authority: &str, path: &str) -> Option<String> {
    let gate = Gate::new(authority, path);
    connection::query_of(bytes, &gate).await
}

fn timed_out(last_ignored: Option<Ignored>) -> Error {
    let message = "no answer came back from the browser in time";
    let error = match last_ignored {
        None => Error::user("loopback.timeout", message),
        Some(why) => Error::user(
            "loopback.timeout",
            format!(
                "{message}; one that came was ignored, because {}",
                why.as_str()
            ),
        ),
    };
    error.hint("run the command again, and finish signing in in the browser tab that it opens")
}
