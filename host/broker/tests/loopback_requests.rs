//! Everything but the genuine response, sent to a listener that waits for it (RFC 8252 sections 8.9, 8.10; RFC 9700 section 4).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

#[path = "loopback_support/attempt.rs"]
#[allow(dead_code)]
mod attempt;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use attempt::{Attempt, CODE, ISSUER, Reply, exchange, is_open, request};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use vestibule_broker::authorization_response::IssParameter;
use vestibule_broker::loopback::{Outcome, RedirectTarget};
use vestibule_core::Blame;
use vestibule_core::limits::{LISTENER_CONNECTIONS, LISTENER_READ_TIME};

/// A refusal that says nothing, least of all to a script of another origin.
#[track_caller]
fn assert_bare(reply: &Reply) {
    assert!((400..500).contains(&reply.status), "{}", reply.head);
    assert_eq!(reply.body, "");
    assert!(!reply.head.to_lowercase().contains("access-control-"));
}

// proves: LOOP-06
#[tokio::test]
async fn only_a_get_of_the_exact_path_at_the_exact_host_is_served() {
    let attempt = Attempt::start();
    let (genuine, host) = (attempt.genuine(), attempt.host());
    let (path, port) = (attempt.uri.path(), attempt.uri.port().unwrap());

    let mut wrong = vec![
        // Names that lead here, but are not the one in the redirect URI.
        request("GET", &genuine, "evil.example"),
        request("GET", &genuine, &format!("evil.example:{port}")),
        request("GET", &genuine, &format!("localhost:{port}")),
        request("GET", &genuine, &format!("[::1]:{port}")),
        request("GET", &genuine, "127.0.0.1"),
        request("GET", &genuine, &format!("user@{host}")),
        request("GET", &genuine, ""),
        format!("GET {genuine} HTTP/1.1\r\n\r\n"),
        format!("GET {genuine} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"),
        format!("GET {genuine} HTTP/1.0\r\nHost: {host}\r\n\r\n"),
        // Targets as proxies get them.
        request("GET", &format!("http://{host}{genuine}"), host),
        request("GET", &format!("http://evil.example{genuine}"), host),
        // Other paths.
        request("GET", "/favicon.ico", host),
        request("GET", "/", host),
        request("GET", &genuine.replacen('?', "/?", 1), host),
        request("GET", &format!("/{genuine}"), host),
        request("GET", &genuine.replacen("oauth", "%6fauth", 1), host),
        request("GET", &genuine.to_uppercase(), host),
        request("GET", &format!("{path}/done"), host),
        format!(
            "OPTIONS {genuine} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\n\
             Access-Control-Request-Method: GET\r\nAccess-Control-Request-Private-Network: true\r\n\r\n"
        ),
    ];
    for method in ["HEAD", "POST", "PUT", "DELETE", "TRACE", "PATCH", "get"] {
        wrong.push(format!(
            "{method} {genuine} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"
        ));
    }
    for request in wrong {
        if request.starts_with("HEAD") {
            // Its answer has no body, and is not parsed here. That it changes nothing is seen below.
            let mut stream = TcpStream::connect(attempt.address()).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            continue;
        }
        let reply = attempt.send(&request).await.expect(&request);
        assert_bare(&reply);
    }
    assert_eq!(attempt.complete().await, CODE);
}

// proves: LOOP-07
#[tokio::test]
async fn a_thousand_forged_responses_change_nothing() {
    let attempt = Arc::new(Attempt::start());
    let mut forgers = JoinSet::new();
    for forger in 0..20 {
        let attempt = Arc::clone(&attempt);
        forgers.spawn(async move {
            for number in 0..50 {
                let query = match number % 5 {
                    0 => format!("code=forged&state=guess-{forger}-{number}"),
                    1 => "code=forged".to_owned(),
                    2 => "code=forged&state=".to_owned(),
                    3 => format!("code=forged&state={0}&state={0}", attempt.state),
                    _ => format!("error=access_denied&state=guess-{number}"),
                };
                assert_eq!(attempt.get(&attempt.target(&query)).await.status, 400);
            }
        });
    }
    while let Some(forger) = forgers.join_next().await {
        forger.unwrap();
    }
    // The one response is what a token request is made from; it has not come yet, and it is not a forged one.
    let attempt = Arc::into_inner(attempt).unwrap();
    assert_eq!(attempt.complete().await, CODE);
}

