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

#[tokio::test]
async fn a_form_goes_out_whole_and_the_reply_comes_back() {
    let server = Server::replying("HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 13\r\nset-cookie: a=b\r\n\r\n{\"ok\": true }").await;
    let request = Request::new(Method::Post, &server.url("/token?tenant=1"))
        .query("q", "a b&c=d\r\nx: y")
        .body(Body::form([
            ("grant_type", "authorization_code"),
            ("code", "a+b/c=&d é"),
        ]))
        .basic("client:id", &Secret::new("p%ss w".into()))
        .unwrap();
    let reply = server.client().send(request).await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.json().unwrap().boolean("/ok"), Ok(Some(true)));
    assert_eq!(reply.header("set-cookie"), None);
    let sent = server.requests().remove(0);
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /token?tenant=1&q=a+b%26c%3Dd%0D%0Ax%3A+y HTTP/1.1\r\n"),
        "{head}"
    );
    assert_eq!(
        body,
        "grant_type=authorization_code&code=a%2Bb%2Fc%3D%26d+%C3%A9"
    );
    // base64("client%3Aid:p%25ss+w"), RFC 6749 section 2.3.1.
    assert!(
        head.contains("authorization: Basic Y2xpZW50JTNBaWQ6cCUyNXNzK3c=\r\n"),
        "{head}"
    );
    assert!(head.contains("accept-encoding: identity\r\n"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("cookie"), "{head}");
}

// proves: NET-02
#[tokio::test]
async fn no_redirect_of_any_kind_is_followed() {
    let elsewhere = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for status in [300, 301, 302, 303, 304, 305, 307, 308, 399] {
        for target in [
            elsewhere.url("/steal").as_str().to_owned(),
            "/loop".to_owned(),
            "http://example.test/".to_owned(),
        ] {
            let server = Server::replying(format!(
                "HTTP/1.1 {status} X\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n"
            ))
            .await;
            // The other server is approved, too: it is not the policy that stops this.
            let policy = EgressPolicy::new([
                HostPort::of(&server.url("/")),
                HostPort::of(&elsewhere.url("/")),
            ])
            .allow_loopback_http();
            let client = HttpClient::new(policy, Arc::default()).deadlines(QUICK);
            let request = Request::new(Method::Post, &server.url("/token"))
                .bearer(&Secret::new("marker".into()))
                .unwrap()
                .body(Body::form([("code", "marker")]));
            assert_eq!(
                reply_problem(client.send(request).await),
                ReplyProblem::Redirect,
                "{status}"
            );
            assert_eq!(server.requests().len(), 1);
        }
    }
    assert_eq!(elsewhere.connections.load(Ordering::SeqCst), 0);
}

// proves: NET-06
#[tokio::test]
async fn bodies_and_headers_have_hard_limits_announced_or_not() {
    let endless = |head: &'static str| {
        Server::start(move |mut socket| async move {
            let _ = socket.write_all(head.as_bytes()).await;
            while socket.write_all(b"1000\r\n").await.is_ok()
                && socket.write_all(&[b'x'; 0x1000]).await.is_ok()
                && socket.write_all(b"\r\n").await.is_ok()
            {}
        })
    };
    let chunked = endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
    assert_eq!(reply_problem(chunked.get().await), ReplyProblem::TooLong);
    let until_close = endless("HTTP/1.1 200 OK\r\n\r\n").await;
    assert_eq!(
        reply_problem(until_close.get().await),
        ReplyProblem::TooLong
    );
    let header = Server::start(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nx: ").await;
        while socket.write_all(&[b'x'; 0x1000]).await.is_ok() {}
    })
    .await;
    assert_eq!(reply_problem(header.get().await), ReplyProblem::Headers);

    let announced = Server::replying(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
        limits::BODY_BYTES + 1
    ))
    .await;
    assert_eq!(reply_problem(announced.get().await), ReplyProblem::TooLong);
    let immense =
        Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n").await;
    assert!(immense.get().await.is_err());
    let short = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx").await;
    assert_eq!(reply_problem(short.get().await), ReplyProblem::Broken);
    let long =
        Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n")
            .await;
    assert_eq!(long.get().await.unwrap().body(), b"x");

    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(100_000));
    assert_eq!(
        reply_problem(Server::replying(many).await.get().await),
        ReplyProblem::Headers
    );
    let over = format!(
        "HTTP/1.1 200 OK\r\n{}\r\n",
        "a: b\r\n".repeat(limits::HEADER_COUNT + 1)
    );
    assert_eq!(
        reply_problem(Server::replying(over).await.get().await),
        ReplyProblem::Headers
    );
    let wide = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\na: {}\r\n\r\n",
        "b".repeat(limits::HEADER_BYTES)
    );
    assert_eq!(
        reply_problem(Server::replying(wide).await.get().await),
        ReplyProblem::Headers
    );
    let full = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}",
        limits::BODY_BYTES,
        "x".repeat(limits::BODY_BYTES)
    );
    assert_eq!(
        Server::replying(full)
            .await
            .get()
            .await
            .unwrap()
            .body()
            .len(),
        limits::BODY_BYTES
    );
}

