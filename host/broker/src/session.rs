//! What a flow has found out and proven so far.

use vestibule_core::start::NamedReference;
use vestibule_core::{Reference, Scope};

use crate::discovery::Metadata;
use crate::id_token::{Original, VerifiedIdToken};

/// The state of a flow, filled by its steps in whatever order policy allows, and read by `finish`.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// The validated metadata, once it was fetched in this flow.
    pub(crate) metadata: Option<Metadata>,
    /// The authorization that is waiting for its code to be redeemed.
    pub(crate) authorization: Option<Authorization>,
    /// The tokens that this flow obtained last.
    pub(crate) tokens: Option<Obtained>,
    /// The validated ID token.
    pub(crate) id_token: Option<VerifiedIdToken>,
    /// The account, where the pinned identity is a member of a reply.
    pub(crate) account: Option<String>,
    /// Whether the flow goes on with a stored grant.
    pub(crate) continued: bool,
    /// What the stored grant's ID token said.
    pub(crate) earlier: Option<Original>,
    /// What was granted before.
    pub(crate) granted: Option<Vec<Scope>>,
    /// When the stored grant's access token ends here, in Unix seconds.
    pub(crate) expires_at: Option<u64>,
    /// Which workload has signed in, by what it presented of itself.
    pub(crate) workload: Option<String>,
    /// Who acts for the subject (RFC 8693 section 4.1), where somebody does.
    pub(crate) actor: Option<String>,
    /// The references under which the stored grant's parts were admitted.
    pub(crate) admitted: Vec<NamedReference>,
}

impl Session {
    /// Who has signed in, if a validated ID token has said so, now or at the sign-in.
    pub(crate) fn subject(&self) -> Option<&str> {
        let now = self.id_token.as_ref().map(VerifiedIdToken::subject);
        now.or_else(|| self.earlier.as_ref().map(Original::subject))
    }
}

/// An authorization request that was answered. Its code is redeemed with what belongs to it, or not at all.
#[derive(Debug)]
pub(crate) struct Authorization {
    pub(crate) code: Reference,
    pub(crate) verifier: Reference,
    pub(crate) nonce: Option<Reference>,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<Scope>,
}

/// Tokens that were obtained in this flow.
#[derive(Debug)]
pub(crate) struct Obtained {
    pub(crate) expires_in: u32,
    /// What was asked for; on a refresh, what was granted before.
    pub(crate) asked: Vec<Scope>,
    pub(crate) scopes: Vec<Scope>,
    /// Whether a refresh token came with them.
    pub(crate) renewed_refresh_token: bool,
}
