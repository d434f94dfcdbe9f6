//! Attack: a page or a program on this machine talks to the listener: forged and replayed answers, other hosts, methods and targets.
//! Stopped by: the exact path, method and `Host`, and the state; what is wrong changes nothing, host/broker/src/loopback/gate.rs

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use url::Url;
use vestibule_attacks::handed::parameter;
use vestibule_e2e::http;
use vestibule_rehearsal::Role;

use crate::{machine_for, provider, visit};

/// Longer than the listener takes for anything.
const LIMIT: Duration = Duration::from_secs(20);

/// Sends bytes to where the redirect URI is, and returns what comes until the connection closes.
fn raw(redirect_uri: &str, request: &str) -> String {
    let url = Url::parse(redirect_uri).unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has brought what it has brought.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// What no browser sends that was redirected here by the provider: each with the right state and a forged code.
fn requests(redirect_uri: &str, state: &str) -> Vec<String> {
    let url = Url::parse(redirect_uri).unwrap();
    let (host, path) = (
        format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()),
        url.path(),
    );
    let query = format!("code=forged&state={state}");
    let port = url.port().unwrap();
    let get = |target: &str, host: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut all = vec![
        // DNS rebinding.
        get(&format!("{path}?{query}"), "evil.example"),
        get(&format!("{path}?{query}"), &format!("evil.example:{port}")),
        get(&format!("{path}?{query}"), &format!("localhost:{port}")),
        get(&format!("{path}?{query}"), "127.0.0.1"),
        get(&format!("{path}?{query}"), &format!("127.0.0.1.:{port}")),
        format!("GET {path}?{query} HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n"),
        format!("GET {path}?{query} HTTP/1.1\r\n\r\n"),
        format!("GET {path}?{query} HTTP/1.0\r\nHost: {host}\r\n\r\n"),
        // Absolute targets, as to a proxy.
        get(&format!("http://{host}{path}?{query}"), &host),
        get(&format!("http://evil.example{path}?{query}"), &host),
        format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        // Other paths.
        get(&format!("/?{query}"), &host),
        get(&format!("{path}/?{query}"), &host),
        get(&format!("/{path}?{query}"), &host),
        get(&format!("{path}/../{path}?{query}"), &host),
        get(&format!("{}?{query}", path.to_uppercase()), &host),
        get("/favicon.ico", &host),
        get("/callback", &host),
    ];
    // Other methods, and what a page may send from elsewhere without asking.
    for method in ["POST", "PUT", "HEAD", "DELETE", "OPTIONS", "TRACE", "PATCH"] {
        all.push(format!(
            "{method} {path}?{query} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\n\
             Access-Control-Request-Method: GET\r\nAccess-Control-Request-Private-Network: true\r\nContent-Length: 0\r\n\r\n"
        ));
    }
    all
}

#[test]
fn nothing_but_the_genuine_answer_counts() {
    let idp = provider();
    let machine = machine_for(&idp, "");
    let login = machine.start(&["login", "corp", "--no-browser"]);
    let address = login.address();
    let (redirect_uri, state) = (
        parameter(&address, "redirect_uri"),
        parameter(&address, "state"),
    );
    for request in requests(&redirect_uri, &state) {
        let answer = raw(&redirect_uri, &request);
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(
            ["400", "404", "405", ""].contains(&status),
            "{request}\n{answer}"
        );
        let answer = answer.to_ascii_lowercase();
        assert!(!answer.contains("access-control-"), "{request}\n{answer}");
        assert!(!answer.contains("forged"), "{request}\n{answer}");
    }
    for forged in [
        "code=forged".to_owned(),
        "code=forged&state=".to_owned(),
        format!("code=forged&state={}", &state[1..]),
        format!("code=forged&state={state}x"),
        format!("code=forged&state={}", state.to_uppercase()),
        format!("code=forged&state={state}&state={state}"),
        format!("code=forged&State={state}"),
        format!("error=access_denied&state={}", &state[1..]),
        // A refusal without proof of its issuer.
        format!("error=access_denied&state={state}"),
        format!("error=access_denied&state={state}&iss=https%3A%2F%2Fevil.example"),
    ] {
        let answer = http::get(&format!("{redirect_uri}?{forged}"), &[]).unwrap();
        assert_eq!(answer.status, 400, "{forged}");
    }
    let seen = visit(&address);
    let _ = login.finish().succeeded();
    assert!(seen.body.contains("You are signed in"), "{seen:?}");
    assert_eq!(idp.count(Role::Token), 1);
    // A replay finds nobody.
    let callback = seen.urls.iter().find(|url| url.contains("code=")).unwrap();
    assert!(http::get(callback, &[]).is_err());
    let token = machine.run(&["token", "corp"]).succeeded();
    assert!(idp.is_live(token.line()));
    assert_eq!(idp.count(Role::Token), 1);
}

#[test]
fn the_genuine_answer_many_times_at_once_is_one_exchange() {
    let idp = provider();
    let machine = machine_for(&idp, "");
    let login = machine.start(&["login", "corp", "--no-browser"]);
    let address = login.address();
    let redirect_uri = parameter(&address, "redirect_uri");
    // Asked for the answer at an address of our own, so that it can be delivered by hand.
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let path = Url::parse(&redirect_uri).unwrap().path().to_owned();
    let elsewhere = format!("http://{}{path}", trap.local_addr().unwrap());
    let astray = vestibule_attacks::handed::with_parameter(&address, "redirect_uri", &elsewhere);
    let caught = std::thread::spawn(move || {
        let (mut stream, _) = trap.accept().unwrap();
        let mut head = [0; 4096];
        let read = stream.read(&mut head).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            .unwrap();
        String::from_utf8_lossy(&head[..read]).into_owned()
    });
    let _ = visit(&astray);
    let head = caught.join().unwrap();
    let query = head
        .split_whitespace()
        .nth(1)
        .unwrap()
        .split_once('?')
        .unwrap()
        .1
        .to_owned();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                scope.spawn(|| {
                    http::get(&format!("{redirect_uri}?{query}"), &[])
                        .map_or(0, |answer| answer.status)
                })
            })
            .collect();
        tasks.into_iter().map(|task| task.join().unwrap()).collect()
    });
    // The code was for another redirect URI, so that the one exchange of it fails, and is not repeated.
    let outcome = login.finish();
    assert_ne!(outcome.code, Some(0), "{outcome}");
    assert_eq!(
        statuses.iter().filter(|status| **status == 303).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(idp.count(Role::Token), 1);
    assert!(machine.sealed().is_empty());
}
