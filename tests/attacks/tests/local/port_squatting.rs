//! Attack: a program waits at the port where the answer will come, on the address family that the host does not use.
//! Stopped by: `localhost` is one port on both addresses or no sign-in, host/broker/src/loopback/bind.rs

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use vestibule_attacks::handed::parameter;
use vestibule_rehearsal::Role;

use crate::{machine_for, provider, visit};

/// A port that was free on both addresses a moment ago.
fn port() -> u16 {
    loop {
        let one = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = one.local_addr().unwrap().port();
        if TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

#[test]
fn a_squatter_on_either_address_ends_the_sign_in_before_the_browser() {
    let idp = provider();
    let port = port();
    let machine = machine_for(
        &idp,
        &format!("redirect = {{ host = \"localhost\", port = {port} }}"),
    );
    let asked = idp.count(Role::Authorization);
    for squatted in [
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
    ] {
        let squatter = TcpListener::bind(squatted).unwrap();
        let login = machine.run(&["login", "corp", "--no-browser", "--json"]);
        login.failed("loopback.port_taken", "host", 1);
        assert!(!login.stderr.contains("Sign in at"), "{login}");
        squatter.set_nonblocking(true).unwrap();
        assert!(squatter.accept().is_err(), "somebody came to {squatted}");
    }
    assert_eq!(idp.count(Role::Authorization), asked);
    assert!(machine.sealed().is_empty());
}

#[test]
fn a_port_that_was_pinned_is_not_exchanged_for_another_one_and_a_free_one_is_not_shared() {
    let idp = provider();
    let port = port();
    let machine = machine_for(
        &idp,
        &format!("redirect = {{ host = \"127.0.0.1\", port = {port} }}"),
    );
    let squatter = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let login = machine.run(&["login", "corp", "--no-browser", "--json"]);
    login.failed("loopback.port_taken", "host", 1);
    drop(squatter);

    let login = machine.start(&["login", "corp", "--no-browser"]);
    let address = login.address();
    assert!(parameter(&address, "redirect_uri").starts_with(&format!("http://127.0.0.1:{port}/")));
    assert!(
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err(),
        "the port is shared"
    );
    // Whoever has the other family has nothing of it: the address names the one that is ours.
    let other = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).unwrap();
    other.set_nonblocking(true).unwrap();
    let _ = visit(&address);
    let _ = login.finish().succeeded();
    assert!(other.accept().is_err());
}
