//! URLs of providers: one parser for checking and for connecting (NET-05, DISC-02, DISC-09).

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::error::Error;
use crate::limits::URL_BYTES;
use crate::text::Shown;

/// An absolute URL of a provider: https, or http to a loopback IP literal, without userinfo and fragment, written in canonical
/// form, so that every parser reads it as this one does.
///
/// Whether loopback http may be used is the tenant's decision, see [`ProviderUrl::is_loopback_http`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProviderUrl(Url);

impl ProviderUrl {
    /// Parses a URL. The error says what is wrong with it, and blames nobody: the caller knows where the text came from.
    pub fn parse(text: &str) -> std::result::Result<Self, UrlProblem> {
        let parsed = Self::canonical(text)?;
        match parsed.0.scheme() {
            "https" => Ok(parsed),
            "http" if parsed.ip().is_some_and(|ip| ip.is_loopback()) => Ok(parsed),
            _ => Err(UrlProblem::Scheme),
        }
    }

    /// Parses the URL of a service that a platform has for the workloads on it: http to an IP literal that no network routes further
    /// (loopback, link-local, private). Such a URL leads nowhere by itself: the egress check knows each as a whole, or refuses it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_platform(text: &str) -> std::result::Result<Self, UrlProblem> {
        let parsed = Self::canonical(text)?;
        let is_near = parsed.ip().is_some_and(|ip| match ip {
            IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local() || ip.is_private(),
            IpAddr::V6(ip) => {
                ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unique_local()
            }
        });
        if parsed.0.scheme() == "http" && is_near {
            return Ok(parsed);
        }
        Err(UrlProblem::Platform)
    }

    fn canonical(text: &str) -> std::result::Result<Self, UrlProblem> {
        if text.len() > URL_BYTES {
            return Err(UrlProblem::TooLong);
        }
        // The URL standard repairs these silently, and other parsers differ in how.
        if text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
        {
            return Err(UrlProblem::Ambiguous);
        }
        let url = Url::parse(text).map_err(|_| UrlProblem::NotAbsolute)?;
        if !url.username().is_empty()
            || url.password().is_some()
            || authority(text).is_some_and(|a| a.contains('@'))
        {
            return Err(UrlProblem::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(UrlProblem::Fragment);
        }
        let host = url.host_str().ok_or(UrlProblem::NotAbsolute)?;
        let written = authority(text).map(without_port).unwrap_or_default();
        // `127.1`, `0x7f000001` and percent-encoded hosts are addresses in disguise; a trailing dot is another name for the same host.
        let named = url.domain().is_none_or(is_host_name);
        if !written.eq_ignore_ascii_case(host) || !named {
            return Err(UrlProblem::NonCanonicalHost);
        }
        Ok(Self(url))
    }

    /// The text that is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed form.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether it is plain http to a loopback IP literal.
    #[must_use]
    pub fn is_loopback_http(&self) -> bool {
        self.is_http() && self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// Whether it is plain http: to a loopback IP literal, or to a service of the platform ([`ProviderUrl::parse_platform`]).
    #[must_use]
    pub fn is_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The host in ASCII form, without brackets and port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
    }

    /// The IP address, where the host is a literal.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
            Host::Domain(_) => None,
        }
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin(self.0.origin().ascii_serialization())
    }
}

impl fmt::Display for ProviderUrl {
    /// Without the query: what a log or a person needs, and nothing that could have been secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.0.path())
    }
}

impl fmt::Debug for ProviderUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{self}>")
    }
}

/// Scheme, host in ASCII form, and port if it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// As browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An issuer identifier (RFC 8414 section 2): a URL without query and fragment, compared and kept character for character.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Issuer {
    raw: String,
    url: ProviderUrl,
}

impl Issuer {
    /// Parses an issuer identifier, and keeps the original text.
    pub fn parse(raw: &str) -> std::result::Result<Self, UrlProblem> {
        let url = ProviderUrl::parse(raw)?;
        if url.as_url().query().is_some() {
            return Err(UrlProblem::Query);
        }
        // What a provider's documentation has for "your tenant": an alias that stands for many is no issuer (POL-02).
        if raw.contains(['{', '}', '*']) {
            return Err(UrlProblem::Template);
        }
        Ok(Self {
            raw: raw.to_owned(),
            url,
        })
    }

    /// The text as configured. The only form that is ever compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// The parsed form, for connecting.
    #[must_use]
    pub fn url(&self) -> &ProviderUrl {
        &self.url
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A parsed issuer has no control characters, whitespace or non-ASCII host; its path may still be any text. Its length is
        // that of a URL: cut anywhere, a long host would be taken for another.
        write!(f, "{}", Shown::whole(&self.raw))
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{self}>")
    }
}

/// What is wrong with a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Longer than any honest one.
    #[error("longer than {URL_BYTES} bytes")]
    TooLong,
    /// Parsers differ on it.
    #[error("has white space, a backslash or a control character")]
    Ambiguous,
    /// Relative, or not a URL.
    #[error("is not an absolute URL")]
    NotAbsolute,
    /// `user@host`.
    #[error("has a user name before the host")]
    UserInfo,
    /// `#…`.
    #[error("has a fragment")]
    Fragment,
    /// `?…`, where an issuer may have none.
    #[error("has a query, which an issuer identifier may not (RFC 8414 section 2)")]
    Query,
    /// `{tenant}` or `*`, where an issuer names one party.
    #[error("is a template: write the issuer identifier of one tenant, as its metadata has it")]
    Template,
    /// An address in disguise, an encoded name, a pattern, or a trailing dot.
    #[error("has a host that is not in canonical form")]
    NonCanonicalHost,
    /// Neither https nor loopback http.
    #[error("is neither https nor http to a loopback IP address")]
    Scheme,
    /// Not where a platform has a service.
    #[error("is not http to an IP address of this machine or its own network")]
    Platform,
}

