//! Where the provider shall send the browser (RFC 8252 sections 7.3 and 8.10).

use vestibule_core::{Error, Result, Shown};

use crate::hash;

/// The host of a redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectHost {
    /// `127.0.0.1`, or `[::1]` where there is no IPv4.
    Literal,
    /// `127.0.0.1`, for a provider that has registered exactly this.
    Ipv4,
    /// `[::1]`, for a provider that has registered exactly this.
    Ipv6,
    /// `localhost`, for a provider that insists on it. What the browser makes of the name is not ours to decide, so the port is
    /// held on both addresses, or there is no sign-in (RFC 8252 section 8.3).
    Localhost,
}

/// A redirect URI without its port, or with one that the tenant pins. Legal by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectTarget {
    host: RedirectHost,
    port: Option<u16>,
    path: String,
}

impl RedirectTarget {
    /// The target for an issuer, or for what stands in its place where a tenant has none: a path that no other issuer has, on an
    /// address literal and a port that the system chooses. The same text always gives the same path, as registrations need.
    #[must_use]
    pub fn for_issuer(issuer: &str) -> Self {
        let digest = hash::sha256(issuer);
        let name: String = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            host: RedirectHost::Literal,
            port: None,
            path: format!("/oauth/{name}"),
        }
    }

    /// With another host, as the tenant's file says.
    #[must_use]
    pub fn with_host(self, host: RedirectHost) -> Self {
        Self { host, ..self }
    }

    /// With a port that the provider has registered. Ports below 1024 belong to the system's services.
    pub fn with_port(self, port: u16) -> Result<Self> {
        if port < 1024 {
            return Err(Error::config(
                "config.redirect_port",
                format!("the redirect port {port} is below 1024"),
            ));
        }
        Ok(Self {
            port: Some(port),
            ..self
        })
    }

    /// With a path that the provider has registered: segments of unreserved characters. It must be used for one issuer only, which
    /// is for the one who reads all tenants to check.
    pub fn with_path(self, path: &str) -> Result<Self> {
        let is_plain = |segment: &str| {
            !segment.is_empty()
                && !matches!(segment, "." | "..")
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        match path.strip_prefix('/') {
            Some(rest) if rest.is_empty() || rest.split('/').all(is_plain) => Ok(Self {
                path: path.to_owned(),
                ..self
            }),
            _ => Err(Error::config(
                "config.redirect_path",
                format!(
                    "the redirect path \"{}\" is not a plain absolute path",
                    Shown::new(path)
                ),
            )),
        }
    }

    /// The redirect URI without a port, for registrations at providers that accept any port (RFC 8252 section 7.3). Name the host
    /// for these: [`RedirectHost::Literal`] is written as IPv4 here.
    #[must_use]
    pub fn uri_without_port(&self) -> String {
        let host = match self.host {
            RedirectHost::Literal | RedirectHost::Ipv4 => "127.0.0.1",
            RedirectHost::Ipv6 => "[::1]",
            RedirectHost::Localhost => "localhost",
        };
        match self.port {
            Some(port) => format!("http://{host}:{port}{}", self.path),
            None => format!("http://{host}{}", self.path),
        }
    }

    pub(super) fn host(&self) -> RedirectHost {
        self.host
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.port
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_issuer_has_its_own_path_and_keeps_it() {
        let path = |issuer| RedirectTarget::for_issuer(issuer).path;
        assert_eq!(path("https://a.example"), path("https://a.example"));
        assert_ne!(path("https://a.example"), path("https://a.example/"));
        assert_eq!(path("https://a.example").len(), "/oauth/".len() + 32);
    }

    #[test]
    fn a_pinned_path_or_port_is_plain_or_refused() {
        let target = || RedirectTarget::for_issuer("https://a.example");
        for path in ["/", "/callback", "/oauth/callback-1"] {
            assert_eq!(target().with_path(path).unwrap().path(), path);
        }
        for path in [
            "",
            "callback",
            "//host",
            "/a/",
            "/a?b",
            "/a#b",
            "/..",
            "/a/../b",
            "/%61",
            "/a b",
            "/ä",
            "/a\r\nX: y",
        ] {
            assert!(target().with_path(path).is_err(), "{path}");
        }
        assert!(target().with_port(80).is_err());
        assert_eq!(
            target()
                .with_port(8400)
                .unwrap()
                .with_path("/cb")
                .unwrap()
                .uri_without_port(),
            "http://127.0.0.1:8400/cb"
        );
    }
}