#[tokio::test]
async fn one_of_many_equal_responses_is_accepted_in_sequence_and_in_parallel() {
    let attempt = Attempt::start();
    let (address, host) = (attempt.address(), attempt.host().to_owned());
    let genuine = request("GET", &attempt.genuine(), &host);
    let mut browsers = JoinSet::new();
    for _ in 0..20 {
        let genuine = genuine.clone();
        browsers.spawn(async move { exchange(address, &genuine).await.unwrap().status });
    }
    let mut statuses = browsers.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303);
    assert!(statuses[1..].iter().all(|status| *status == 410));

    let accepted = attempt.waiting.await.unwrap().unwrap();
    assert_eq!(accepted.response.code.expose(), CODE);
    let replay = exchange(address, &genuine).await.unwrap();
    assert_eq!(replay.status, 410);
    assert!(replay.body.contains("already used"));
}

// proves: LOOP-10
#[tokio::test]
async fn no_page_repeats_what_it_was_sent_and_all_are_locked_down() {
    let attempt = Attempt::start();
    let (address, host) = (attempt.address(), attempt.host().to_owned());
    let html = "%3Cscript%3Emarker%3C%2Fscript%3E";
    let forged = attempt.target(&format!("error=x&error_description={html}&state={html}"));
    let genuine = attempt.target(&format!(
        "error=access_denied&error_description={html}&state={}",
        attempt.state
    ));
    let mut replies = vec![
        attempt.get(&forged).await,
        attempt.get(&format!("/{html}?marker=marker")).await,
        attempt.get(&genuine).await,
    ];
    let done = replies[2].header("location").unwrap().trim_end_matches('#');
    let done = request("GET", done, &host);
    let replay = request("GET", &genuine, &host);
    replies.push(exchange(address, &replay).await.unwrap());
    replies.push(exchange(address, &done).await.unwrap());
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [400, 404, 303, 410, 200]);

    for reply in replies {
        let all = format!("{}{}", reply.head, reply.body).to_lowercase();
        assert!(!all.contains("marker"), "{all}");
        assert!(!reply.body.contains("<script") && !reply.body.contains("http"));
        assert!(!all.contains("access-control-") && !all.contains("set-cookie"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        let policy = reply.header("content-security-policy").unwrap();
        let (first, rest) = policy.split_once("; style-src 'sha256-").unwrap();
        assert_eq!(first, "default-src 'none'");
        assert!(rest.ends_with("'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"));
    }
    let error = attempt.waiting.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "authorization.access_denied");
}

// proves: LOOP-11
#[tokio::test]
async fn the_browser_ends_at_an_address_that_says_nothing_and_hears_how_it_ended() {
    for (outcome, words) in [
        (Outcome::SignedIn, "You are signed in"),
        (Outcome::Failed, "Sign-in did not work"),
        (Outcome::Denied, "Sign-in was refused"),
        (Outcome::Unknown, "Back to the terminal"),
    ] {
        let attempt = Attempt::start();
        let (address, host) = (attempt.address(), attempt.host().to_owned());
        let moved = attempt.get(&attempt.genuine()).await;
        assert_eq!(moved.status, 303);
        let location = moved.header("location").unwrap();
        // The fragment is there, and empty: without one, a browser would carry the old one along.
        assert_eq!(location, format!("{}/done#", attempt.uri.path()));

        let accepted = attempt.waiting.await.unwrap().unwrap();
        let done = request("GET", location.trim_end_matches('#'), &host);
        let mut page = tokio::spawn(async move { exchange(address, &done).await.unwrap() });
        // Nobody knows yet how it ends, so the page says nothing yet.
        assert!(
            timeout(Duration::from_millis(100), &mut page)
                .await
                .is_err()
        );
        let (page, ()) = tokio::join!(page, accepted.page.finish(outcome));
        let page = page.unwrap();
        assert_eq!(page.status, 200);
        assert!(page.body.contains(words), "{}", page.body);
        assert!(!is_open(address).await);
    }
}

