//! Resolving a name and checking what it resolved to, in one go: the client connects to the very addresses that were checked,
//! so that a second answer of the name server cannot lead elsewhere (NET-04).

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::EgressPolicy;

/// The answer of a [`Lookup`].
pub type LookupAnswer = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks for the addresses of a name. The system's resolver outside tests.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of the name. Called at most once for each connection.
    fn lookup(&self, name: &str) -> LookupAnswer;
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: &str) -> LookupAnswer {
        let name = name.to_owned();
        Box::pin(async move {
            let answers = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(answers.map(|answer| answer.ip()).collect())
        })
    }
}

/// The resolver that the HTTP client is given.
pub(crate) struct CheckedResolver {
    pub(crate) policy: Arc<EgressPolicy>,
    pub(crate) lookup: Arc<dyn Lookup>,
    /// The operator's proxy: where it is, is the operator's business.
    pub(crate) proxy_host: Option<String>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let is_proxy = self.proxy_host.as_deref() == Some(name.as_str());
        if !is_proxy && let Err(refusal) = self.policy.check_name(&name) {
            return Box::pin(async move { Err(refusal.into()) });
        }
        let answers = self.lookup.lookup(&name);
        let policy = Arc::clone(&self.policy);
        Box::pin(async move {
            let addresses = answers.await?;
            if !is_proxy {
                // One bad answer spoils all: an honest name has none, and which one is connected to is not decided here.
                for address in &addresses {
                    policy.check_address(&name, *address)?;
                }
            }
            let checked: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(checked)
        })
    }
}
