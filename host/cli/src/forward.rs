//! The line that brings the browser of the person's own machine to the loopback redirect of this one: `ssh -L` (OpenSSH), for the other
//! end of the SSH session that this runs in. PKCE, state and issuer are checked as ever; only the way of the answer is longer.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use crate::environment::Environment;

/// Where this machine is, as the other end of the session sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    user: Option<String>,
    server: Option<SocketAddr>,
}

impl Forward {
    /// What the session says.
    #[must_use]
    pub fn of_this_session() -> Self {
        let variables = Environment::set_among(&["SSH_CONNECTION"]);
        let connection = variables.get("SSH_CONNECTION").map(String::as_str);
        Self::new(connection, Environment::user_name().as_deref())
    }

    /// `connection` is that of sshd: the address and port of the client, then of the server. What is no address, or a name that a
    /// shell would read as more than a word, is left out: the line is there to be pasted.
    fn new(connection: Option<&str>, user: Option<&str>) -> Self {
        let mut words = connection.unwrap_or_default().split(' ').skip(2);
        let server = words.next().and_then(|address| {
            let address: IpAddr = address.split('%').next()?.parse().ok()?;
            Some(SocketAddr::new(address, words.next()?.parse().ok()?))
        });
        let is_word = |name: &&str| {
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
                && !name.starts_with('-')
        };
        Self {
            user: user.filter(is_word).map(str::to_owned),
            server,
        }
    }

    /// The line to paste on the other machine, for this redirect URI; nothing for one that is not on loopback.
    #[must_use]
    pub fn line(&self, redirect_uri: &str) -> Option<String> {
        let uri = Url::parse(redirect_uri).ok()?;
        let port = uri.port()?;
        let host = match uri.host()? {
            Host::Ipv4(address) if address.is_loopback() => address.to_string(),
            Host::Ipv6(address) if address.is_loopback() => format!("[{address}]"),
            Host::Domain("localhost") => "localhost".to_owned(),
            Host::Ipv4(_) | Host::Ipv6(_) | Host::Domain(_) => return None,
        };
        let user = self
            .user
            .as_ref()
            .map_or_else(String::new, |user| format!("{user}@"));
        let target = match self.server {
            Some(server) if server.port() == 22 => format!("{user}{}", server.ip()),
            Some(server) => format!("-p {} {user}{}", server.port(), server.ip()),
            None => format!("{user}THIS-MACHINE"),
        };
        Some(format!("ssh -N -L {host}:{port}:{host}:{port} {target}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(connection: Option<&str>, user: Option<&str>, uri: &str) -> Option<String> {
        Forward::new(connection, user).line(uri)
    }

    #[test]
    fn the_line_forwards_the_port_of_the_redirect_and_nothing_else() {
        let v4 = Some("198.51.100.7 50022 192.0.2.1 22");
        let v6 = Some("2001:db8::7 50022 2001:db8::1 2222");
        let uri = "http://127.0.0.1:40123/callback/abc";
        for (connection, user, uri, expected) in [
            (
                v4,
                Some("ada"),
                uri,
                "ssh -N -L 127.0.0.1:40123:127.0.0.1:40123 ada@192.0.2.1",
            ),
            (
                v6,
                Some("ada"),
                uri,
                "ssh -N -L 127.0.0.1:40123:127.0.0.1:40123 -p 2222 ada@2001:db8::1",
            ),
            (
                v4,
                Some("ada"),
                "http://[::1]:5/cb",
                "ssh -N -L [::1]:5:[::1]:5 ada@192.0.2.1",
            ),
            (
                v4,
                None,
                "http://localhost:5/cb",
                "ssh -N -L localhost:5:localhost:5 192.0.2.1",
            ),
            (
                None,
                Some("ada"),
                "http://[::1]:5/cb",
                "ssh -N -L [::1]:5:[::1]:5 ada@THIS-MACHINE",
            ),
        ] {
            assert_eq!(line(connection, user, uri).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_a_shell_would_read_as_more_than_a_word_is_left_out() {
        let uri = "http://127.0.0.1:5/cb";
        let plain = "ssh -N -L 127.0.0.1:5:127.0.0.1:5 THIS-MACHINE";
        for (connection, user) in [
            ("a b $(reboot) 22", "-oProxyCommand=x"),
            ("a b 192.0.2.1;reboot 22", "ada;reboot"),
            ("a b 192.0.2.1 22`id`", "a b"),
            ("a b", "ada$(id)"),
            ("", "@"),
        ] {
            assert_eq!(
                line(Some(connection), Some(user), uri).as_deref(),
                Some(plain)
            );
        }
        assert_eq!(line(None, None, "http://192.0.2.1:5/cb"), None);
        assert_eq!(line(None, None, "https://idp.example/cb"), None);
    }
}
