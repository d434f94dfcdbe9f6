//! ID tokens (OIDC Core 1.0 section 3.1.3.7 for a sign-in, section 12.2 for a refresh): the one way to a [`VerifiedIdToken`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use vestibule_core::{Error, Issuer, Result, Secret, Shown};

use crate::hash::sha256;
use crate::json::Document;
use crate::jwks::{Algorithm, KeySet, NoKey};

mod at_hash;
mod claims;
mod jws;

use claims::Claims;
use jws::Jws;

/// What an ID token must say to be believed.
#[derive(Debug)]
pub struct Expectations<'a> {
    /// The configured issuer.
    pub issuer: &'a Issuer,
    /// Our client identifier: it must be in `aud`.
    pub client_id: &'a str,
    /// Further audiences that the operator trusts.
    pub trusted_audiences: &'a [String],
    /// The algorithms that this issuer may use (IDT-06).
    pub algorithms: &'a [Algorithm],
    /// The access token that came with it, for `at_hash`.
    pub access_token: Option<&'a Secret>,
    /// Whether this issuer is known to send `at_hash` (IDT-09).
    pub at_hash: AtHash,
    /// What the token answers.
    pub occasion: Occasion<'a>,
}

/// Whether `at_hash` may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtHash {
    /// Checked if present.
    Optional,
    /// Missing is an error: this issuer has sent it before.
    Required,
}

/// What an ID token answers.
#[derive(Clone, Copy, Debug)]
pub enum Occasion<'a> {
    /// An authorization request that carried this nonce.
    SignIn {
        /// The nonce as it was sent.
        nonce: &'a Secret,
    },
    /// A request that could carry no nonce (RFC 8628).
    WithoutNonce,
    /// A refresh of a session that began with this token.
    Refresh {
        /// What was kept of the first ID token.
        original: &'a Original,
    },
}

/// What is kept of a session's first ID token, for those that come on refresh (section 12.2). To be sealed with the grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    issuer: String,
    subject: String,
    audience: BTreeSet<String>,
    authorized_party: Option<String>,
    auth_time: Option<u64>,
    /// For the audit log. Grants of earlier days have none.
    #[serde(default)]
    acr: Option<String>,
    /// SHA-256 of the nonce: enough to compare with.
    nonce: Option<[u8; 32]>,
}

/// Proof that an ID token was verified. Only [`verify`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct IdTokenVerified(());

/// An ID token whose signature and claims were verified.
#[derive(Debug)]
pub struct VerifiedIdToken {
    issuer: Issuer,
    claims: Claims,
    /// SHA-256 of the nonce, which has served.
    nonce: Option<[u8; 32]>,
    proof: IdTokenVerified,
}

impl VerifiedIdToken {
    /// Who vouches.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// For whom: unique within the issuer, never reused. With the issuer the only key of an identity (IDT-12).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.claims.subject
    }

    /// When the token expires, in seconds since 1970.
    #[must_use]
    pub fn expires(&self) -> u64 {
        self.claims.expires
    }

    /// When the person last authenticated, in seconds since 1970, if the issuer says.
    #[must_use]
    pub fn auth_time(&self) -> Option<u64> {
        self.claims.auth_time
    }

    /// How strongly (`acr`), if the issuer says.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.claims.acr.as_deref()
    }

    /// Whether the token had an `at_hash`. An issuer that sent one once is expected to go on, see [`AtHash::Required`].
    #[must_use]
    pub fn had_at_hash(&self) -> bool {
        self.claims.at_hash.is_some()
    }

    /// All claims, for the members that were declared readable.
    #[must_use]
    pub fn claims(&self) -> &Document {
        &self.claims.document
    }

    /// The proof that the grant's identity is built from.
    #[must_use]
    pub fn proof(&self) -> IdTokenVerified {
        self.proof
    }

    /// What to keep for the ID tokens that come on refresh.
    #[must_use]
    pub fn original(&self) -> Original {
        Original {
            issuer: self.issuer.as_str().to_owned(),
            subject: self.claims.subject.clone(),
            audience: self.claims.audience.clone(),
            authorized_party: self.claims.authorized_party.clone(),
            auth_time: self.claims.auth_time,
            acr: self.claims.acr.clone(),
            nonce: self.nonce,
        }
    }

    /// Whether a UserInfo reply is about the same person (section 5.3.2). It must not be used otherwise.
    ///
    /// # Errors
    /// Blames the provider, if `sub` is missing or another.
    pub fn check_userinfo(&self, userinfo: &Document) -> Result<()> {
        match userinfo.text("/sub") {
            Ok(Some(subject)) if subject == self.claims.subject => Ok(()),
            Ok(_) | Err(_) => Err(Error::provider(
                "userinfo.sub",
                "the provider's user information is about somebody else than its ID token",
            )),
        }
    }
}