// proves: NET-07
#[tokio::test]
async fn a_compressed_body_is_refused_without_being_looked_at() {
    for encoding in [
        "gzip",
        "br",
        "deflate",
        "zstd",
        "x-gzip",
        "identity, gzip",
        "gzip, gzip",
    ] {
        let server = Server::replying(format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: 2\r\n\r\n\x1f\u{b}"
        ))
        .await;
        assert_eq!(
            reply_problem(server.get().await),
            ReplyProblem::Compressed,
            "{encoding}"
        );
    }
    let plain = Server::replying(
        "HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    assert_eq!(plain.get().await.unwrap().body(), b"ok");
}

#[tokio::test]
async fn contradicting_and_folded_headers_are_refused() {
    for head in [
        "content-length: 2\r\ncontent-length: 2\r\n",
        "content-length: 2\r\ncontent-length: 3\r\n",
        "content-length: 2\r\ntransfer-encoding: chunked\r\n",
        "content-length: 2, 2\r\n",
        "content-length: +2\r\n",
        "content-length: 2\r\ncontent-type: application/json\r\ncontent-type: text/html\r\n",
        "content-length: 2\r\nx: a\r\n b\r\n",
        "content-length: 2\r\nx\0: a\r\n",
        "content-length: 2\r\nx : a\r\n",
        "content-length: 2\r\nx: a\0b\r\n",
    ] {
        let server = Server::replying(format!("HTTP/1.1 200 OK\r\n{head}\r\n{{}}")).await;
        assert!(server.get().await.is_err(), "{head:?}");
    }
}

// proves: NET-08
#[tokio::test]
async fn a_server_that_stalls_or_trickles_at_any_stage_is_left_at_the_deadline() {
    async fn trickle(socket: &mut TcpStream, piece: &[u8]) {
        while socket.write_all(piece).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let head = Server::start(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nx: ").await;
        trickle(&mut socket, b"a").await;
    })
    .await;
    let body = Server::start(|mut socket| async move {
        let _ = socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            .await;
        trickle(&mut socket, b"a").await;
    })
    .await;
    let silent = Server::start(|socket| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(socket);
    })
    .await;
    for server in [&head, &body, &silent] {
        let started = Instant::now();
        let error = server.get().await.unwrap_err();
        assert!(matches!(error.problem(), Problem::Deadline), "{error:?}");
        assert_eq!(error.reach(), Reach::Unknown);
        assert!(started.elapsed() < Duration::from_secs(20));
    }
    // TLS: the connection is accepted, and no handshake ever comes.
    let stalled = ProviderUrl::parse(&format!("https://{}/", silent.address)).unwrap();
    let error = silent
        .client()
        .send(Request::new(Method::Get, &stalled))
        .await
        .unwrap_err();
    assert_eq!(
        (error.reach(), matches!(error.problem(), Problem::Connect)),
        (Reach::NeverSent, true),
        "{error:?}"
    );
    // Cancelled from outside, the exchange ends at once and the server sees the end of the connection.
    let (ended, end) = tokio::sync::oneshot::channel();
    let ended = Arc::new(Mutex::new(Some(ended)));
    let watching = Server::start(move |mut socket| {
        let ended = Arc::clone(&ended);
        async move {
            let mut rest = Vec::new();
            let _ = socket.read_to_end(&mut rest).await;
            if let Some(ended) = ended.lock().unwrap().take() {
                let _ = ended.send(());
            }
        }
    })
    .await;
    let patient = Deadlines {
        first_byte: Duration::from_secs(600),
        total: Duration::from_secs(600),
        ..QUICK
    };
    let client = watching.client().deadlines(patient);
    let cancelled = timeout(
        Duration::from_millis(300),
        client.send(Request::new(Method::Get, &watching.url("/"))),
    )
    .await;
    assert!(cancelled.is_err());
    timeout(Duration::from_secs(20), end)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn an_error_says_whether_the_request_may_have_had_an_effect() {
    // Nobody listens.
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let url = ProviderUrl::parse(&format!("http://{gone}/token")).unwrap();
    let policy = EgressPolicy::new([HostPort::of(&url)]).allow_loopback_http();
    let error = HttpClient::new(policy, Arc::default())
        .send(Request::new(Method::Post, &url))
        .await
        .unwrap_err();
    assert_eq!(error.reach(), Reach::NeverSent);
    assert_eq!(Error::from(error).blame(), Blame::Network);
    // The connection breaks after the request was received: sent once, and not again.
    let dropping = Server::start(|socket| async move { drop(socket) }).await;
    let error = dropping.get().await.unwrap_err();
    assert_eq!(error.reach(), Reach::Unknown, "{error:?}");
    assert_eq!(Error::from(error).code(), "net.lost");
    assert_eq!(dropping.connections.load(Ordering::SeqCst), 1);
    // What comes back is no HTTP.
    let junk = Server::replying("SSH-2.0-OpenSSH_9.2\r\n").await;
    assert_eq!(reply_problem(junk.get().await), ReplyProblem::Malformed);
    // The policy refuses.
    let other = ProviderUrl::parse("https://elsewhere.test/").unwrap();
    let error = junk
        .client()
        .send(Request::new(Method::Get, &other))
        .await
        .unwrap_err();
    assert_eq!(error.reach(), Reach::NeverSent);
    assert!(matches!(
        error.problem(),
        Problem::Refused(Refusal::Host(_))
    ));
}