impl UrlProblem {
    /// As an error of the configuration: `what` names the line or member that has the URL.
    #[must_use]
    pub fn in_config(self, what: &str, text: &str) -> Error {
        Error::config(
            "config.url",
            format!("{} \"{}\" {self}", Shown::new(what), Shown::new(text)),
        )
    }
}

/// Letters, digits, hyphens and underscores, in labels that are not empty (RFC 1123 section 2.1). The URL standard lets more through,
/// such as `*` and `{`, that looks like a pattern and would be looked up all the same.
fn is_host_name(host: &str) -> bool {
    host.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

/// The authority as written: between `//` and the next `/`, `?` or `#`.
fn authority(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("//")?;
    rest.split(['/', '?', '#']).next()
}

fn without_port(authority: &str) -> &str {
    if let Some(end) = authority.rfind(']') {
        return authority.get(..=end).unwrap_or(authority);
    }
    authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_http_are_urls() {
        for text in [
            "https://idp.example/a?b=c",
            "https://idp.example:8443",
            "http://127.0.0.1:1/x",
            "http://[::1]:1/x",
            "HTTPS://IDP.example/",
        ] {
            assert!(ProviderUrl::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn ambiguous_urls_are_refused_with_the_reason() {
        for (text, problem) in [
            ("http://idp.example/", UrlProblem::Scheme),
            ("http://localhost:1/", UrlProblem::Scheme),
            ("file:///etc/passwd", UrlProblem::NotAbsolute),
            ("javascript:alert(1)", UrlProblem::NotAbsolute),
            ("https://idp.example@evil.example/", UrlProblem::UserInfo),
            ("https://@evil.example/", UrlProblem::UserInfo),
            ("https://idp.example\\@evil.example/", UrlProblem::Ambiguous),
            ("https://idp.example/ a", UrlProblem::Ambiguous),
            ("https://idp.example/\n", UrlProblem::Ambiguous),
            ("https://idp.example/#f", UrlProblem::Fragment),
            ("https://127.1/", UrlProblem::NonCanonicalHost),
            ("https://0x7f000001/", UrlProblem::NonCanonicalHost),
            ("https://2130706433/", UrlProblem::NonCanonicalHost),
            ("https://idp.example./", UrlProblem::NonCanonicalHost),
            ("https://%69dp.example/", UrlProblem::NonCanonicalHost),
            ("https://.idp.example/", UrlProblem::NonCanonicalHost),
            ("https://idp..example/", UrlProblem::NonCanonicalHost),
            ("https://*.idp.example/", UrlProblem::NonCanonicalHost),
            ("https://{x}.idp.example/", UrlProblem::NonCanonicalHost),
            ("https:idp.example", UrlProblem::NonCanonicalHost),
            ("idp.example", UrlProblem::NotAbsolute),
            ("-x", UrlProblem::NotAbsolute),
        ] {
            assert_eq!(ProviderUrl::parse(text).err(), Some(problem), "{text}");
        }
        assert_eq!(
            ProviderUrl::parse(&format!("https://h/{}", "a".repeat(URL_BYTES))).err(),
            Some(UrlProblem::TooLong)
        );
    }

    #[test]
    fn a_platforms_service_is_near_and_of_no_use_to_anybody_else() {
        for text in [
            "http://169.254.169.254/latest/api/token",
            "http://127.0.0.1:41566/MSI/token/",
            "http://172.16.0.5:8081/msi/token",
            "http://[fd00:ec2::254]/latest",
            "http://[fe80::1]/x",
        ] {
            assert!(ProviderUrl::parse_platform(text).is_ok(), "{text}");
            let near = ProviderUrl::parse(text).is_ok();
            assert_eq!(near, text.contains("127.0.0.1"), "{text}");
        }
        for text in [
            "https://169.254.169.254/",
            "http://metadata.google.internal/",
            "http://localhost/",
            "http://8.8.8.8/",
            "http://0.0.0.0/",
            "http://[::ffff:169.254.169.254]/",
            "http://user@169.254.169.254/",
            "http://2852039166/",
        ] {
            assert!(ProviderUrl::parse_platform(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_issuer_keeps_its_characters() {
        for raw in [
            "https://h",
            "https://h/",
            "https://h:443",
            "HTTPS://h",
            "https://h/%7Etenant",
        ] {
            assert_eq!(Issuer::parse(raw).unwrap().as_str(), raw);
        }
        assert_ne!(
            Issuer::parse("https://h").unwrap(),
            Issuer::parse("https://h/").unwrap()
        );
        assert_eq!(Issuer::parse("https://h?x").err(), Some(UrlProblem::Query));
        for template in [
            "https://h/{tenantid}/v2.0",
            "https://h/*/v2.0",
            "https://h/}",
        ] {
            assert_eq!(
                Issuer::parse(template).err(),
                Some(UrlProblem::Template),
                "{template}"
            );
        }
    }

    #[test]
    fn a_displayed_url_has_no_query() {
        assert_eq!(
            ProviderUrl::parse("https://h/p?code=marker")
                .unwrap()
                .to_string(),
            "https://h/p"
        );
    }
}
