//! Asking a service that a platform has for its workloads: the metadata services of clouds, at addresses that are refused to everything
//! else (NET-03), and those whose URL the platform puts into a variable.
//!
//! A metadata service is asked at one fixed URL at a time: without a proxy, without redirects, within short times. The `endpoint` of a
//! source, for those who put something in between, is an ordinary host: https, or loopback http if the tenant allows it.

use std::sync::Arc;

use vestibule_core::event::Event;
use vestibule_core::tenant::workload::SourceEndpoint;
use vestibule_core::{Error, ProviderUrl, Result, Secret, limits};

use super::Asked;
use crate::egress::{EgressPolicy, HostPort};
use crate::http::{Deadlines, Exchange, HttpClient, IllegalHttp, Request};

/// Where the metadata services of clouds are.
const METADATA: &str = "http://169.254.169.254";

/// What is asked of a platform, in traces.
const ROLE: &str = "subject-token";

/// One service, to be asked at one URL.
pub(super) struct Service {
    pub(super) url: ProviderUrl,
    policy: EgressPolicy,
    is_near: bool,
}

impl Service {
    /// The metadata service at its fixed address, or at the operator's.
    pub(super) fn metadata(
        asked: &Asked<'_>,
        endpoint: Option<&SourceEndpoint>,
        path: &str,
    ) -> Result<Self> {
        match endpoint {
            Some(endpoint) => Self::at(asked, endpoint, path),
            None => {
                let text = format!("{METADATA}{path}");
                let url = ProviderUrl::parse_platform(&text);
                let url = url.map_err(|problem| asked.config(format!("its URL {problem}")))?;
                Ok(Self::near(url))
            }
        }
    }

    /// A path of the operator's endpoint. What was asked without the proxy before is asked without it here.
    pub(super) fn at(asked: &Asked<'_>, endpoint: &SourceEndpoint, path: &str) -> Result<Self> {
        let text = format!("{}{path}", endpoint.origin());
        let url = ProviderUrl::parse(&text);
        let url = url.map_err(|problem| asked.config(format!("its URL {problem}")))?;
        Ok(Self {
            is_near: true,
            ..Self::ordinary(asked, url)
        })
    }

    /// A service of the platform, at a URL that the platform says.
    pub(super) fn near(url: ProviderUrl) -> Self {
        Self {
            policy: EgressPolicy::of_platform(&url),
            url,
            is_near: true,
        }
    }

    /// A service on the internet, or on the network as far as the tenant allows it.
    pub(super) fn ordinary(asked: &Asked<'_>, url: ProviderUrl) -> Self {
        let exceptions = asked.platform.exceptions;
        let mut policy = EgressPolicy::new([HostPort::of(&url)]);
        if exceptions.allow_loopback_http {
            policy = policy.allow_loopback_http();
        }
        for host in &exceptions.private_hosts {
            policy = policy.allow_private_host(host);
        }
        Self {
            url,
            policy,
            is_near: false,
        }
    }

    /// Sends the one request.
    pub(super) async fn send(self, asked: &Asked<'_>, request: Request) -> Result<Exchange> {
        let client = HttpClient::new(self.policy, Arc::clone(&asked.platform.network));
        let client = if self.is_near {
            client.directly().deadlines(NEAR)
        } else {
            client
        };
        asked.observer.event(&Event::Requesting {
            role: ROLE,
            method: request.method(),
            url: &request.url().to_string(),
            bytes: request.body_bytes(),
        });
        let exchange = client.send(request).await.map_err(|problem| {
            let problem = Error::from(problem);
            let sentence = asked.sentence(problem.message());
            let told = Error::new(problem.blame(), problem.code(), sentence);
            match (self.is_near, problem.next_step()) {
                (_, Some(hint)) => told.hint(hint),
                (true, None) => told.hint("the service answers on a machine of that platform alone; elsewhere the tenant needs another source"),
                (false, None) => told,
            }
        })?;
        asked.observer.event(&Event::Answered {
            role: ROLE,
            status: exchange.status(),
            bytes: exchange.body().len(),
        });
        Ok(exchange)
    }
}

const NEAR: Deadlines = Deadlines {
    connect: limits::PLATFORM_CONNECT_TIME,
    first_byte: limits::PLATFORM_FIRST_BYTE_TIME,
    total: limits::PLATFORM_EXCHANGE_TIME,
};

impl Asked<'_> {
    /// What a status other than success means. `hint` is for a refusal; what is only busy is tried again by whoever wants to.
    pub(super) fn refused_by_service(&self, exchange: &Exchange, hint: &str) -> Error {
        let status = exchange.status();
        if status == 429 || status >= 500 {
            return Error::network(
                "subject_token.service",
                self.sentence(&format!("its service answered {status}")),
            )
            .hint("try again in a moment");
        }
        Error::config(
            "subject_token.refused",
            self.sentence(&format!("its service refused, with status {status}")),
        )
        .hint(hint)
    }

    /// An answer that is none.
    pub(super) fn nonsense(&self, what: &str) -> Error {
        Error::network(
            "subject_token.answer",
            self.sentence(&format!("its service answered with {what}")),
        )
    }

    /// A variable that the platform fills.
    pub(super) fn variable(&self, name: &str, hint: &str) -> Result<Secret> {
        self.platform.variables.read(name).ok_or_else(|| {
            self.config(format!("the variable {name} is not set, or is empty"))
                .hint(hint)
        })
    }

    /// What came from the platform cannot be sent to it.
    pub(super) fn illegal(&self, problem: &IllegalHttp) -> Error {
        self.config(problem.to_string())
    }
}

/// The text of a body: one word, without the line break that some add.
pub(super) fn word(exchange: &Exchange) -> Option<Secret> {
    let text = std::str::from_utf8(exchange.body().trim_ascii()).ok()?;
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| Secret::new(text.to_owned()))
}