// proves: PLUG-14
#[tokio::test]
async fn nothing_illegal_gets_into_a_request() {
    let server = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let request = || Request::new(Method::Get, &server.url("/"));
    for bad in [
        "a\r\nx: y",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\u{7f}",
        "\u{1b}[0m",
        "é",
        "a\u{85}b",
        " a",
        "a ",
        "\ta",
    ] {
        assert!(
            matches!(request().header("x-a", bad), Err(IllegalHttp::Value(_))),
            "{bad:?}"
        );
        assert!(
            matches!(
                request().secret_header("x-a", &Secret::new(bad.into())),
                Err(IllegalHttp::Value(_))
            ),
            "{bad:?}"
        );
        assert!(
            matches!(request().accept(bad), Err(IllegalHttp::Value(_))),
            "{bad:?}"
        );
    }
    for bad in ["a\r\nx: y", "a\nb", "a\0b", "é"] {
        assert!(
            matches!(
                request().bearer(&Secret::new(bad.into())),
                Err(IllegalHttp::Value(_))
            ),
            "{bad:?}"
        );
        assert!(
            ProviderUrl::parse(&format!("{}{bad}", server.url("/"))).is_err() || !bad.is_ascii(),
            "{bad:?}"
        );
        assert!(ProviderUrl::parse(&format!("http://{}\r\n@x/", server.address)).is_err());
    }
    for bad in ["", "a b", "a:b", "a\r\nb", "a\0", "é", "a/b", "(a)"] {
        assert!(
            matches!(request().header(bad, "v"), Err(IllegalHttp::Name(_))),
            "{bad:?}"
        );
    }
    for reserved in [
        "Cookie",
        "host",
        "Forwarded",
        "proxy-authorization",
        "DPoP",
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "Authorization",
        "X-Forwarded-For",
    ] {
        assert!(
            matches!(
                request().header(reserved, "v"),
                Err(IllegalHttp::Reserved(_))
            ),
            "{reserved}"
        );
    }
    let twice = request().header("x-a", "1").unwrap().header("X-A", "2");
    assert!(matches!(twice, Err(IllegalHttp::Twice(_))));
    assert_eq!(
        server.connections.load(Ordering::SeqCst),
        0,
        "nothing was sent"
    );

    // Encoded, in each place that takes any text: one request arrives, with the headers that it should have.
    let evil = "a%0d%0aX-Evil: 1\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1\r\n\0";
    let path = server.url("/p%0d%0aX-Evil:%201/%00");
    let sent = Request::new(Method::Post, &path)
        .query(evil, evil)
        .body(Body::form([(evil, evil)]))
        .header("x-a", "a%0d%0aX-Evil: 1")
        .unwrap();
    server.client().send(sent).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let head = requests[0].split_once("\r\n\r\n").unwrap().0;
    assert!(
        !head
            .lines()
            .any(|line| line.to_ascii_lowercase().starts_with("x-evil")),
        "{head}"
    );
    assert!(!requests[0].contains("GET /evil"), "{}", requests[0]);
}

