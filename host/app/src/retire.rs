//! Grants that have reached their end (POL-03): of their life, or of the time that they may lie unused. The provider is told, and they are
//! erased, at the next command that would have used them.

use vestibule_core::record::RecordKind;
use vestibule_core::{Error, Result};

use crate::vestibule::{Approved, Vestibule};

/// Whether a grant is refused because its time is up, rather than for what it is.
pub(crate) fn is_at_its_end(problem: &Error) -> bool {
    matches!(problem.code(), "grant.over" | "grant.idle")
}

impl Vestibule {
    /// Revokes and erases every grant of a tenant whose time is up. What the provider does not confirm is told.
    ///
    /// # Errors
    /// If one cannot be erased here.
    pub(crate) async fn retire(&self, approved: &Approved) -> Result<()> {
        let store = self.store()?;
        let records = store
            .load_tenant(&approved.name)
            .map_err(|trouble| trouble.about(&approved.name))?;
        for seen in records.held {
            let label = seen.record.label.clone();
            if label.kind != RecordKind::Grant || !self.is_over(approved, &seen.record) {
                continue;
            }
            let guard = store
                .lock(&store.lock_name(&label), |_| {
                    self.say_waiting(&approved.name)
                })
                .await?;
            // Somebody may have signed in meanwhile, or used it.
            let current = store.load(&label).ok().flatten();
            let Some(held) = current.filter(|held| self.is_over(approved, &held.record)) else {
                continue;
            };
            store.remove(&guard, &label)?;
            self.forget_use(&label, &held.record.facts);
            self.revoke_quietly(approved, held.record, held.key_store)
                .await;
        }
        Ok(())
    }

    fn is_over(&self, approved: &Approved, record: &vestibule_core::record::Record) -> bool {
        self.check_usable(approved, record)
            .is_err_and(|problem| is_at_its_end(&problem))
    }
}
