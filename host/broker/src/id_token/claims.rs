//! The claims of an ID token (OIDC Core section 2), typed, and the checks on parties and times (section 3.1.3.7, steps 2 to 5, 9, 10).

use std::collections::BTreeSet;
use std::fmt;

use vestibule_core::{Error, Result, limits};
use zeroize::Zeroizing;

use super::{Expectations, refuse};
use crate::json::{Document, JsonProblem, Value};

/// What an ID token claims. Typed, not yet believed.
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) audience: BTreeSet<String>,
    pub(super) authorized_party: Option<String>,
    pub(super) expires: u64,
    pub(super) issued: u64,
    pub(super) not_before: Option<u64>,
    pub(super) auth_time: Option<u64>,
    pub(super) acr: Option<String>,
    pub(super) nonce: Option<Zeroizing<String>>,
    pub(super) at_hash: Option<String>,
    pub(super) document: Document,
}

impl Claims {
    pub(super) fn parse(payload: &[u8]) -> Result<Self> {
        let document = Document::parse(payload).map_err(bad_claims)?;
        // A logout token (OIDC Back-Channel Logout section 2.4) or another security event, whatever its header says (IDT-12).
        if document.get("/events").is_some() {
            return Err(refuse(
                "id_token.type",
                "is a security event, not an ID token",
            ));
        }
        let text = |pointer: &str| document.text(pointer).map_err(bad_claims);
        let owned = |pointer: &str| Ok::<_, Error>(text(pointer)?.map(str::to_owned));
        let seconds = |pointer: &str| document.seconds(pointer).map_err(bad_claims);
        let subject = owned("/sub")?.ok_or_else(|| missing("sub"))?;
        // Section 2: at most 255 ASCII characters. A control character in it would be an attack on whoever shows it.
        if subject.is_empty()
            || subject.len() > 255
            || !subject.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err(refuse(
                "id_token.sub",
                "has a subject that is empty, too long or not plain ASCII",
            ));
        }
        Ok(Self {
            issuer: owned("/iss")?.ok_or_else(|| missing("iss"))?,
            subject,
            audience: audience(&document)?,
            authorized_party: owned("/azp")?,
            expires: seconds("/exp")?.ok_or_else(|| missing("exp"))?,
            issued: seconds("/iat")?.ok_or_else(|| missing("iat"))?,
            not_before: seconds("/nbf")?,
            auth_time: seconds("/auth_time")?,
            acr: owned("/acr")?,
            nonce: owned("/nonce")?.map(Zeroizing::new),
            at_hash: owned("/at_hash")?,
            document,
        })
    }

    /// Takes the nonce out for good, once it was compared (RESP-07).
    pub(super) fn take_nonce(&mut self) -> Option<Zeroizing<String>> {
        self.document.remove("nonce");
        self.nonce.take()
    }

    /// Steps 2 to 5: whose token it is, and for whom.
    pub(super) fn check_parties(&self, expected: &Expectations<'_>) -> Result<()> {
        if self.issuer != expected.issuer.as_str() {
            return Err(refuse(
                "id_token.iss",
                "is of another issuer than the configured one",
            ));
        }
        if !self.audience.contains(expected.client_id) {
            return Err(refuse("id_token.aud", "is not meant for this client"));
        }
        let foreign = |audience: &&String| {
            audience.as_str() != expected.client_id
                && !expected.trusted_audiences.contains(audience)
        };
        if self.audience.iter().any(|audience| foreign(&audience)) {
            return Err(refuse(
                "id_token.aud",
                "is meant for others too, whom nobody declared to be trusted",
            ));
        }
        match self.authorized_party.as_deref() {
            Some(party) if party != expected.client_id => {
                Err(refuse("id_token.azp", "was issued to another client"))
            }
            None if self.audience.len() > 1 => Err(refuse(
                "id_token.azp",
                "has several audiences and does not say to which client it was issued",
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Steps 9 and 10. Skew is granted to the provider's clock alone: what has expired by ours is expired.
    pub(super) fn check_times(&self, now: u64) -> Result<()> {
        let latest = now.saturating_add(limits::CLOCK_SKEW.as_secs());
        let oldest = now.saturating_sub(limits::ID_TOKEN_MAX_AGE.as_secs());
        let clock = "compare this machine's clock with the time: `date -u`";
        if self.expires <= now {
            return Err(refuse("id_token.exp", "has expired").hint(clock));
        }
        if self.issued > latest || self.not_before.is_some_and(|start| start > latest) {
            return Err(refuse("id_token.iat", "is from the future").hint(clock));
        }
        if self.issued < oldest {
            return Err(refuse(
                "id_token.iat",
                "was issued too long ago to answer this request",
            )
            .hint(clock));
        }
        Ok(())
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}

/// One text or a list of texts.
fn audience(document: &Document) -> Result<BTreeSet<String>> {
    match document.get("/aud") {
        None => Err(missing("aud")),
        Some(Value::Text(one)) => Ok(BTreeSet::from([one.to_string()])),
        Some(_) => {
            let list = document.texts("/aud").map_err(bad_claims)?;
            Ok(list
                .unwrap_or_default()
                .into_iter()
                .map(str::to_owned)
                .collect())
        }
    }
}

fn missing(claim: &str) -> Error {
    refuse("id_token.claims", format!("lacks the claim \"{claim}\""))
}

fn bad_claims(problem: JsonProblem) -> Error {
    refuse(
        "id_token.claims",
        format!("has claims that cannot be read: {problem}"),
    )
}
