//! Loopback sockets that nobody else can have (RFC 8252 section 8.3, appendix B).
//!
//! No socket here asks to share its address. On Linux and macOS that alone keeps others out. On Windows a program of the same user
//! could still take a port over by asking to share it, unless `SO_EXCLUSIVEADDRUSE` is set, which no safe interface offers yet;
//! Windows is not a released platform before it does.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};
use vestibule_core::limits::LISTENER_BACKLOG;
use vestibule_core::{Error, Result};

use super::target::RedirectHost;

const IPV4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const IPV6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// How many ports are tried until one is free on both addresses. Two in a row that are not are bad luck, eight are not luck.
const PORTS_FOR_BOTH: u8 = 8;

/// One socket, or two with the same port.
#[derive(Debug)]
pub(super) struct Bound {
    sockets: Vec<TcpListener>,
    /// `host:port` as it stands in the redirect URI.
    authority: String,
}

impl Bound {
    pub(super) fn new(host: RedirectHost, port: Option<u16>) -> Result<Self> {
        let bound = match host {
            RedirectHost::Literal => first_available(&[IPV4, IPV6], port),
            RedirectHost::Ipv4 => first_available(&[IPV4], port),
            RedirectHost::Ipv6 => first_available(&[IPV6], port),
            RedirectHost::Localhost => both(port),
        };
        bound.map_err(|error| explain(&error, host, port))
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn into_sockets(self) -> Vec<TcpListener> {
        self.sockets
    }
}

/// The first of the addresses that this machine has. A port that is taken is not a reason to go on to the next address: the
/// provider expects the one that it knows.
fn first_available(addresses: &[IpAddr], port: Option<u16>) -> io::Result<Bound> {
    let mut missing = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in addresses {
        match exclusive(*address, port.unwrap_or(0)) {
            Ok(socket) => {
                return Ok(Bound {
                    authority: socket.local_addr()?.to_string(),
                    sockets: vec![socket],
                });
            }
            Err(error) if is_missing(&error) => missing = error,
            Err(error) => return Err(error),
        }
    }
    Err(missing)
}

/// The same port on both addresses.
fn both(port: Option<u16>) -> io::Result<Bound> {
    let mut attempts = match port {
        Some(_) => 1,
        None => PORTS_FOR_BOTH,
    };
    loop {
        attempts -= 1;
        let first = exclusive(IPV4, port.unwrap_or(0))?;
        let port = first.local_addr()?.port();
        match exclusive(IPV6, port) {
            Ok(second) => {
                return Ok(Bound {
                    sockets: vec![first, second],
                    authority: format!("localhost:{port}"),
                });
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse && attempts > 0 => {}
            Err(error) => return Err(error),
        }
    }
}

/// A listening socket on one loopback address, without `SO_REUSEADDR` and `SO_REUSEPORT` (`std` would set the former).
fn exclusive(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let address = SocketAddr::new(address, port);
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(LISTENER_BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn is_missing(error: &io::Error) -> bool {
    // A kernel without the family says that it is not supported, for which `ErrorKind` has only a general name.
    error.kind() == ErrorKind::AddrNotAvailable
        || error.kind() == ErrorKind::Unsupported
        || is_unknown_family(error)
}

#[cfg(target_os = "linux")]
fn is_unknown_family(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 97;
    error.raw_os_error() == Some(EAFNOSUPPORT)
}

#[cfg(target_os = "macos")]
fn is_unknown_family(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 47;
    error.raw_os_error() == Some(EAFNOSUPPORT)
}

#[cfg(windows)]
fn is_unknown_family(error: &io::Error) -> bool {
    const WSAEAFNOSUPPORT: i32 = 10047;
    error.raw_os_error() == Some(WSAEAFNOSUPPORT)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn is_unknown_family(_: &io::Error) -> bool {
    false
}

fn explain(error: &io::Error, host: RedirectHost, port: Option<u16>) -> Error {
    let place = match (host, port) {
        (RedirectHost::Localhost, Some(port)) => {
            format!("port {port} on both 127.0.0.1 and ::1")
        }
        (RedirectHost::Localhost, None) => "one port on both 127.0.0.1 and ::1".to_owned(),
        (_, Some(port)) => format!("port {port}"),
        (_, None) => "a loopback port".to_owned(),
    };
    if error.kind() == ErrorKind::AddrInUse {
        return Error::host(
            "loopback.port_taken",
            format!("{place} cannot be had: another program has it"),
        )
        .hint("end that program; if you do not know it, it may be waiting for your sign-in");
    }
    Error::host("loopback.bind", format!("{place} cannot be had: {error}"))
        .hint("run: vestibule doctor")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address for documentation (RFC 5737), which no machine has on its loopback.
    const ABSENT: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

    // proves: LOOP-03
    #[test]
    fn the_redirect_uri_has_an_address_literal_and_localhost_is_held_on_both_or_not_at_all() {
        let literal = Bound::new(RedirectHost::Literal, None).unwrap();
        assert!(literal.authority().parse::<SocketAddr>().is_ok());

        // Where one family is missing, the other is used; where both are, nothing is.
        for present in [IPV4, IPV6] {
            let bound = first_available(&[ABSENT, present], None).unwrap();
            let address: SocketAddr = bound.authority().parse().unwrap();
            assert_eq!(address.ip(), present);
        }
        assert!(first_available(&[ABSENT], None).is_err());

        // `localhost` is one port on both addresses, and a squatter on either one ends it.
        let held = Bound::new(RedirectHost::Localhost, None).unwrap();
        let addresses: Vec<_> = held
            .sockets
            .iter()
            .map(|socket| socket.local_addr().unwrap())
            .collect();
        let port = addresses[0].port();
        assert_eq!(held.authority(), format!("localhost:{port}"));
        assert_eq!(
            addresses,
            [SocketAddr::new(IPV4, port), SocketAddr::new(IPV6, port)]
        );
        drop(held);
        for address in [IPV6, IPV4] {
            let squatter = exclusive(address, port).unwrap();
            let error = Bound::new(RedirectHost::Localhost, Some(port)).unwrap_err();
            assert_eq!(error.code(), "loopback.port_taken");
            drop(squatter);
        }
        assert!(Bound::new(RedirectHost::Localhost, Some(port)).is_ok());
    }

    #[test]
    fn a_taken_port_is_not_exchanged_for_another_address() {
        let squatter = exclusive(IPV4, 0).unwrap();
        let port = squatter.local_addr().unwrap().port();
        let error = first_available(&[IPV4, IPV6], Some(port)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
    }
}