// proves: LOOP-12
#[tokio::test]
async fn idle_and_slow_clients_do_not_hold_up_the_genuine_response() {
    let attempt = Attempt::start();
    let address = attempt.address();
    let before = resident_kilobytes();

    let mut slow = JoinSet::new();
    for _ in 0..50 {
        slow.spawn(async move {
            loop {
                let Ok(mut stream) = TcpStream::connect(address).await else {
                    return;
                };
                let head = b"GET / HTTP/1.1\r\nHost: a\r\nX: "
                    .iter()
                    .chain(&[b'a'; 100_000]);
                for byte in head {
                    if stream.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                    sleep(Duration::from_millis(20)).await;
                }
            }
        });
    }
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let start = Instant::now();
    let reply = attempt.get(&attempt.genuine()).await;
    assert_eq!(reply.status, 303);
    assert!(start.elapsed() < Duration::from_secs(5));
    let accepted = attempt.waiting.await.unwrap().unwrap();
    assert_eq!(accepted.response.code.expose(), CODE);

    // The listener let go of all but a few, long before the time in which a request must have come.
    let few = timeout(LISTENER_READ_TIME * 2 / 3, async {
        while idle.iter().filter(|stream| is_held(stream)).count() > LISTENER_CONNECTIONS {
            sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(few.await.is_ok());
    let grown = resident_kilobytes().saturating_sub(before);
    assert!(grown < 32 << 10, "grew by {grown} KB");
}

fn is_held(stream: &TcpStream) -> bool {
    matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

/// What this process has in memory, by the kernel's account.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

#[tokio::test]
async fn an_endless_head_is_cut_off() {
    let attempt = Attempt::start();
    let mut stream = TcpStream::connect(attempt.address()).await.unwrap();
    let cut_off = timeout(Duration::from_secs(20), async {
        let start = format!("GET {} HTTP/1.1\r\nX: ", attempt.genuine());
        stream.write_all(start.as_bytes()).await?;
        loop {
            stream.write_all(&[b'a'; 4_096]).await?;
            tokio::task::yield_now().await;
        }
    });
    let result: std::io::Result<()> = cut_off.await.expect("cut off in time");
    assert!(result.is_err());
    assert_eq!(attempt.complete().await, CODE);
}

// proves: RESP-02
#[tokio::test]
async fn without_its_state_a_response_is_no_answer_however_it_is_wrong() {
    let attempt = Attempt::start();
    let state = attempt.state.clone();
    let queries = [
        format!("code={CODE}"),
        format!("code={CODE}&state="),
        format!("code={CODE}&state={state}&state={state}"),
        format!("code={CODE}&state={state}x"),
        format!("access_token=t&state=x{state}"),
        format!("error=access_denied&state={}", state.to_uppercase()),
    ];
    for query in queries {
        assert_eq!(attempt.get(&attempt.target(&query)).await.status, 400);
        assert!(!attempt.waiting.is_finished());
    }
    assert_eq!(attempt.complete().await, CODE);

    // After the deadline there is nobody left to take it.
    let attempt = Attempt::start_at(
        &RedirectTarget::for_issuer(ISSUER),
        Duration::from_millis(50),
    );
    let address = attempt.address();
    let genuine = request("GET", &attempt.genuine(), attempt.host());
    let error = attempt.waiting.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "loopback.timeout");
    assert!(exchange(address, &genuine).await.is_none());
}

// proves: RESP-05
#[tokio::test]
async fn tokens_in_a_response_end_the_attempt_and_are_kept_nowhere() {
    let attempt = Attempt::start();
    let tokens = attempt.target(&format!(
        "access_token=marker&token_type=bearer&code={CODE}&state={}",
        attempt.state
    ));
    let moved = attempt.get(&tokens).await;
    let page = attempt
        .get(moved.header("location").unwrap().trim_end_matches('#'))
        .await;
    assert!(page.body.contains("Sign-in did not work"));
    let error = attempt.waiting.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "authorization_response.tokens");
    assert!(!format!("{error:?}{moved:?}{page:?}").contains("marker"));

    // A browser keeps a fragment to itself: what arrives has no parameters, and nothing comes of it.
    let attempt = Attempt::start_at(&RedirectTarget::for_issuer(ISSUER), Duration::from_secs(2));
    assert_eq!(attempt.get(attempt.uri.path()).await.status, 400);
    let error = attempt.waiting.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "loopback.timeout");
    assert!(
        error
            .message()
            .contains("its state was not the expected one")
    );
}

// proves: RESP-06
#[tokio::test]
async fn an_error_counts_only_with_its_state_and_issuer_and_its_text_is_harmless() {
    let attempt = Attempt::start_with(
        &RedirectTarget::for_issuer(ISSUER),
        IssParameter::Required,
        Duration::from_secs(60),
    );
    let state = &attempt.state;
    for query in [
        format!("error=access_denied&state=wrong&iss={ISSUER}"),
        format!("error=access_denied&iss={ISSUER}"),
        format!("error=access_denied&state={state}"),
        format!("error=access_denied&state={state}&iss=https://evil.example"),
        format!("error=access_denied&state={state}&iss={ISSUER}/"),
    ] {
        assert_eq!(attempt.get(&attempt.target(&query)).await.status, 400);
        assert!(!attempt.waiting.is_finished());
    }
    let genuine = attempt.target(&format!(
        "error=access_denied&error_description=no%1b%5b2J%0d%0a%e2%80%aeway&state={state}&iss={ISSUER}"
    ));
    let moved = attempt.get(&genuine).await;
    attempt
        .get(moved.header("location").unwrap().trim_end_matches('#'))
        .await;
    let error = attempt.waiting.await.unwrap().unwrap_err();
    assert_eq!(error.blame(), Blame::User);
    assert_eq!(
        error.message(),
        "the provider refused with access_denied: \"no\\u{1b}[2J\\u{d}\\u{a}\\u{202e}way\""
    );
}
