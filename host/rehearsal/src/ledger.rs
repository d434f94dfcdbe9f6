//! What the provider remembers between requests, all of it in memory.

use crate::bounded::Bounded;
use crate::people::Person;

#[derive(Default)]
pub(crate) struct Ledger {
    /// Authorization requests that a person looks at, by ticket.
    pub(crate) tickets: Bounded<AuthorizationRequest>,
    /// Pushed authorization requests, by `request_uri`.
    pub(crate) pushed: Bounded<Pushed>,
    pub(crate) codes: Bounded<Code>,
    pub(crate) families: Bounded<Family>,
    pub(crate) access: Bounded<AccessToken>,
    pub(crate) refresh: Bounded<RefreshToken>,
    /// Device flows, by device code.
    pub(crate) devices: Bounded<Device>,
    /// The `jti` of each assertion of a client.
    pub(crate) assertions: Bounded<()>,
    /// Registered clients of the Identity Center shape, by client id.
    pub(crate) registrations: Bounded<Registration>,
}

/// A checked authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3).
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    /// The preferred one of `acr_values` (OIDC Core §3.1.2.1): whoever consents here authenticates as asked.
    pub(crate) acr: Option<String>,
}

pub(crate) struct Pushed {
    pub(crate) request: AuthorizationRequest,
    pub(crate) expires: u64,
}

pub(crate) struct Code {
    pub(crate) request: AuthorizationRequest,
    pub(crate) person: &'static Person,
    pub(crate) auth_time: u64,
    pub(crate) expires: u64,
    pub(crate) use_: CodeUse,
}

/// What became of a code.
pub(crate) enum CodeUse {
    Fresh,
    /// Redeemed: what it gave is revoked if it is shown again (RFC 6749 §4.1.2).
    Redeemed {
        family: String,
    },
    /// Shown with a wrong verifier, client or redirect URI.
    Burnt,
}

/// Everything that came of one consent. A family dies as a whole.
#[derive(Clone)]
pub(crate) struct Family {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) person: &'static Person,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) auth_time: u64,
    pub(crate) acr: Option<String>,
    pub(crate) revoked: bool,
}

pub(crate) struct AccessToken {
    pub(crate) family: String,
    /// For whom it was exchanged.
    pub(crate) audience: Option<String>,
    pub(crate) scope: String,
    pub(crate) issued: u64,
    pub(crate) expires: u64,
    pub(crate) revoked: bool,
}

pub(crate) struct RefreshToken {
    pub(crate) family: String,
    pub(crate) issued: u64,
    pub(crate) expires: u64,
    pub(crate) used: bool,
}

/// RFC 8628 §3.2.
pub(crate) struct Device {
    pub(crate) client_id: String,
    pub(crate) user_code: String,
    pub(crate) scope: String,
    pub(crate) expires: u64,
    pub(crate) interval: u64,
    pub(crate) last_poll: Option<u64>,
    pub(crate) verdict: Verdict,
}

#[derive(Clone, Copy)]
pub(crate) enum Verdict {
    Pending,
    Approved { person: &'static Person, at: u64 },
    Denied,
    Redeemed,
}

pub(crate) struct Registration {
    pub(crate) secret: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) grant_types: Vec<String>,
    pub(crate) expires: u64,
}

impl Ledger {
    /// An access token that is good now, with its family.
    pub(crate) fn live_access(&self, token: &str, now: u64) -> Option<(&AccessToken, &Family)> {
        let access = self
            .access
            .get(token)
            .filter(|access| !access.revoked && now < access.expires)?;
        let family = self
            .families
            .get(&access.family)
            .filter(|family| !family.revoked)?;
        Some((access, family))
    }

    /// A refresh token that is good now, with its family.
    pub(crate) fn live_refresh(&self, token: &str, now: u64) -> Option<(&RefreshToken, &Family)> {
        let refresh = self
            .refresh
            .get(token)
            .filter(|refresh| !refresh.used && now < refresh.expires)?;
        let family = self
            .families
            .get(&refresh.family)
            .filter(|family| !family.revoked)?;
        Some((refresh, family))
    }

    pub(crate) fn revoke_family(&mut self, id: &str) {
        if let Some(family) = self.families.get_mut(id) {
            family.revoked = true;
        }
    }

    /// A code is spent by being shown: the right holder gets the consent, anybody else ends it.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        family: &str,
        now: u64,
        fits: impl FnOnce(&Code) -> bool,
    ) -> Option<Family> {
        let entry = self.codes.get_mut(code)?;
        match &entry.use_ {
            CodeUse::Burnt => return None,
            CodeUse::Redeemed { family } => {
                let family = family.clone();
                self.revoke_family(&family);
                return None;
            }
            CodeUse::Fresh => {}
        }
        if now >= entry.expires || !fits(entry) {
            entry.use_ = CodeUse::Burnt;
            return None;
        }
        entry.use_ = CodeUse::Redeemed {
            family: family.to_owned(),
        };
        let family = Family {
            id: family.to_owned(),
            client_id: entry.request.client_id.clone(),
            person: entry.person,
            scope: entry.request.scope.clone(),
            nonce: entry.request.nonce.clone(),
            auth_time: entry.auth_time,
            acr: entry.request.acr.clone(),
            revoked: false,
        };
        self.families.insert(family.id.clone(), family.clone());
        Some(family)
    }
}
