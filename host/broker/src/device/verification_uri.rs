//! The verification URI (RFC 8628 section 3.2 and 5.4; DEV-10): where a person is sent, and so a page of the issuer, or nothing.

use std::fmt;

use vestibule_core::{Error, Issuer, ProviderUrl, Result, Shown};

use crate::egress::EgressPolicy;

/// What an address may be to be shown.
pub(super) struct Approved<'a> {
    /// The issuer: its own host counts, at its own port.
    pub(super) issuer: Issuer,
    /// Further hosts that were approved by name, at the port of https.
    pub(super) hosts: &'a [String],
    /// What says whether plain http to a loopback address is the tenant's exception.
    pub(super) loopback_http: &'a EgressPolicy,
}

/// The address of a page of the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerificationUri {
    page: ProviderUrl,
    /// A page may be one of several in one document (RFC 3986 section 3.5); a request does not carry this.
    fragment: Option<String>,
}

impl VerificationUri {
    /// Takes an address.
    ///
    /// # Errors
    /// If it is not of a page of the issuer, or if two parsers, or two people, could read it differently.
    pub(super) fn parse(text: &str, approved: &Approved<'_>) -> Result<Self> {
        // RFC 3986 section 2: a URI is ASCII. What is not, looks like something else.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("has a character that no URI has"));
        }
        let (page, fragment) = match text.split_once('#') {
            Some((page, fragment)) => (page, Some(fragment.to_owned())),
            None => (text, None),
        };
        let page = ProviderUrl::parse(page).map_err(refuse)?;
        if page.is_loopback_http() && approved.loopback_http.check_url(&page).is_err() {
            return Err(refuse("is plain http"));
        }
        if !is_of_the_issuer(&page, approved) {
            return Err(refuse(format!(
                "is on {}, which is neither the issuer's host nor approved by name",
                Shown::whole(page.origin().as_str())
            ))
            .hint("if the provider's page is there, the plugin has to list the host under hosts, where it is approved by name"));
        }
        Ok(Self { page, fragment })
    }

    /// Takes the address that has the code in it: of the same origin as this one.
    ///
    /// # Errors
    /// As for [`Self::parse`], and if the origin is another one.
    pub(super) fn completed(&self, text: &str, approved: &Approved<'_>) -> Result<Self> {
        let complete = Self::parse(text, approved)?;
        if complete.page.origin() != self.page.origin() {
            return Err(refuse(
                "with the code in it is of another origin than the one without",
            ));
        }
        Ok(complete)
    }
}

impl fmt::Display for VerificationUri {
    /// What was checked, to the letter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.page.as_str())?;
        match &self.fragment {
            Some(fragment) => write!(f, "#{fragment}"),
            None => Ok(()),
        }
    }
}

/// As for the standard endpoints (DISC-04): the issuer's own host, or one that was approved by name.
fn is_of_the_issuer(page: &ProviderUrl, approved: &Approved<'_>) -> bool {
    const HTTPS: u16 = 443;
    let issuer = approved.issuer.url();
    let port = |url: &ProviderUrl| url.as_url().port_or_known_default();
    let same_scheme = page.is_loopback_http() == issuer.is_loopback_http();
    (same_scheme && page.host() == issuer.host() && port(page) == port(issuer))
        || (!page.is_loopback_http()
            && port(page) == Some(HTTPS)
            && approved.hosts.iter().any(|host| host == page.host()))
}

fn refuse(why: impl fmt::Display) -> Error {
    Error::provider(
        "device.verification_uri",
        format!(
            "the address at which the provider wants its code entered {why}; nothing was shown"
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::egress::HostPort;

    use super::*;

    fn judged(issuer: &str, text: &str, complete: &str) -> std::result::Result<String, String> {
        let issuer = Issuer::parse(issuer).unwrap();
        let policy = EgressPolicy::new([HostPort::of(issuer.url())]).allow_loopback_http();
        let approved = Approved {
            issuer,
            hosts: &["login.idp.example".to_owned()],
            loopback_http: &policy,
        };
        let uri = VerificationUri::parse(text, &approved);
        let both = uri.and_then(|uri| uri.completed(complete, &approved));
        both.map(|complete| complete.to_string())
            .map_err(|error| format!("{} {}", error.code(), error.message()))
    }

    #[test]
    fn a_page_of_the_issuer_is_shown() {
        for (issuer, text, complete) in [
            (
                "https://idp.example/realm",
                "https://idp.example/device",
                "https://idp.example/device?user_code=WDJB-MJHT",
            ),
            (
                "https://idp.example:8443",
                "https://idp.example:8443/device",
                "https://idp.example:8443/d?c=1",
            ),
            (
                "https://idp.example",
                "https://login.idp.example/",
                "https://login.idp.example/#/device?user_code=1",
            ),
            (
                "http://127.0.0.1:7000",
                "http://127.0.0.1:7000/device",
                "http://127.0.0.1:7000/device?user_code=1",
            ),
        ] {
            assert_eq!(judged(issuer, text, complete).as_deref(), Ok(complete));
        }
    }

    // proves: DEV-10
    #[test]
    fn every_other_address_is_refused() {
        let honest = "https://idp.example/device";
        for text in [
            "https://evil.example/device",
            "https://idp.example.evil.example/device",
            "https://evilidp.example/device",
            "https://other.idp.example/device",
            "http://idp.example/device",
            "http://127.0.0.1:7000/device",
            "http://localhost/device",
            "https://idp.example@evil.example/device",
            "https://idp@idp.example/device",
            "https://idp.example\\@evil.example/device",
            "https://idp.example:8443/device",
            "https://login.idp.example:8443/device",
            "https://idp.example./device",
            "https://%69dp.example/device",
            "https://\u{456}dp.example/device",
            "https://xn--dp-fmc.example/device",
            "https://idp\u{3002}example/device",
            "https://idp.example/d\u{202e}evice",
            "https://idp.example/\u{1b}[2J",
            "https://idp.example/a b",
            "//idp.example/device",
            "idp.example/device",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ftp://idp.example/",
            "data:text/html,x",
            "",
        ] {
            // Both of the same wrong origin too: neither check may lean on the other.
            for (uri, complete) in [(text, honest), (honest, text), (text, text)] {
                let refused = judged("https://idp.example", uri, complete).unwrap_err();
                assert!(
                    refused.starts_with("device.verification_uri "),
                    "{text}: {refused}"
                );
                assert!(!refused.chars().any(vestibule_core::text::is_harmful));
            }
        }
    }

    #[test]
    fn the_complete_address_is_of_the_same_origin() {
        let (own, other) = (
            "https://idp.example/device",
            "https://login.idp.example/device",
        );
        for (uri, complete) in [(own, other), (other, own)] {
            let refused = judged("https://idp.example", uri, complete).unwrap_err();
            assert!(refused.contains("another origin"), "{refused}");
        }
        assert!(judged("https://idp.example", own, own).is_ok());
        assert!(judged("https://idp.example", other, other).is_ok());
    }
}
