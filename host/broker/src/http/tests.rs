use std::future::Future;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use vestibule_core::{Blame, Error, Secret};
use zeroize::Zeroizing;

use super::*;
use crate::egress::{Refusal, address::Range};

mod address;
mod reply;
mod request;
mod time;

/// A server on loopback that does what a test says, and records what it received.
pub(crate) struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers each request with `behave`, which gets the connection after the request was read.
    pub(crate) async fn start<F, Fut>(behave: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (log, count, behave) = (
            Arc::clone(&received),
            Arc::clone(&connections),
            Arc::new(behave),
        );
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (log, behave) = (Arc::clone(&log), Arc::clone(&behave));
                tokio::spawn(async move {
                    let request = read_request(&mut socket).await;
                    log.lock().unwrap().push(request);
                    behave(socket).await;
                });
            }
        });
        Self {
            address,
            received,
            connections,
        }
    }

    /// Sends these bytes and closes.
    pub(crate) async fn replying(reply: impl Into<Vec<u8>>) -> Self {
        let reply = Arc::new(reply.into());
        Self::start(move |mut socket| {
            let reply = Arc::clone(&reply);
            async move {
                // The client may hang up in the middle, which is what many of these tests are about.
                let _ = socket.write_all(&reply).await;
                let _ = socket.shutdown().await;
            }
        })
        .await
    }

    pub(crate) fn url(&self, path: &str) -> ProviderUrl {
        ProviderUrl::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    pub(crate) fn client(&self) -> HttpClient {
        let policy = EgressPolicy::new([HostPort::of(&self.url("/"))]).allow_loopback_http();
        HttpClient::new(policy, Arc::default()).deadlines(QUICK)
    }

    async fn get(&self) -> Result<Exchange, ExchangeError> {
        self.client()
            .send(Request::new(Method::Get, &self.url("/")))
            .await
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }
}

const QUICK: Deadlines = Deadlines {
    connect: Duration::from_millis(400),
    first_byte: Duration::from_millis(400),
    total: Duration::from_millis(1_200),
};

async fn read_request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse::<usize>()
                    .ok()
            });
            if body.len() >= announced.unwrap_or(0) {
                return text;
            }
        }
        match socket.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return text,
            Ok(_) => {}
        }
    }
}

fn reply_problem(result: Result<Exchange, ExchangeError>) -> ReplyProblem {
    let error = result.unwrap_err();
    assert_eq!(error.reach(), Reach::Answered, "{error:?}");
    let Problem::Reply(problem) = error.problem() else {
        panic!("{error:?}")
    };
    *problem
}
