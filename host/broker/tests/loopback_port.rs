//! The port of the loopback listener: where it is, who can have it, and when it is open (RFC 8252 sections 7.3, 8.3, 8.10).
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

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use attempt::{Attempt, CODE, exchange, is_open, request};
use socket2::{Domain, Socket, Type};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use vestibule_broker::authorization_response::{Expectation, IssParameter};
use vestibule_broker::loopback::{Listener, Outcome, RedirectHost, RedirectTarget};
use vestibule_core::Secret;

const LONG: Duration = Duration::from_secs(60);

fn target() -> RedirectTarget {
    RedirectTarget::for_issuer(attempt::ISSUER)
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

// proves: LOOP-01
#[tokio::test]
async fn only_loopback_addresses_listen_and_no_other_interface_answers() {
    for host in [
        RedirectHost::Literal,
        RedirectHost::Ipv4,
        RedirectHost::Ipv6,
        RedirectHost::Localhost,
    ] {
        let attempt = Attempt::start_at(&target().with_host(host), LONG);
        let port = attempt.uri.port().unwrap();
        let listening = listening_addresses(port);
        assert!(!listening.is_empty());
        assert!(listening.iter().all(IpAddr::is_loopback), "{listening:?}");
        for other in other_local_addresses() {
            assert!(!is_open(SocketAddr::new(other, port)).await, "{other}");
        }
    }
}

/// Local addresses that are not the ones to listen on: those of the interfaces that lead outside, and a second loopback address.
fn other_local_addresses() -> Vec<IpAddr> {
    let mut addresses = vec![IpAddr::from([127, 0, 0, 2])];
    // "Connecting" a datagram socket sends nothing; it tells from which address one would send.
    for (from, to) in [
        ("0.0.0.0:0", "203.0.113.1:9"),
        ("[::]:0", "[2001:db8::1]:9"),
    ] {
        if let Ok(socket) = UdpSocket::bind(from)
            && socket.connect(to).is_ok()
        {
            addresses.push(socket.local_addr().unwrap().ip());
        }
    }
    addresses
}

/// The addresses on which this machine listens at a port, as the kernel lists them.
fn listening_addresses(port: u16) -> Vec<IpAddr> {
    const LISTEN: &str = "0A";
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .flat_map(|table| {
            let table = std::fs::read_to_string(table).unwrap_or_default();
            table.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .filter_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let (address, at) = fields.get(1)?.split_once(':')?;
            (*fields.get(3)? == LISTEN && u16::from_str_radix(at, 16) == Ok(port))
                .then(|| kernel_address(address))
        })
        .collect()
}

/// The kernel prints 32-bit words in the byte order of the machine.
fn kernel_address(hex: &str) -> IpAddr {
    let bytes: Vec<u8> = (0..hex.len() / 8)
        .flat_map(|word| {
            let word = u32::from_str_radix(&hex[word * 8..word * 8 + 8], 16).unwrap();
            word.to_ne_bytes()
        })
        .collect();
    match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(v4) => Ipv4Addr::from(v4).into(),
        Err(_) => Ipv6Addr::from(<[u8; 16]>::try_from(bytes.as_slice()).unwrap()).into(),
    }
}

// proves: LOOP-02
#[tokio::test]
async fn the_system_chooses_the_port_unless_one_is_pinned() {
    let mut ports = HashSet::new();
    let mut squatters = Vec::new();
    for _ in 0..20 {
        let attempt = Attempt::start();
        let port = attempt.uri.port().unwrap();
        ports.insert(port);
        assert_eq!(attempt.complete().await, CODE);
        // From now on somebody else has it; the next attempt must not care.
        squatters.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
    }
    assert!(ports.len() > 10, "{ports:?}");

    let pinned = free_port();
    let attempt = Attempt::start_at(&target().with_port(pinned).unwrap(), LONG);
    assert_eq!(attempt.uri.port(), Some(pinned));
}

#[tokio::test]
async fn localhost_is_answered_on_both_addresses() {
    for address in [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        Ipv6Addr::LOCALHOST.into(),
    ] {
        let attempt = Attempt::start_at(&target().with_host(RedirectHost::Localhost), LONG);
        assert_eq!(attempt.uri.host_str(), Some("localhost"));
        let address = SocketAddr::new(address, attempt.uri.port().unwrap());
        let reply = exchange(address, &request("GET", &attempt.genuine(), attempt.host())).await;
        assert_eq!(reply.unwrap().status, 303);
        assert!(attempt.waiting.await.unwrap().is_ok());
    }
}

