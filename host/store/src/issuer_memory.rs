//! What an issuer has once supported, so that its disappearance is noticed (DISC-07), and when its keys were last fetched.

use serde::{Deserialize, Serialize};
use vestibule_core::limits::JWKS_COOL_DOWN;
use vestibule_core::{Error, Result};

use crate::cache::{CacheKind, Entry};
use crate::key_store::KeyStoreId;
use crate::lock::LockName;
use crate::store::Store;

/// What an issuer has been seen to support. What was once true stays true: only a person takes it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerMemory {
    /// It sends `iss` in authorization responses (RFC 9207).
    pub iss: bool,
    /// It takes pushed authorization requests (RFC 9126).
    pub par: bool,
    /// It binds tokens to a key (RFC 9449).
    pub dpop: bool,
    /// It knows the PKCE method `S256` (RFC 7636).
    pub s256: bool,
}

impl IssuerMemory {
    /// The names of what was there and is not any more.
    #[must_use]
    pub fn lost_in(self, now: Self) -> Vec<&'static str> {
        [
            (self.iss && !now.iss, "iss"),
            (self.par && !now.par, "PAR"),
            (self.dpop && !now.dpop, "DPoP"),
            (self.s256 && !now.s256, "S256"),
        ]
        .into_iter()
        .filter_map(|(lost, name)| lost.then_some(name))
        .collect()
    }

    fn and(self, more: Self) -> Self {
        Self {
            iss: self.iss || more.iss,
            par: self.par || more.par,
            dpop: self.dpop || more.dpop,
            s256: self.s256 || more.s256,
        }
    }
}

/// What is remembered of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// It was never met here.
    Never,
    /// This was seen.
    Seen(IssuerMemory),
    /// Something stands there that cannot be verified: it was edited, or its key is gone with a restart. It says nothing.
    Unverifiable,
}

impl Store {
    /// What is remembered of this issuer.
    pub fn issuer_memory(&self, issuer: &str) -> Result<Remembered> {
        Ok(match self.entry(CacheKind::Issuer, issuer)? {
            Entry::Absent => Remembered::Never,
            Entry::Spurious => Remembered::Unverifiable,
            Entry::Genuine(cached) => serde_json::from_slice(&cached.bytes)
                .map_or(Remembered::Unverifiable, Remembered::Seen),
        })
    }

    /// Adds what was seen of this issuer to what is remembered.
    pub fn remember_issuer(
        &self,
        issuer: &str,
        seen: IssuerMemory,
        now: u64,
        key_store: KeyStoreId,
    ) -> Result<()> {
        let name = self.entry_name(CacheKind::Issuer, issuer);
        let _guard = self.locks.lock_blocking(&LockName::Issuer(name))?;
        let known = match self.issuer_memory(issuer)? {
            Remembered::Seen(memory) if memory.and(seen) == memory => return Ok(()),
            Remembered::Seen(memory) => memory,
            Remembered::Never | Remembered::Unverifiable => IssuerMemory::default(),
        };
        let bytes = serde_json::to_vec(&known.and(seen))
            .map_err(|error| Error::host("store.issuer", error.to_string()))?;
        self.write_entry(&name, CacheKind::Issuer, issuer, &bytes, now, key_store)
    }

    /// Forgets this issuer: the person has approved that it supports less.
    pub fn forget_issuer(&self, issuer: &str) -> Result<()> {
        let name = self.entry_name(CacheKind::Issuer, issuer);
        let _guard = self.locks.lock_blocking(&LockName::Issuer(name))?;
        self.memory.remove(&name.to_string());
        self.disk
            .remove(&crate::disk::Folder::Cache, &name.to_string())?;
        Ok(())
    }

    /// Whether the key set of this issuer may be fetched now because of an unknown `kid`: once in `limits::JWKS_COOL_DOWN`, over
    /// all processes (JWK-01). Who is told yes has taken this turn.
    pub fn may_fetch_keys(&self, issuer: &str, now: u64, key_store: KeyStoreId) -> Result<bool> {
        let name = self.entry_name(CacheKind::JwksFetch, issuer);
        let _guard = self.locks.lock_blocking(&LockName::Issuer(name))?;
        if let Entry::Genuine(last) = self.entry(CacheKind::JwksFetch, issuer)? {
            // In both directions: a clock that was set back must not lock the issuer out for as long as it was wrong.
            if now.abs_diff(last.stored_at) < JWKS_COOL_DOWN.as_secs() {
                return Ok(false);
            }
        }
        self.write_entry(&name, CacheKind::JwksFetch, issuer, &[], now, key_store)?;
        Ok(true)
    }
}
