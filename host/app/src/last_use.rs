//! When a grant was last used: for the inventory (WKL-09), and for tenants whose grants may not lie unused (`policy.max_idle`, POL-03).

use vestibule_core::limits::{LAST_USE_GRAIN, PROTECTIONS_MAX_AGE};
use vestibule_core::record::{Facts, Label, Record};
use vestibule_core::{Error, Result};
use vestibule_store::{CacheKind, KeyStoreId};

use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// When it was last used, in Unix seconds and to the minute; nothing if that is not known.
    pub(crate) fn last_use(&self, label: &Label, facts: &Facts) -> Option<u64> {
        let store = self.store().ok()?;
        // The same for all renewals of a grant, and for what hangs on it: using that is using the grant.
        let key = store.session_id(label, facts.signed_in_at);
        let cached = store.cache_get(CacheKind::Use, &key, self.now(), PROTECTIONS_MAX_AGE);
        cached.ok().flatten().map(|cached| cached.stored_at)
    }

    /// Remembers that it is used now. A memory that fails ends the grant earlier, never later.
    pub(crate) fn note_use(&self, label: &Label, facts: &Facts, key_store: KeyStoreId) {
        let recently = self
            .last_use(label, facts)
            .is_some_and(|then| self.now().saturating_sub(then) < LAST_USE_GRAIN.as_secs());
        if recently {
            return;
        }
        if let Ok(store) = self.store() {
            let key = store.session_id(label, facts.signed_in_at);
            let _ = store.cache_put(CacheKind::Use, &key, b"", self.now(), key_store);
        }
    }

    /// Forgets when a grant was used, which is not there any more. A memory of nothing does no harm, so that it may fail.
    pub(crate) fn forget_use(&self, label: &Label, facts: &Facts) {
        if let Ok(store) = self.store() {
            let key = store.session_id(label, facts.signed_in_at);
            let _ = store.cache_remove(CacheKind::Use, &key);
        }
    }

    /// Whether a grant has lain unused for longer than its tenant allows.
    ///
    /// # Errors
    /// `grant.idle`: a new sign-in is needed.
    pub(crate) fn check_not_idle(&self, approved: &Approved, record: &Record) -> Result<()> {
        let Some(longest) = approved.tenant.policy.max_idle else {
            return Ok(());
        };
        let signed_in = record.facts.signed_in_at;
        let used = self
            .last_use(&record.label, &record.facts)
            .unwrap_or(0)
            .max(signed_in);
        if self.now().saturating_sub(used) <= longest.as_secs() {
            return Ok(());
        }
        let name = &approved.name;
        Err(Error::login_required(
            "grant.idle",
            format!(
                "the sign-in of tenant \"{name}\" has lain unused for longer than policy.max_idle allows ({longest})"
            ),
            name.as_str(),
        ))
    }
}
