//! What gets into a request.

use super::*;

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
