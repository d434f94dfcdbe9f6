//! An attempt that waits, and a browser made of a socket.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::Url;
use vestibule_broker::authorization_response::{Expectation, IssParameter};
use vestibule_broker::loopback::{Accepted, Listener, RedirectTarget};
use vestibule_core::{Issuer, Result, Secret};

pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const CODE: &str = "the-code";

/// A listener at work, and what its provider and its browser know of it.
pub(crate) struct Attempt {
    pub(crate) uri: Url,
    pub(crate) state: String,
    pub(crate) waiting: JoinHandle<Result<Accepted>>,
}

impl Attempt {
    pub(crate) fn start() -> Self {
        Self::start_at(&RedirectTarget::for_issuer(ISSUER), Duration::from_secs(60))
    }

    pub(crate) fn start_at(target: &RedirectTarget, time: Duration) -> Self {
        Self::start_with(target, IssParameter::Ignored, time)
    }

    pub(crate) fn start_with(target: &RedirectTarget, iss: IssParameter, time: Duration) -> Self {
        let listener = Listener::bind(target).unwrap();
        let uri = Url::parse(&listener.redirect_uri()).unwrap();
        let state = format!("state-of-{}", uri.port().unwrap());
        let expectation = Expectation {
            state: Secret::new(state.clone()),
            issuer: Some(Issuer::parse(ISSUER).unwrap()),
            iss,
        };
        Self {
            uri,
            state,
            waiting: tokio::spawn(listener.wait(expectation, Instant::now() + time)),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.uri.socket_addrs(|| None).unwrap()[0]
    }

    pub(crate) fn host(&self) -> &str {
        &self.uri[url::Position::BeforeHost..url::Position::AfterPort]
    }

    /// The request target of the genuine response.
    pub(crate) fn genuine(&self) -> String {
        self.target(&format!("code={CODE}&state={}", self.state))
    }

    pub(crate) fn target(&self, query: &str) -> String {
        format!("{}?{query}", self.uri.path())
    }

    /// What a browser sends for a target.
    pub(crate) async fn get(&self, target: &str) -> Reply {
        let reply = self.send(&request("GET", target, self.host())).await;
        reply.expect("an answer")
    }

    pub(crate) async fn send(&self, request: &str) -> Option<Reply> {
        exchange(self.address(), request).await
    }

    /// Ends the attempt as a browser and a provider would, and returns the code that arrived.
    pub(crate) async fn complete(self) -> String {
        assert!(!self.waiting.is_finished());
        let reply = self.get(&self.genuine()).await;
        assert_eq!(reply.status, 303, "{}", reply.head);
        let accepted = self.waiting.await.unwrap().unwrap();
        accepted.response.code.expose().to_owned()
    }
}

pub(crate) fn request(method: &str, target: &str, host: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n")
}

/// One request and its answer, or nothing if the connection ended without one.
pub(crate) async fn exchange(address: SocketAddr, request: &str) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(reply) = Reply::parse(&bytes) {
            return Some(reply);
        }
    }
    None
}

pub(crate) async fn is_open(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_ok()
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let reply = Self {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_owned(),
            body: body.to_owned(),
        };
        let length: usize = reply.header("content-length")?.parse().ok()?;
        (body.len() == length).then_some(reply)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (candidate, value) = line.split_once(": ")?;
            candidate.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}