// proves: LOOP-04
#[tokio::test]
async fn nobody_else_can_bind_the_port_whatever_they_ask_for() {
    for host in [
        RedirectHost::Ipv4,
        RedirectHost::Ipv6,
        RedirectHost::Localhost,
    ] {
        let attempt = Attempt::start_at(&target().with_host(host), LONG);
        let port = attempt.uri.port().unwrap();
        let v4 = [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED].map(IpAddr::from);
        let v6 = [Ipv6Addr::LOCALHOST, Ipv6Addr::UNSPECIFIED].map(IpAddr::from);
        let held = match host {
            RedirectHost::Literal | RedirectHost::Ipv4 => v4.to_vec(),
            RedirectHost::Ipv6 => v6.to_vec(),
            RedirectHost::Localhost => [v4, v6].concat(),
        };
        for address in held {
            for (reuse_address, reuse_port) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let address = SocketAddr::new(address, port);
                let rival = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
                rival.set_reuse_address(reuse_address).unwrap();
                rival.set_reuse_port(reuse_port).unwrap();
                let taken = rival.bind(&address.into()).and_then(|()| rival.listen(1));
                assert!(
                    taken.is_err(),
                    "{address} with reuse of address {reuse_address}, of port {reuse_port}"
                );
            }
        }
    }
}

// proves: LOOP-05
#[tokio::test]
async fn the_port_is_open_for_the_attempt_and_no_longer() {
    // Pinned, so that the same port can be asked before and after, and each attempt shows that the last one let go of it.
    let port = free_port();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let pinned = target().with_port(port).unwrap();

    assert!(!is_open(address).await, "before");
    let attempt = Attempt::start_at(&pinned, LONG);
    assert!(is_open(address).await, "during");
    let moved = attempt.get(&attempt.genuine()).await;
    let host = attempt.host().to_owned();
    let accepted = attempt.waiting.await.unwrap().unwrap();
    let done = moved.header("location").unwrap().trim_end_matches('#');
    let done = request("GET", done, &host);
    let (page, ()) = tokio::join!(
        exchange(address, &done),
        accepted.page.finish(Outcome::SignedIn)
    );
    assert!(page.unwrap().body.contains("You are signed in"));
    assert!(!is_open(address).await, "after success");

    let attempt = Attempt::start_at(&pinned, LONG);
    let denied = attempt.target(&format!("error=access_denied&state={}", attempt.state));
    let moved = attempt.get(&denied).await;
    let done = moved.header("location").unwrap().trim_end_matches('#');
    let page = attempt.get(done).await;
    assert!(page.body.contains("Sign-in was refused"));
    let error = attempt.waiting.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "authorization.access_denied");
    assert!(!is_open(address).await, "after denial");

    let attempt = Attempt::start_at(&pinned, Duration::from_millis(500));
    // Somebody who is connected to the very end must not keep the port from the next attempt.
    let _idle = TcpStream::connect(address).await.unwrap();
    let error = attempt.waiting.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "loopback.timeout");
    assert!(!is_open(address).await, "after the deadline");

    let listener = Listener::bind(&pinned).unwrap();
    let expectation = Expectation {
        state: Secret::new("s".to_owned()),
        issuer: None,
        iss: IssParameter::Ignored,
    };
    let waiting = listener.wait(expectation, Instant::now() + LONG);
    assert!(timeout(Duration::from_millis(20), waiting).await.is_err());
    assert!(!is_open(address).await, "after Ctrl-C");

    drop(Listener::bind(&pinned).unwrap());
    assert!(!is_open(address).await, "after an error before the wait");
}

#[tokio::test]
async fn a_dropped_page_closes_the_port() {
    let attempt = Attempt::start();
    let address = attempt.address();
    attempt.get(&attempt.genuine()).await;
    drop(attempt.waiting.await.unwrap().unwrap());
    let closed = timeout(Duration::from_secs(5), async {
        while is_open(address).await {
            tokio::task::yield_now().await;
        }
    });
    assert!(closed.await.is_ok());
}

// proves: LOOP-09
#[tokio::test]
async fn an_answer_at_another_issuers_address_is_rejected() {
    let start = |issuer| Attempt::start_at(&RedirectTarget::for_issuer(issuer), LONG);
    let (a, b) = (start("https://a.example"), start("https://b.example"));
    assert_ne!(a.uri.path(), b.uri.path());

    // A's response at B: as it stands, at B's path, and with B's name for the host.
    let at_bs_path = b.target(&format!("code={CODE}&state={}", a.state));
    for (target, host) in [
        (a.genuine(), a.host()),
        (a.genuine(), b.host()),
        (at_bs_path, b.host()),
    ] {
        let reply = b.send(&request("GET", &target, host)).await.unwrap();
        assert!((400..500).contains(&reply.status), "{target}");
    }
    // B's path at A's port, with A's own state.
    let reply = a
        .get(&b.target(&format!("code={CODE}&state={}", a.state)))
        .await;
    assert_eq!(reply.status, 404);

    assert_eq!(a.complete().await, CODE);
    assert_eq!(b.complete().await, CODE);
}
