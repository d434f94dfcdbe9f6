//! What is taken from a reply.

use super::*;

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