/// Verifies an ID token at a time in seconds since 1970.
///
/// # Errors
/// Blames the provider; the code names the claim or the step. `id_token.key` means that a fresh key set may help (JWK-01).
pub fn verify(
    token: &Secret,
    expected: &Expectations<'_>,
    keys: &KeySet,
    now: u64,
) -> Result<VerifiedIdToken> {
    // A provider that sends one token twice, or a plugin that mixes them up, must not turn an access token into an identity.
    if expected
        .access_token
        .is_some_and(|access| access.expose() == token.expose())
    {
        return Err(refuse("id_token.type", "is the access token itself"));
    }
    let jws = Jws::parse(token.expose())?;
    let algorithm = check_signature(&jws, expected, keys)?;
    let mut claims = Claims::parse(jws.payload())?;
    claims.check_parties(expected)?;
    claims.check_times(now)?;
    check_occasion(&claims, expected)?;
    at_hash::check(claims.at_hash.as_deref(), algorithm, expected)?;
    Ok(VerifiedIdToken {
        issuer: expected.issuer.clone(),
        nonce: claims.take_nonce().map(|nonce| sha256(nonce.as_bytes())),
        claims,
        proof: IdTokenVerified(()),
    })
}

fn check_signature(jws: &Jws<'_>, expected: &Expectations<'_>, keys: &KeySet) -> Result<Algorithm> {
    if keys.issuer() != expected.issuer {
        return Err(Error::host(
            "id_token.keys",
            "the keys of one issuer cannot verify the tokens of another",
        ));
    }
    let algorithm = Algorithm::parse(jws.algorithm())
        .filter(|algorithm| expected.algorithms.contains(algorithm))
        .ok_or_else(|| {
            let name = Shown::new(jws.algorithm());
            refuse(
                "id_token.alg",
                format!("is signed with \"{name}\", which is not allowed for this issuer"),
            )
        })?;
    let key = keys
        .choose(algorithm, jws.kid())
        .map_err(|problem| match problem {
            NoKey::Unknown => refuse(
                "id_token.key",
                "is signed with a key that the issuer does not publish",
            ),
            NoKey::Ambiguous => refuse(
                "id_token.key_ambiguous",
                "could be signed with more than one of the issuer's keys",
            ),
        })?;
    if !key.verifies(algorithm, jws.signed(), jws.signature()) {
        return Err(refuse("id_token.signature", "has a wrong signature"));
    }
    Ok(algorithm)
}

fn check_occasion(claims: &Claims, expected: &Expectations<'_>) -> Result<()> {
    match expected.occasion {
        Occasion::WithoutNonce => Ok(()),
        Occasion::SignIn { nonce } => {
            let same = claims
                .nonce
                .as_ref()
                .is_some_and(|claimed| claimed.as_bytes().ct_eq(nonce.expose().as_bytes()).into());
            if same {
                return Ok(());
            }
            Err(refuse(
                "id_token.nonce",
                "does not answer this sign-in: its nonce is missing or another",
            )
            .hint("somebody may have tried to slip in another sign-in; start again"))
        }
        Occasion::Refresh { original } => original.check(claims, expected),
    }
}

impl Original {
    /// For whom the session is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Reads what [`VerifiedIdToken::original`] gave, as it was kept.
    #[must_use]
    pub fn parse(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }

    /// For which clients the token was.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.audience.iter().map(String::as_str)
    }

    /// When the person last authenticated, in seconds since 1970, if the issuer said.
    #[must_use]
    pub fn auth_time(&self) -> Option<u64> {
        self.auth_time
    }

    /// How strongly (`acr`), if the issuer said.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// Section 12.2: the session stays the same person's, and the same sign-in's. The caller drops the session otherwise (IDT-10).
    fn check(&self, claims: &Claims, expected: &Expectations<'_>) -> Result<()> {
        let changed = |claim: &str| {
            refuse(
                "id_token.refresh",
                format!("came on refresh with another {claim} than at the sign-in"),
            )
        };
        if self.issuer != expected.issuer.as_str() {
            return Err(changed("issuer"));
        }
        if self.subject != claims.subject {
            return Err(changed("subject"));
        }
        if self.audience != claims.audience {
            return Err(changed("audience"));
        }
        if self.authorized_party != claims.authorized_party {
            return Err(changed("authorized party"));
        }
        if claims.auth_time.is_some() && claims.auth_time != self.auth_time {
            return Err(changed("time of authentication"));
        }
        match (&claims.nonce, &self.nonce) {
            (None, _) => Ok(()),
            (Some(nonce), Some(original)) if sha256(nonce.as_bytes()).ct_eq(original).into() => {
                Ok(())
            }
            (Some(_), _) => Err(changed("nonce")),
        }
    }
}

/// Whether a token was refused because it is of another issuer, client, person or sign-in. What came with it on a refresh is then
/// not of this session, and the caller drops the session (section 12.2, IDT-10).
#[must_use]
pub fn is_of_another_session(refused: &Error) -> bool {
    matches!(
        refused.code(),
        "id_token.refresh" | "id_token.iss" | "id_token.aud" | "id_token.azp"
    )
}

/// A refusal of the token, which is the provider's doing.
fn refuse(code: &'static str, problem: impl AsRef<str>) -> Error {
    Error::provider(
        code,
        format!("the provider's ID token {}", problem.as_ref()),
    )
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;
