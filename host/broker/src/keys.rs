//! The keys of an issuer, fetched when they are needed, remembered between processes, and refetched at most once per cool-down
//! (JWK-01, JWK-04); and the ID token verified with them.

use vestibule_core::{Error, Issuer, ProviderUrl, Reference, Result, Secret};

use crate::broker::Broker;
use crate::id_token::{self, AtHash, Expectations, Occasion, VerifiedIdToken};
use crate::jwks::{self, Algorithm, CachedKeys, KeySet, Refetch};
use crate::keep::{Remembered, Topic};

/// What an ID token answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answers {
    /// An authorization request with this nonce.
    Nonce(Reference),
    /// A device authorization request, which has none (RFC 8628 section 3.1).
    DeviceCode,
    /// A request on behalf of the session that the flow goes on with.
    Session,
}

/// Verifies an ID token with the issuer's keys.
pub(crate) async fn verify(
    broker: &mut Broker<'_>,
    token: &Secret,
    access_token: &Secret,
    answers: Answers,
) -> Result<VerifiedIdToken> {
    let issuer = broker.around.permissions.issuer()?;
    let mut cached = recall(broker, &issuer);
    let now = broker.around.clock.now();
    while cached.is_usable(now) {
        let keys = KeySet::parse(&issuer, &cached.text)?;
        let problem = match verify_with(broker, token, access_token, answers, &issuer, &keys) {
            Err(problem) if problem.code() == "id_token.key" => problem,
            other => return other,
        };
        // The issuer may have new keys since. Whoever comes first may ask; another process may have done so a moment ago.
        match claim(broker, &issuer, now) {
            Claim::Ours(claimed) => {
                cached = claimed;
                break;
            }
            Claim::CoolingDown(_, newer) if newer.fetched > cached.fetched => cached = newer,
            Claim::CoolingDown(seconds, _) => {
                return Err(problem.hint(format!("the provider's keys were fetched just now; if it has changed them, try again in {seconds} s")));
            }
        }
    }
    let keys = fetch(broker, &issuer, &mut cached).await?;
    verify_with(broker, token, access_token, answers, &issuer, &keys)
}

/// What came of asking for the one fetch of a cool-down period.
enum Claim {
    /// It is ours, and written down.
    Ours(CachedKeys),
    /// Somebody had it so short a time ago that so many seconds are left. What is remembered now.
    CoolingDown(u64, CachedKeys),
}

/// Takes the one fetch that a cool-down period allows, over all processes (JWK-01).
fn claim(broker: &Broker<'_>, issuer: &Issuer, now: u64) -> Claim {
    let mut claim = Claim::Ours(CachedKeys::default());
    broker
        .around
        .memory
        .update(Topic::Keys, issuer.as_str(), &mut |remembered| {
            let mut cached = parse(remembered);
            match cached.refetch(now) {
                Refetch::Now => {
                    cached.note_attempt(now);
                    let bytes = serde_json::to_vec(&cached).ok();
                    claim = Claim::Ours(cached);
                    bytes
                }
                Refetch::CoolingDown(seconds) => {
                    claim = Claim::CoolingDown(seconds, cached);
                    None
                }
            }
        });
    claim
}

fn verify_with(
    broker: &Broker<'_>,
    token: &Secret,
    access_token: &Secret,
    answers: Answers,
    issuer: &Issuer,
    keys: &KeySet,
) -> Result<VerifiedIdToken> {
    let client_id = broker.client.id()?;
    let occasion = match (answers, broker.session.earlier.as_ref()) {
        (Answers::Nonce(nonce), _) => Occasion::SignIn {
            nonce: broker.vault.look(nonce)?,
        },
        (Answers::DeviceCode, None) => Occasion::WithoutNonce,
        // Whatever the flow went on with, its subject stays the same.
        (Answers::DeviceCode | Answers::Session, Some(original)) => Occasion::Refresh { original },
        (Answers::Session, None) => {
            return Err(Error::provider(
                "id_token.unasked",
                "the provider sent an ID token that answers no sign-in of ours",
            ));
        }
    };
    // A refresh does without metadata; then all that are safe are allowed.
    let announced = broker
        .session
        .metadata
        .as_ref()
        .map(|metadata| metadata.id_token_signing_algorithms.as_slice());
    let expected = Expectations {
        issuer,
        client_id,
        trusted_audiences: &[],
        algorithms: announced.unwrap_or(&Algorithm::ALL),
        access_token: Some(access_token),
        at_hash: AtHash::Optional,
        occasion,
    };
    id_token::verify(token, &expected, keys, broker.around.clock.now())
}

fn recall(broker: &Broker<'_>, issuer: &Issuer) -> CachedKeys {
    parse(broker.around.memory.recall(Topic::Keys, issuer.as_str()))
}

fn parse(remembered: Option<Remembered>) -> CachedKeys {
    remembered
        .and_then(|memory| serde_json::from_slice(&memory.bytes).ok())
        .unwrap_or_default()
}

async fn fetch(broker: &Broker<'_>, issuer: &Issuer, cached: &mut CachedKeys) -> Result<KeySet> {
    let jwks_uri = broker.around.permissions.jwks_uri.as_deref();
    let jwks_uri = jwks_uri.ok_or_else(|| {
        Error::config(
            "approval.jwks",
            "the approved endpoints have no key set, so that no ID token can be checked",
        )
    })?;
    let jwks_uri = ProviderUrl::parse(jwks_uri)
        .map_err(|problem| problem.in_config("approved key set", jwks_uri))?;
    let now = broker.around.clock.now();
    // Written before the attempt: a provider in trouble is not asked by every process in turn.
    cached.note_attempt(now);
    remember(broker, issuer, cached);
    let (keys, text) = jwks::fetch(&broker.http, issuer, &jwks_uri).await?;
    cached.note_success(text, now);
    remember(broker, issuer, cached);
    Ok(keys)
}

fn remember(broker: &Broker<'_>, issuer: &Issuer, cached: &CachedKeys) {
    if let Ok(bytes) = serde_json::to_vec(cached) {
        broker
            .around
            .memory
            .remember(Topic::Keys, issuer.as_str(), &bytes);
    }
}
