//! Where connections may go: names before they are resolved, addresses before they are connected to (NET-03, NET-04, NET-05).

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use vestibule_core::{Error, ProviderUrl, Shown, UrlProblem};

pub mod address;
pub mod resolver;

use address::{Range, Verdict, judge};

/// What one tenant may connect to. Everything else is refused before anything is looked up or sent.
///
/// Hosts are allowed by name *and* port. Two exceptions exist, and both are the operator's: loopback IP literals, and hosts whose
/// addresses may be private.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    allowed: BTreeSet<HostPort>,
    private_hosts: BTreeSet<String>,
    loopback_literals: bool,
    /// Services of the platform, each by its whole URL without the query.
    platform: BTreeSet<String>,
}

impl EgressPolicy {
    /// Allows these hosts and no others.
    #[must_use]
    pub fn new(allowed: impl IntoIterator<Item = HostPort>) -> Self {
        Self {
            allowed: allowed.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Allows one more host.
    #[must_use]
    pub fn allow(mut self, host: HostPort) -> Self {
        self.allowed.insert(host);
        self
    }

    /// The operator's exception for IP literals of loopback, over http or https: practice and test providers need it.
    /// The host must be allowed all the same.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.loopback_literals = true;
        self
    }

    /// The operator's exception for a provider inside the network: this host's addresses may be of any range that a host can have.
    /// The host must be allowed all the same.
    #[must_use]
    pub fn allow_private_host(mut self, host: &str) -> Self {
        self.private_hosts.insert(host.to_ascii_lowercase());
        self
    }

    /// Allows one service of the platform that this process runs on: this URL, and no other of its host. A name is never looked up for
    /// it, and nothing else gives such a URL an address that metadata services have (NET-03).
    #[must_use]
    pub(crate) fn of_platform(service: &ProviderUrl) -> Self {
        Self {
            platform: BTreeSet::from([without_query(service)]),
            ..Self::default()
        }
    }

    /// Whether something may be sent to this URL, as far as that can be known before its host is resolved. An IP literal is judged
    /// here, since nothing resolves it later.
    ///
    /// # Errors
    /// The refusal, which names the line that would allow it.
    pub fn check_url(&self, url: &ProviderUrl) -> Result<(), Refusal> {
        if url.is_http() && self.platform.contains(&without_query(url)) {
            return Ok(());
        }
        let host = HostPort::of(url);
        if !self.allowed.contains(&host) || (url.is_http() && !url.is_loopback_http()) {
            return Err(Refusal::Host(host));
        }
        match url.ip() {
            Some(ip) if ip.is_loopback() && self.loopback_literals => Ok(()),
            Some(_) if url.is_loopback_http() => Err(Refusal::LoopbackHttp(host)),
            Some(ip) => self.check_address(url.host(), ip),
            None => Ok(()),
        }
    }

    /// Whether the name may be looked up at all.
    fn check_name(&self, name: &str) -> Result<(), Refusal> {
        if self.allowed.iter().any(|host| host.name == name) {
            return Ok(());
        }
        Err(Refusal::Host(HostPort {
            name: name.to_owned(),
            port: HTTPS,
        }))
    }

    /// Whether a host may have this address.
    fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Refusal> {
        match judge(address) {
            Verdict::Public => Ok(()),
            Verdict::Special(range)
                if range.can_be_a_host() && self.private_hosts.contains(host) =>
            {
                Ok(())
            }
            Verdict::Special(range) => Err(Refusal::Address {
                host: host.to_owned(),
                address,
                range,
            }),
        }
    }
}

fn without_query(url: &ProviderUrl) -> String {
    url.to_string()
}

const HTTPS: u16 = 443;

/// A host name (or IP literal) and a port, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    name: String,
    port: u16,
}

impl HostPort {
    /// Where a URL leads.
    #[must_use]
    pub fn of(url: &ProviderUrl) -> Self {
        Self {
            name: url.host().to_owned(),
            port: url.as_url().port_or_known_default().unwrap_or(HTTPS),
        }
    }

    /// Parses `host` or `host:port`, as operators and plugins write it; without a port, https is meant. The parser is that of URLs.
    ///
    /// # Errors
    /// What is wrong with the text, in the words for URLs.
    pub fn parse(text: &str) -> Result<Self, UrlProblem> {
        if text.contains(['/', '?', '#']) {
            return Err(UrlProblem::NonCanonicalHost);
        }
        Ok(Self::of(&ProviderUrl::parse(&format!("https://{text}"))?))
    }

    /// The name, or the IP literal without brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.contains(':'), self.port) {
            (true, HTTPS) => write!(f, "[{}]", self.name),
            (true, port) => write!(f, "[{}]:{port}", self.name),
            (false, HTTPS) => f.write_str(&self.name),
            (false, port) => write!(f, "{}:{port}", self.name),
        }
    }
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The host, or its port, was not approved for this tenant.
    Host(HostPort),
    /// Plain http to a loopback literal, without the operator's exception.
    LoopbackHttp(HostPort),
    /// The host has an address that a provider on the internet does not have.
    Address {
        /// The host's name, or the literal.
        host: String,
        /// What the name resolved to.
        address: IpAddr,
        /// What kind of address that is.
        range: Range,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => {
                let host = host.to_string();
                write!(
                    f,
                    "{} is not among the hosts approved for this tenant",
                    Shown::new(&host)
                )
            }
            Self::LoopbackHttp(host) => write!(
                f,
                "{host} is on this machine, which the tenant does not allow"
            ),
            Self::Address {
                host,
                address,
                range,
            } => write!(
                f,
                "{} has the address {address} ({range}), which a provider on the internet does not have",
                Shown::new(host)
            ),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Host(_) => Self::policy("net.host", message)
                .hint("compare the hosts that `vestibule tenant show` lists; a new one must be approved"),
            Refusal::LoopbackHttp(_) => Self::policy("net.loopback", message).hint(
                "if this is a practice provider, the tenant file can say: network.allow_loopback_http = true",
            ),
            Refusal::Address { host, range, .. } if range.can_be_a_host() => {
                Self::policy("net.address", message).hint(format!(
                    "if the provider is inside your network, the tenant file can say: network.private_hosts = [\"{}\"]",
                    Shown::new(&host)
                ))
            }
            Refusal::Address { .. } => Self::policy("net.address", message),
        }
    }
}

#[cfg(test)]
mod tests;
