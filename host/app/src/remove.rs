//! Removing a tenant: its grants are revoked and erased, its registration, its secrets and its approval forgotten (WKL-09).

use vestibule_audit::{Change, Event as AuditEvent};
use vestibule_core::{Result, TenantName};

use crate::known::Known;
use crate::sign_out::SignedOut;
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
    pub async fn remove_tenant(&self, name: &TenantName) -> Result<Removed> {
        let signed_out = self.sign_out(name, None).await?;
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
        let before = approvals::read(&self.places, name).ok().flatten();
        let change = Change {
            what: "removed".to_owned(),
            before: before
                .map(|before| approvals::fingerprint(&before.permissions))
                .transpose()?,
            ..Change::default()
        };
        let mut known = Known::of(name);
        self.learn_approved(&mut known);
        // What is removed can do no more harm, recorded or not.
        self.record_change(AuditEvent::Policy, &known, change)?;
        approvals::remove(&self.places, name)?;
        Ok(Removed {
            signed_out,
            file: tenants::remove(&self.places, name)?,
        })
    }
}
