//! What the provider saw and said: every request in full, every secret by kind, both bounded.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::encoding::{Fields, field};

/// Requests kept; the oldest go first. The counters go on.
const REQUESTS: usize = 20_000;
/// Bytes of requests kept, roughly: a body may be a megabyte.
const BYTES: usize = 64 * 1024 * 1024;
/// Secrets kept. A flow makes about ten.
const SECRETS: usize = 200_000;

/// What an endpoint is for. Both shapes of provider use the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// OIDC Discovery §4, `/.well-known/openid-configuration`.
    Discovery,
    /// RFC 8414 §3, `/.well-known/oauth-authorization-server`.
    ServerMetadata,
    /// RFC 7517 §5.
    Jwks,
    /// RFC 6749 §3.1, the page that asks.
    Authorization,
    /// The form POST behind that page.
    Consent,
    /// RFC 9126.
    PushedAuthorization,
    /// RFC 6749 §3.2.
    Token,
    /// RFC 7009.
    Revocation,
    /// RFC 7662.
    Introspection,
    /// OIDC Core §5.3.
    UserInfo,
    /// The protected demo API.
    Api,
    /// RFC 8628 §3.1.
    DeviceAuthorization,
    /// RFC 8628 §3.3, the page on which a user code is typed.
    Verification,
    /// Identity Center: `RegisterClient`.
    Registration,
    /// Identity Center: `ListAccounts`.
    Accounts,
    /// Identity Center: `ListAccountRoles`.
    AccountRoles,
    /// Identity Center: `GetRoleCredentials`.
    RoleCredentials,
    /// Identity Center: `Logout`.
    PortalLogout,
    /// No such endpoint.
    Unknown,
}

/// A request as the provider received it, secrets included.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// Counts from 1 over the life of the provider.
    pub number: u64,
    /// Seconds since the Unix epoch by the provider's [`crate::Clock`].
    pub at: u64,
    /// Which TCP connection it came on, counted from 1. Equal numbers mean a reused connection.
    pub connection: u64,
    /// The endpoint.
    pub role: Role,
    /// The method as sent.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// The path alone.
    pub path: String,
    /// The query, decoded, in order, duplicates kept.
    pub query: Vec<(String, String)>,
    /// The headers in order, names as sent.
    pub headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: Vec<u8>,
    /// The body's form fields, or top-level JSON members.
    pub fields: Vec<(String, String)>,
    /// The status that was answered; a dropped or stalled connection has none.
    pub answered: Option<u16>,
}

impl Seen {
    /// The first form field or JSON member of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }

    /// The first query parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        field(&self.query, name)
    }

    /// The first header of that name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Bytes on the wire, near enough: what is parsed from them doubles it at most.
    fn size(&self) -> usize {
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        self.target.len() + self.body.len() + headers
    }
}

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretKind {
    /// An authorization code, issued.
    Code,
    /// A PKCE verifier, received.
    Verifier,
    /// A `state`, received.
    State,
    /// A `nonce`, received.
    Nonce,
    /// A PAR `request_uri`, issued.
    RequestUri,
    /// An access token, issued.
    AccessToken,
    /// A refresh token, issued.
    RefreshToken,
    /// An ID token, issued.
    IdToken,
    /// A device code, issued.
    DeviceCode,
    /// An assertion, of a client or of a workload, received.
    Assertion,
    /// A client's secret: configured, or issued at registration.
    ClientSecret,
    /// A cloud secret key or session token, issued by the portal.
    CloudKey,
}

/// A secret that this provider issued or received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Secret {
    /// What it is.
    pub kind: SecretKind,
    /// The value in plain.
    pub value: String,
}

#[derive(Default)]
pub(crate) struct Record(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    seen: VecDeque<Seen>,
    bytes: usize,
    counts: HashMap<Role, u64>,
    total: u64,
    secrets: Vec<Secret>,
    known: HashSet<Secret>,
}

impl Record {
    /// Writes a request down and gives it its number.
    pub(crate) fn note_request(&self, mut seen: Seen) {
        let mut pages = self.pages();
        pages.total += 1;
        seen.number = pages.total;
        *pages.counts.entry(seen.role).or_default() += 1;
        pages.bytes += seen.size();
        while pages.seen.len() >= REQUESTS || pages.bytes > BYTES {
            let Some(oldest) = pages.seen.pop_front() else {
                break;
            };
            pages.bytes -= oldest.size();
        }
        pages.seen.push_back(seen);
    }

    pub(crate) fn note_secret(&self, kind: SecretKind, value: &str) {
        let mut pages = self.pages();
        let secret = Secret {
            kind,
            value: value.to_owned(),
        };
        if !value.is_empty() && pages.secrets.len() < SECRETS && pages.known.insert(secret.clone())
        {
            pages.secrets.push(secret);
        }
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.pages().seen.iter().cloned().collect()
    }

    pub(crate) fn count(&self, role: Role) -> u64 {
        self.pages().counts.get(&role).copied().unwrap_or_default()
    }

    pub(crate) fn secrets(&self) -> Vec<Secret> {
        self.pages().secrets.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The secrets that a client sends, whichever endpoint it sends them to and however it spells their names.
pub(crate) fn received(fields: &Fields) -> impl Iterator<Item = (SecretKind, &str)> {
    fields.iter().filter_map(|(name, value)| {
        let kind = match name.as_str() {
            "state" => SecretKind::State,
            "nonce" => SecretKind::Nonce,
            "code_verifier" | "codeVerifier" => SecretKind::Verifier,
            "assertion" | "subject_token" | "actor_token" | "client_assertion" => {
                SecretKind::Assertion
            }
            _ => return None,
        };
        Some((kind, value.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Vec<u8>) -> Seen {
        Seen {
            number: 0,
            at: 0,
            connection: 1,
            role: Role::Token,
            method: "POST".to_owned(),
            target: "/token".to_owned(),
            path: "/token".to_owned(),
            query: Fields::new(),
            headers: Fields::new(),
            body,
            fields: Fields::new(),
            answered: Some(200),
        }
    }

    #[test]
    fn large_requests_push_the_oldest_out_and_are_still_counted() {
        let record = Record::default();
        for _ in 0..70 {
            record.note_request(request(vec![0; 1024 * 1024]));
        }
        let kept = record.requests();
        assert!(kept.len() < 64 && kept.len() > 60);
        assert_eq!(kept.last().unwrap().number, 70);
        assert_eq!(record.count(Role::Token), 70);
    }

    #[test]
    fn a_secret_is_written_down_once() {
        let record = Record::default();
        for value in ["a", "a", "", "b"] {
            record.note_secret(SecretKind::Code, value);
        }
        assert_eq!(record.secrets().len(), 2);
    }
}