#[tokio::test]
async fn json_is_taken_only_as_json() {
    for (content_type, expected) in [
        ("application/json", true),
        ("Application/JSON ; charset=UTF-8", true),
        ("application/jwk-set+json", true),
        ("text/html", false),
        ("text/json", false),
        ("application/jsonp", false),
        ("", false),
    ] {
        let server = Server::replying(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: 2\r\n\r\n{{}}"
        ))
        .await;
        assert_eq!(
            server.get().await.unwrap().json().is_ok(),
            expected,
            "{content_type}"
        );
    }
}

#[test]
fn secrets_in_a_request_do_not_print() {
    let url = ProviderUrl::parse("https://idp.test/").unwrap();
    let request = Request::new(Method::Post, &url)
        .bearer(&Secret::new("marker".into()))
        .unwrap()
        .secret_header("x-token", &Secret::new("marker".into()))
        .unwrap()
        .body(Body::Json(Zeroizing::new(b"marker".to_vec())));
    let printed = format!("{request:?}");
    assert!(!printed.contains("marker"), "{printed}");
}

/// Answers each lookup with the next of a list, and counts.
struct Answers(Mutex<Vec<&'static str>>, Arc<AtomicUsize>);

impl Lookup for Answers {
    fn lookup(&self, _: &str) -> crate::egress::resolver::LookupAnswer {
        self.1.fetch_add(1, Ordering::SeqCst);
        let answer = self.0.lock().unwrap().remove(0);
        Box::pin(async move { Ok(answer.split(' ').map(|ip| ip.parse().unwrap()).collect()) })
    }
}

// proves: NET-03
#[tokio::test]
async fn what_a_name_resolves_to_is_checked_before_anything_connects() {
    let watcher = Server::replying("").await;
    let port = watcher.address.port();
    let name = format!("idp.test:{port}");
    let url = ProviderUrl::parse(&format!("https://{name}/")).unwrap();
    let send = async |policy: EgressPolicy, url: &ProviderUrl, answer: &'static str| {
        let client = HttpClient::new(policy, Arc::default())
            .deadlines(QUICK)
            .lookup(Arc::new(Answers(Mutex::new(vec![answer]), Arc::default())));
        client
            .send(Request::new(Method::Get, url))
            .await
            .unwrap_err()
    };
    let policy = || EgressPolicy::new([HostPort::parse(&name).unwrap()]);
    for answer in [
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "::",
        "169.254.169.254",
        "fd00:ec2::254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.100.100.200",
        "fe80::1",
        "224.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        // One bad answer among good ones.
        "1.1.1.1 127.0.0.1",
        "127.0.0.1 1.1.1.1",
    ] {
        let error = send(policy(), &url, answer).await;
        assert!(
            matches!(error.problem(), Problem::Refused(Refusal::Address { .. })),
            "{answer}: {error:?}"
        );
        assert_eq!(error.reach(), Reach::NeverSent);
    }
    // Literals: the dialects of an address are no URLs here, and the plain ones are refused though their host is approved.
    for disguised in [
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1.",
    ] {
        assert!(
            ProviderUrl::parse(&format!("https://{disguised}/")).is_err(),
            "{disguised}"
        );
    }
    for literal in [
        "127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "[::1]",
        "[fd00:ec2::254]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
    ] {
        let url = ProviderUrl::parse(&format!("https://{literal}:{port}/")).unwrap();
        let error = send(EgressPolicy::new([HostPort::of(&url)]), &url, "1.1.1.1").await;
        assert!(
            matches!(error.problem(), Problem::Refused(Refusal::Address { .. })),
            "{literal}: {error:?}"
        );
    }
    assert_eq!(watcher.connections.load(Ordering::SeqCst), 0);
    // The operator's exception names the host, and then it is reached (where it answers no TLS).
    let error = send(policy().allow_private_host("idp.test"), &url, "127.0.0.1").await;
    assert!(!matches!(error.problem(), Problem::Refused(_)), "{error:?}");
    assert_eq!(watcher.connections.load(Ordering::SeqCst), 1);
    let error = send(policy().allow_private_host("other.test"), &url, "127.0.0.1").await;
    assert!(
        matches!(
            error.problem(),
            Problem::Refused(Refusal::Address {
                range: Range::Loopback,
                ..
            })
        ),
        "{error:?}"
    );
}

