//! What is remembered of providers from one flow to the next, in the store's authenticated cache.

use std::time::Duration;

use vestibule_broker::clock::Clock;
use vestibule_broker::keep::{ProviderMemory, Remembered, Topic};
use vestibule_core::limits::{JWKS_MAX_AGE, METADATA_MAX_AGE, PROTECTIONS_MAX_AGE};
use vestibule_store::{CacheKind, Cached, KeyStoreId, Store};

/// The store as the broker's memory.
pub(crate) struct StoreMemory<'a> {
    pub(crate) store: &'a Store,
    pub(crate) key_store: KeyStoreId,
    pub(crate) clock: &'a dyn Clock,
}

impl ProviderMemory for StoreMemory<'_> {
    fn recall(&self, topic: Topic, issuer: &str) -> Option<Remembered> {
        let (kind, age) = place(topic);
        let cached = self
            .store
            .cache_get(kind, issuer, self.clock.now(), age)
            .ok()??;
        Some(remembered(cached))
    }

    fn remember(&self, topic: Topic, issuer: &str, bytes: &[u8]) {
        let (kind, _) = place(topic);
        // A memory that fails is slower, and nothing else.
        let _ = self
            .store
            .cache_put(kind, issuer, bytes, self.clock.now(), self.key_store);
    }

    fn update(
        &self,
        topic: Topic,
        issuer: &str,
        change: &mut dyn FnMut(Option<Remembered>) -> Option<Vec<u8>>,
    ) {
        let (kind, age) = place(topic);
        let mut changed = false;
        let mut once = |cached: Option<Cached>| {
            changed = true;
            change(cached.map(remembered))
        };
        let now = self.clock.now();
        let kept = self
            .store
            .cache_update(kind, issuer, now, age, self.key_store, &mut once);
        // A memory that cannot even be locked remembers nothing.
        if kept.is_err() && !changed {
            change(None);
        }
    }
}

fn remembered(cached: Cached) -> Remembered {
    Remembered {
        bytes: cached.bytes,
        at: cached.stored_at,
    }
}

fn place(topic: Topic) -> (CacheKind, Duration) {
    match topic {
        Topic::Metadata => (CacheKind::Metadata, METADATA_MAX_AGE),
        Topic::Keys => (CacheKind::Jwks, JWKS_MAX_AGE),
        Topic::Protections => (CacheKind::Issuer, PROTECTIONS_MAX_AGE),
    }
}
