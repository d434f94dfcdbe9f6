//! How the provider behaves: honest, unless a line of the script says otherwise.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::record::Role;
use crate::signer::Signer;
use crate::twist::{Fault, Twist};

/// Which key signs ID tokens. All three are always in the key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 (RFC 7518 §3.4).
    Es256,
    /// RSA PKCS #1 v1.5 with 2048 bits (RFC 7518 §3.3).
    Rs256,
    /// Ed25519, named `EdDSA` (RFC 8037 §3.1).
    EdDsa,
}

/// What the provider makes of pushed authorization requests (RFC 9126).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Par {
    /// Not advertised; the endpoint does not exist.
    Absent,
    /// Advertised, not required.
    Offered,
    /// Required: an authorization request that was not pushed is refused.
    Required,
}

/// A provider's behaviour. Build it from [`Script::honest`].
#[derive(Clone, Debug)]
pub struct Script {
    pub(crate) path: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) client_key: Option<Arc<Signer>>,
    pub(crate) wants_token_endpoint_as_audience: bool,
    pub(crate) platform: Option<Arc<Signer>>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) any_redirect_path: bool,
    pub(crate) access_ttl: Duration,
    pub(crate) refresh_ttl: Duration,
    pub(crate) registration_ttl: Duration,
    pub(crate) poll_interval: Duration,
    pub(crate) clock: Clock,
    pub(crate) par: Par,
    pub(crate) signing: SigningAlgorithm,
    pub(crate) device: bool,
    pub(crate) twists: Vec<Twist>,
    pub(crate) faults: Vec<(Role, Fault, Option<u32>)>,
}

impl Script {
    /// The client id that is registered unless the script names another.
    pub const CLIENT_ID: &'static str = "rehearsal-cli";

    /// A provider that does everything right: one public client [`Self::CLIENT_ID`] with the redirect URI `/callback` on a loopback
    /// literal and any port, access tokens for 300 s, refresh tokens for a day, PAR offered, ES256, device flow on.
    #[must_use]
    pub fn honest() -> Self {
        Self {
            path: String::new(),
            client_id: Self::CLIENT_ID.to_owned(),
            client_secret: None,
            client_key: None,
            wants_token_endpoint_as_audience: false,
            platform: None,
            redirect_uris: vec![
                "http://127.0.0.1/callback".to_owned(),
                "http://[::1]/callback".to_owned(),
            ],
            any_redirect_path: false,
            access_ttl: Duration::from_secs(300),
            refresh_ttl: Duration::from_secs(24 * 3600),
            registration_ttl: Duration::from_secs(90 * 24 * 3600),
            poll_interval: Duration::from_secs(5),
            clock: Clock::new(),
            par: Par::Offered,
            signing: SigningAlgorithm::Es256,
            device: true,
            twists: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// The issuer gets this path (`/realms/one`), with a leading slash and no trailing one.
    #[must_use]
    pub fn at_path(mut self, path: &str) -> Self {
        let trimmed = path.trim_matches('/');
        self.path = if trimmed.is_empty() {
            String::new()
        } else {
            format!("/{trimmed}")
        };
        self
    }

    /// Registers the client under this id.
    #[must_use]
    pub fn client(mut self, id: &str) -> Self {
        id.clone_into(&mut self.client_id);
        self
    }

    /// Makes the client confidential: it must authenticate with this secret, by Basic or in the body.
    #[must_use]
    pub fn client_secret(mut self, secret: &str) -> Self {
        self.client_secret = Some(secret.to_owned());
        self
    }

    /// Makes the client confidential: it must authenticate with assertions that this key has signed (RFC 7523 §2.2), and in no other way.
    #[must_use]
    pub fn client_key(mut self, key: &Arc<Signer>) -> Self {
        self.client_key = Some(Arc::clone(key));
        self
    }

    /// Accepts assertions of clients for the URL of the token endpoint, and for nothing else, as old providers do.
    #[must_use]
    pub fn wants_token_endpoint_as_audience(mut self) -> Self {
        self.wants_token_endpoint_as_audience = true;
        self
    }

    /// Believes what this platform says of workloads (RFC 7523 §2.1), if it says it for this issuer.
    #[must_use]
    pub fn trusts(mut self, platform: &Arc<Signer>) -> Self {
        self.platform = Some(Arc::clone(platform));
        self
    }

    /// Registers one more redirect URI. For a loopback literal over http the port is ignored (RFC 8252 §7.3).
    #[must_use]
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.to_owned());
        self
    }

    /// Accepts any path on a loopback literal: for clients that use a path of their own for each issuer.
    #[must_use]
    pub fn any_redirect_path(mut self) -> Self {
        self.any_redirect_path = true;
        self
    }

    /// How long an access token lives.
    #[must_use]
    pub fn access_ttl(mut self, ttl: Duration) -> Self {
        self.access_ttl = ttl;
        self
    }

    /// How long a refresh token lives; each rotation starts anew.
    #[must_use]
    pub fn refresh_ttl(mut self, ttl: Duration) -> Self {
        self.refresh_ttl = ttl;
        self
    }

    /// How long a client registration lives (Identity Center shape).
    #[must_use]
    pub fn registration_ttl(mut self, ttl: Duration) -> Self {
        self.registration_ttl = ttl;
        self
    }

    /// The `interval` of the device flow, in whole seconds.
    #[must_use]
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Uses this clock, which a test keeps a clone of.
    #[must_use]
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = clock.clone();
        self
    }

    /// What to make of pushed authorization requests.
    #[must_use]
    pub fn par(mut self, par: Par) -> Self {
        self.par = par;
        self
    }

    /// Which key signs ID tokens.
    #[must_use]
    pub fn signing(mut self, algorithm: SigningAlgorithm) -> Self {
        self.signing = algorithm;
        self
    }

    /// Without the device flow: not advertised, no such endpoints.
    #[must_use]
    pub fn without_device_flow(mut self) -> Self {
        self.device = false;
        self
    }

    /// Adds a misbehaviour.
    #[must_use]
    pub fn twist(mut self, twist: impl Into<Twist>) -> Self {
        self.twists.push(twist.into());
        self
    }

    /// Adds a fault at an endpoint, on each of its requests.
    #[must_use]
    pub fn fault(mut self, role: Role, fault: Fault) -> Self {
        self.faults.push((role, fault, None));
        self
    }

    /// Adds a fault at an endpoint for its next `times` requests; afterwards it is well again.
    #[must_use]
    pub fn fault_times(mut self, role: Role, fault: Fault, times: u32) -> Self {
        self.faults.push((role, fault, Some(times)));
        self
    }

    pub(crate) fn has(&self, twist: impl Into<Twist>) -> bool {
        let wanted = twist.into();
        self.twists.contains(&wanted)
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::honest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_given_its_one_leading_slash() {
        assert_eq!(Script::honest().at_path("realms/one/").path, "/realms/one");
        assert_eq!(Script::honest().at_path("/").path, "");
    }
}
