//! Attack: hundreds of connections that say nothing, or a byte now and then, so that the genuine answer finds no room.
//! Stopped by: a bounded number of connections of which the oldest goes, and a time to say something, host/broker/src/loopback/server.rs

use std::io::{ErrorKind, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use url::Url;
use vestibule_attacks::handed::parameter;
use vestibule_core::limits::LISTENER_CONNECTIONS;
use vestibule_e2e::http;
use vestibule_rehearsal::Role;

use crate::{machine_for, provider, visit};

const IDLE: usize = 500;
const SLOW: usize = 50;

/// Between two bytes of a slow one.
const PAUSE: Duration = Duration::from_millis(50);

/// What a person would put up with, and far less than the time of a flow.
const SOON: Duration = Duration::from_secs(30);

/// What the program has in use without a flood, and as much again for a busy allocator.
const FLAT: u64 = 96 << 20;

/// A connection, opened again whenever it is closed, until the end.
fn slow(address: SocketAddr, ends: &AtomicBool) {
    while !ends.load(Ordering::Relaxed) {
        let Ok(mut stream) = TcpStream::connect(address) else {
            return;
        };
        for byte in b"GET /oauth/ HTTP/1.1\r\nX-Slow: ".iter().cycle() {
            if ends.load(Ordering::Relaxed) || stream.write_all(&[*byte]).is_err() {
                break;
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Whether the other side has neither closed it nor said anything.
fn is_open(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let peeked = stream.peek(&mut [0]);
    peeked.is_err_and(|problem| problem.kind() == ErrorKind::WouldBlock)
}

#[test]
fn idle_and_slow_connections_do_not_hold_up_the_genuine_answer() {
    let idp = provider();
    let machine = machine_for(&idp, "");
    let login = machine.start(&["login", "corp", "--no-browser"]);
    let address = login.address();
    let redirect_uri = Url::parse(&parameter(&address, "redirect_uri")).unwrap();
    let port = redirect_uri.socket_addrs(|| None).unwrap()[0];
    let ends = AtomicBool::new(false);
    let (peak, outcome) = thread::scope(|scope| {
        let idle: Vec<_> = (0..IDLE)
            .filter_map(|_| TcpStream::connect(port).ok())
            .collect();
        assert!(idle.len() > IDLE / 2, "the flood is none: {}", idle.len());
        // Served behind all of them, so that they have come by now; and the oldest have gone.
        let forged = http::get(&format!("{redirect_uri}?code=forged"), &[]).unwrap();
        assert_eq!(forged.status, 400);
        let open = idle.iter().filter(|stream| is_open(stream)).count();
        assert!(open <= LISTENER_CONNECTIONS, "{open} are open");
        for _ in 0..SLOW {
            scope.spawn(|| slow(port, &ends));
        }
        let before = Instant::now();
        let seen = visit(&address);
        assert!(seen.body.contains("You are signed in"), "{seen:?}");
        assert!(before.elapsed() < SOON);
        ends.store(true, Ordering::Relaxed);
        let (outcome, peak) = login.finish_watching_memory();
        drop(idle);
        (peak, outcome)
    });
    let _ = outcome.succeeded();
    assert!(peak < FLAT, "{} MiB", peak >> 20);
    assert_eq!(idp.count(Role::Token), 1);
}
