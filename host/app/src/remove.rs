//! Removing a tenant: its grants are revoked and erased, its registration, its secrets, its approval and what was remembered of it
//! forgotten (WKL-09). What an issuer was seen to support stays: it is of the issuer, and guards its other tenants. So does the audit log.

use vestibule_audit::{Change, Event as AuditEvent};
use vestibule_core::{Result, TenantName};
use vestibule_store::CacheKind;

use crate::known::Known;
use crate::sign_out::{SignedOut, Unconfirmed};
use crate::vestibule::Vestibule;
use crate::{approvals, tenants};

/// What removing a tenant came to.
#[derive(Debug)]
pub struct Removed {
    /// What became of its grants.
    pub signed_out: SignedOut,
    /// Whether there was a file of this user. A system's file stays.
    pub file: bool,
}

impl Vestibule {
    /// Removes a tenant: signs everybody out first, while its endpoints are still known.
    ///
    /// # Errors
    /// If something of it cannot be erased here; or `audit.unwritable`, for a tenant of high risk.
    pub async fn remove_tenant(&self, name: &TenantName) -> Result<Removed> {
        let signed_out = self.erase_records(name).await?;
        self.record_approval_change(name, "removed")?;
        approvals::remove(&self.places, name)?;
        Ok(Removed {
            signed_out,
            file: tenants::remove(&self.places, name)?,
        })
    }

    /// Erases all that the store has of a tenant, and revokes what can be revoked of it.
    pub(crate) async fn erase_records(&self, name: &TenantName) -> Result<SignedOut> {
        let mut signed_out = self.sign_out(name, None).await?;
        let store = self.store()?;
        let records = store
            .load_tenant(name)
            .map_err(|trouble| trouble.about(name))?;
        for held in records
            .held
            .into_iter()
            .filter(|held| held.record.label.kind.is_the_clients())
        {
            let guard = store
                .lock(&store.lock_name(&held.record.label), |_| {
                    self.say_waiting(name)
                })
                .await?;
            store.remove(&guard, &held.record.label)?;
        }
        let closed = store.erase_tenant(name, || self.say_waiting(name)).await?;
        if closed > 0 {
            signed_out.unconfirmed.push(Unconfirmed {
                what: match closed {
                    1 => "what one record held".to_owned(),
                    more => format!("what {more} records held"),
                },
                reason: "it could not be opened, and so not be revoked".to_owned(),
            });
        }
        for kind in [CacheKind::Method, CacheKind::StepUps] {
            store.cache_remove(kind, name.as_str())?;
        }
        Ok(signed_out)
    }

    /// Records that an approval is about to be forgotten.
    pub(crate) fn record_approval_change(&self, name: &TenantName, what: &str) -> Result<()> {
        let before = approvals::read(&self.places, name).ok().flatten();
        let change = Change {
            what: what.to_owned(),
            before: before
                .map(|before| approvals::fingerprint(&before.permissions))
                .transpose()?,
            ..Change::default()
        };
        let mut known = Known::of(name);
        self.learn_approved(&mut known);
        // What is removed can do no more harm, recorded or not.
        self.record_change(AuditEvent::Policy, &known, change)
    }
}
