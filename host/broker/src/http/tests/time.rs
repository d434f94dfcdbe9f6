//! When an exchange ends early, and what is known then.

use super::*;

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
