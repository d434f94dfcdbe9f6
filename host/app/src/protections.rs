//! What an issuer was seen to offer (DISC-07), outside of a flow: looked at when something is approved, and given up by an approval.

use vestibule_broker::discovery::Remembered;
use vestibule_core::limits::PROTECTIONS_MAX_AGE;
use vestibule_core::{Error, Result};
use vestibule_store::{CacheKind, KeyStoreId, Store};

/// What was seen; nothing, if nothing genuine is remembered.
pub(crate) fn recall(store: &Store, issuer: &str, now: u64) -> Remembered {
    let cached = store.cache_get(CacheKind::Issuer, issuer, now, PROTECTIONS_MAX_AGE);
    let text = cached.ok().flatten().map(|cached| cached.bytes);
    text.and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

/// Remembers what is offered now, in place of more.
///
/// # Errors
/// If it cannot be written: the next sign-in would still be refused.
pub(crate) fn give_up(
    store: &Store,
    issuer: &str,
    offered: Remembered,
    now: u64,
    key_store: KeyStoreId,
) -> Result<()> {
    let text = serde_json::to_vec(&offered)
        .map_err(|_| Error::host("host.json", "the protections cannot be written as JSON"))?;
    store.cache_put(CacheKind::Issuer, issuer, &text, now, key_store)
}
