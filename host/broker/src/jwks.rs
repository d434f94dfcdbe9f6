//! JSON Web Key Sets (RFC 7517): the keys of one issuer, and which of them a signature may be checked with (JWK-01 to JWK-05).

use std::fmt;

use vestibule_core::{Error, Issuer, ProviderUrl, Result, Shown, limits};

use crate::http::{HttpClient, Method, Request};
use crate::json::{Document, Value};

mod algorithm;
mod cache;
mod key;
mod roca;

pub use algorithm::Algorithm;
pub use cache::{CachedKeys, Refetch};
pub use key::Key;

/// The usable public keys of one issuer. They verify nothing that claims to come from another (JWK-05).
#[derive(Clone)]
pub struct KeySet {
    issuer: Issuer,
    keys: Vec<Key>,
}

impl KeySet {
    /// Parses a key set. Entries that cannot be used are skipped, as section 5 asks: of an unknown type, incomplete, private or
    /// symmetric, too short, off their curve, or for encryption.
    ///
    /// # Errors
    /// Blames the provider, if the text as a whole is no key set.
    pub fn parse(issuer: &Issuer, text: &[u8]) -> Result<Self> {
        let document = Document::parse(text)?;
        let entries = document
            .get("/keys")
            .and_then(Value::as_list)
            .ok_or_else(|| {
                Error::provider("jwks.format", "the provider's key set has no list of keys")
            })?;
        let mut keys: Vec<Key> = Vec::new();
        for entry in entries.iter().take(limits::JWKS_KEYS) {
            if let Some(key) = Key::parse(entry)
                && !keys.contains(&key)
            {
                keys.push(key);
            }
        }
        Ok(Self {
            issuer: issuer.clone(),
            keys,
        })
    }

    /// Whose keys these are.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// How many usable keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no usable key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The one key that fits: by `kid` together with type, curve, `use`, `key_ops` and `alg`; without a `kid` by these alone (JWK-03).
    ///
    /// # Errors
    /// [`NoKey::Unknown`] if a fresh set may have it, [`NoKey::Ambiguous`] if several fit, which nothing but the provider can mend.
    pub fn choose(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> std::result::Result<&Key, NoKey> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| kid.is_none_or(|kid| key.kid() == Some(kid)))
            .filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(NoKey::Unknown),
            (Some(_), Some(_)) => Err(NoKey::Ambiguous),
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("issuer", &self.issuer)
            .field("keys", &self.keys.len())
            .finish()
    }
}

/// Why no key was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// None fits. A refetch may help, see [`CachedKeys::refetch`].
    Unknown,
    /// More than one fits.
    Ambiguous,
}

/// Fetches the key set from the URL of the validated metadata, and from nowhere else. Returns it with its bytes, for the cache.
///
/// # Errors
/// Those of the exchange; blames the provider if the answer is no key set.
pub async fn fetch(
    http: &HttpClient,
    issuer: &Issuer,
    jwks_uri: &ProviderUrl,
) -> Result<(KeySet, Vec<u8>)> {
    // RFC 7517 section 8.5.2 registers a media type of its own for sets; most providers send plain JSON.
    let request = Request::new(Method::Get, jwks_uri)
        .accept("application/jwk-set+json, application/json")
        .map_err(|illegal| illegal.blame(vestibule_core::Blame::Host))?;
    let reply = http.send(request).await?;
    if reply.status() != 200 || !reply.is_json() {
        return Err(Error::provider(
            "jwks.status",
            format!(
                "the provider answered {} instead of its key set at {}",
                reply.status(),
                Shown::new(&jwks_uri.to_string())
            ),
        ));
    }
    if reply.body().len() > limits::JWKS_BYTES {
        return Err(Error::provider(
            "jwks.size",
            format!(
                "the provider's key set has {} bytes, which is more than any needs",
                reply.body().len()
            ),
        ));
    }
    let keys = KeySet::parse(issuer, reply.body())?;
    Ok((keys, reply.body().to_vec()))
}

#[cfg(test)]
mod tests;