// proves: NET-04
#[tokio::test]
async fn a_second_lookup_cannot_lead_elsewhere() {
    let watcher = Server::replying("").await;
    let name = format!("idp.test:{}", watcher.address.port());
    let url = ProviderUrl::parse(&format!("https://{name}/")).unwrap();
    let lookups = Arc::new(AtomicUsize::new(0));
    // The operator's exception lets the first answer through. The second leads to the same listener, and no exception covers it.
    let answers = vec!["127.0.0.1", "0.0.0.0", "127.0.0.1", "0.0.0.0"];
    let policy =
        EgressPolicy::new([HostPort::parse(&name).unwrap()]).allow_private_host("idp.test");
    let client = HttpClient::new(policy, Arc::default())
        .deadlines(QUICK)
        .lookup(Arc::new(Answers(Mutex::new(answers), Arc::clone(&lookups))));
    for turn in 0..4 {
        let error = client
            .send(Request::new(Method::Get, &url))
            .await
            .unwrap_err();
        // One lookup a connection, whose answer is checked and used.
        assert_eq!(lookups.load(Ordering::SeqCst), turn + 1);
        let refused = matches!(
            error.problem(),
            Problem::Refused(Refusal::Address {
                range: Range::Unspecified,
                ..
            })
        );
        assert_eq!(refused, turn % 2 == 1, "{error:?}");
        assert_eq!(error.reach(), Reach::NeverSent);
        // Reached on the even turns alone, where it answers no TLS.
        assert_eq!(watcher.connections.load(Ordering::SeqCst), turn / 2 + 1);
    }
}

// proves: NET-05
#[test]
fn an_ambiguous_url_is_refused_or_leads_where_the_check_said() {
    for refused in [
        "https://idp.test\\@evil.test/",
        "https://idp.test\\.evil.test/",
        "https://user@idp.test/",
        "https://user:pass@idp.test/",
        "https://@idp.test/",
        "https://idp.test@evil.test/",
        "https://idp.test%40evil.test/",
        "https://idp%2etest/",
        "https://idp.test./",
        "https://",
        "https:///",
        "https:///idp.test/",
        "https://:443/",
        "https:idp.test/",
        "https:/idp.test/",
        "//idp.test/",
        "https://idp.test:99999/",
        "https://idp.test:x/",
        "https://idp .test/",
        "https://idp.test /",
        " https://idp.test/",
        "https://idp.test/\t",
        "https://idp.test\r\n/",
        "https://idp.test/\0",
        "https://idp\u{ad}.test/",
        "https://ｉdp.test/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::1%25lo]/",
        "https://idp.test/#@evil.test",
        "http://idp.test/",
        "ftp://idp.test/",
        "file:///etc/passwd",
        "https://idp.test#@evil.test/",
    ] {
        assert!(ProviderUrl::parse(refused).is_err(), "{refused:?}");
    }
    let policy = EgressPolicy::new([HostPort::parse("idp.test").unwrap()]);
    for (text, approved) in [
        ("https://idp.test/", true),
        ("https://IDP.TEST/", true),
        ("HTTPS://idp.test", true),
        ("https://idp.test:443/", true),
        ("https://idp.test:0443/", true),
        ("https://idp.test:/", true),
        ("https://idp.test//evil.test/", true),
        ("https://idp.test/@evil.test", true),
        ("https://idp.test/..//x", true),
        ("https://idp.test?@evil.test/", true),
        ("https://idp.test/%2f%40evil.test", true),
        ("https://idp.test/a;b@c:d", true),
        ("https://idp.test:8443/", false),
        ("https://idp.test:80/", false),
        ("https://evil.test/?idp.test", false),
        ("https://idp.test.evil.test/", false),
        ("https://idp-test/", false),
        ("https://xn--idp-test/", false),
    ] {
        // Refused by the parser is fine as well: nothing is sent then.
        let Ok(url) = ProviderUrl::parse(text) else {
            continue;
        };
        assert_eq!(policy.check_url(&url).is_ok(), approved, "{text}");
        // What the connection layer reads from the request is what was checked.
        let request = Request::new(Method::Get, &url).into_inner();
        let connected: hyper::Uri = request.url().as_str().parse().unwrap();
        let port = connected.port_u16().unwrap_or(443);
        assert_eq!(connected.host(), Some(url.host()), "{text}");
        assert_eq!(Some(port), url.as_url().port_or_known_default(), "{text}");
    }
    assert!(
        policy
            .check_url(&ProviderUrl::parse("https://idp.test/").unwrap())
            .is_ok()
    );
}
