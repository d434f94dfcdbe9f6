//! The one HTTP client (RFC 9110, RFC 9112): no redirects, no cookies, no ambient proxy or credentials, no compression, hard limits on
//! time, count and bytes (NET-01 to NET-11).
//!
//! HTTP/1.1 only: a sign-in is a handful of exchanges in a row, for which HTTP/2 gains nothing and brings a larger parser.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Proxy, redirect, retry};
use rustls::ClientConfig;
use tokio::time::timeout;
use url::Url;
use vestibule_core::{ProviderUrl, limits};

use crate::egress::resolver::{CheckedResolver, Lookup, SystemLookup};
use crate::egress::{EgressPolicy, HostPort};

mod failure;
mod reply;
mod request;
mod trust;

pub use failure::{ExchangeError, Problem, Reach};
pub use reply::{Exchange, ReplyProblem};
pub use request::{Body, IllegalHttp, Method, Request};
pub use trust::TrustProblem;

/// What the operator says about the network. One value for the process: the root certificates are loaded once, when first needed.
#[derive(Default)]
pub struct Network {
    /// Files with further CA certificates, in PEM. They add to the platform's, and come from nowhere else.
    ca_files: Vec<PathBuf>,
    /// A forward proxy. It sees only `CONNECT host:port`.
    proxy: Option<Url>,
    trust: OnceLock<Result<trust::Trust, TrustProblem>>,
}

impl Network {
    /// With the operator's further CA files (PEM) and proxy (an `http` or `https` URL), if any.
    ///
    /// With a proxy it is the proxy that resolves the provider's name, and the proxy that must refuse private addresses.
    #[must_use]
    pub fn new(ca_files: Vec<PathBuf>, proxy: Option<Url>) -> Self {
        Self {
            ca_files,
            proxy,
            trust: OnceLock::new(),
        }
    }

    fn trust(&self) -> Result<&trust::Trust, TrustProblem> {
        self.trust
            .get_or_init(|| trust::Trust::load(&self.ca_files))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("ca_files", &self.ca_files)
            .field("proxy", &self.proxy.as_ref().map(|_| "[configured]"))
            .finish_non_exhaustive()
    }
}

/// How long each part of an exchange may take (NET-08).
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// Connecting, with name resolution and TLS.
    pub connect: Duration,
    /// From the connection to the head of the reply.
    pub first_byte: Duration,
    /// The whole exchange.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: limits::CONNECT_TIME,
            first_byte: limits::FIRST_BYTE_TIME,
            total: limits::EXCHANGE_TIME,
        }
    }
}

/// The HTTP client of one flow. Its connections serve this flow alone, and end with it (NET-10).
pub struct HttpClient {
    policy: Arc<EgressPolicy>,
    network: Arc<Network>,
    lookup: Arc<dyn Lookup>,
    deadlines: Deadlines,
    directly: bool,
    tls: OnceLock<reqwest::Client>,
    loopback: OnceLock<reqwest::Client>,
}

impl HttpClient {
    /// A client that reaches what the policy allows. Costs nothing before the first exchange.
    #[must_use]
    pub fn new(policy: EgressPolicy, network: Arc<Network>) -> Self {
        Self {
            policy: Arc::new(policy),
            network,
            lookup: Arc::new(SystemLookup),
            deadlines: Deadlines::default(),
            directly: false,
            tls: OnceLock::new(),
            loopback: OnceLock::new(),
        }
    }

    /// With other deadlines than those of [`limits`].
    #[must_use]
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Without the proxy: what is asked for is on this side of it.
    #[must_use]
    pub(crate) fn directly(mut self) -> Self {
        self.directly = true;
        self
    }

    /// With another resolver than the system's. What it answers is checked all the same.
    #[must_use]
    pub fn lookup(mut self, lookup: Arc<dyn Lookup>) -> Self {
        self.lookup = lookup;
        self
    }

    /// What this client may reach.
    #[must_use]
    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }

    /// Sends one request, once, and reads the whole reply. Dropping the future ends the exchange and its connection.
    ///
    /// A reply of any status but a redirect is a success here: what a status means is for the caller to say.
    ///
    /// # Errors
    /// [`ExchangeError::reach`] says whether the request may have had an effect (TOK-08, CRASH-07).
    pub async fn send(&self, request: Request) -> Result<Exchange, ExchangeError> {
        let host = HostPort::of(request.url());
        let fail = |reach, problem| ExchangeError::new(reach, problem, host.clone());
        self.policy
            .check_url(request.url())
            .map_err(|refusal| fail(Reach::NeverSent, Problem::Refused(refusal)))?;
        let client = self
            .client_for(request.url())
            .map_err(|problem| fail(Reach::NeverSent, problem))?;

        let exchange = async {
            let head = timeout(
                self.deadlines
                    .connect
                    .saturating_add(self.deadlines.first_byte),
                client.execute(request.into_inner()),
            )
            .await
            .map_err(|_| fail(Reach::Unknown, Problem::Deadline))?
            .map_err(|error| ExchangeError::from_client(&error, host.clone()))?;
            reply::read(head)
                .await
                .map_err(|problem| fail(Reach::Answered, Problem::Reply(problem)))
        };
        timeout(self.deadlines.total, exchange)
            .await
            .map_err(|_| fail(Reach::Unknown, Problem::Deadline))?
    }

    /// The client for a URL's scheme, built when first needed: plain loopback needs no root certificates.
    fn client_for(&self, url: &ProviderUrl) -> Result<&reqwest::Client, Problem> {
        let (slot, plain) = if url.is_http() {
            (&self.loopback, true)
        } else {
            (&self.tls, false)
        };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = if plain {
            self.build(trust::nobody(), None)
        } else {
            let trust = self.network.trust().map_err(Problem::Trust)?;
            let proxy = self.network.proxy.as_ref().filter(|_| !self.directly);
            self.build(trust.client_config(), proxy)
        }?;
        Ok(slot.get_or_init(|| client))
    }

    fn build(
        &self,
        tls: Result<ClientConfig, rustls::Error>,
        proxy: Option<&Url>,
    ) -> Result<reqwest::Client, Problem> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.map_err(|_| Problem::Client)?)
            .http1_only()
            .http1_max_headers(limits::HEADER_COUNT)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(self.deadlines.connect)
            .user_agent(concat!("vestibule/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(CheckedResolver {
                policy: Arc::clone(&self.policy),
                lookup: Arc::clone(&self.lookup),
                proxy_host: proxy.and_then(Url::host_str).map(str::to_ascii_lowercase),
            }));
        match proxy {
            Some(proxy) => builder.proxy(tunnel_through(proxy.clone())),
            None => builder,
        }
        .build()
        .map_err(|_| Problem::Client)
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("policy", &self.policy)
            .field("deadlines", &self.deadlines)
            .finish_non_exhaustive()
    }
}

/// A proxy for https alone, so that it is only ever asked for a tunnel; this machine's own addresses are not behind it.
fn tunnel_through(proxy: Url) -> Proxy {
    Proxy::custom(move |target: &Url| {
        let loopback = match target.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(_)) | None => false,
        };
        (target.scheme() == "https" && !loopback).then(|| proxy.clone())
    })
}

#[cfg(test)]
pub(crate) mod tests;

#[cfg(test)]
mod tls_tests;
