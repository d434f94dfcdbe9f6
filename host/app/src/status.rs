//! What is stored here: an inventory of every grant.

use vestibule_core::record::{Facts, Namespace, RecordKind};
use vestibule_core::{Result, TenantName};
use vestibule_store::KeyStoreId;

use crate::tenants;
use crate::vestibule::Vestibule;

/// The state of one tenant.
#[derive(Debug)]
pub struct TenantStatus {
    /// Its name.
    pub tenant: TenantName,
    /// Why it cannot be used as it is, if it cannot: never approved, changed since, or gone.
    pub problem: Option<String>,
    /// Its records.
    pub records: Vec<RecordStatus>,
    /// Records that cannot be opened, in words.
    pub troubles: Vec<String>,
}

/// The state of one record.
#[derive(Debug)]
pub struct RecordStatus {
    /// What it is.
    pub kind: RecordKind,
    /// Whose credentials it holds.
    pub namespace: Namespace,
    /// Who it is for: the subject or account of the provider.
    pub subject: String,
    /// For a derived credential: for what.
    pub derived_for: String,
    /// What is known of it.
    pub facts: Facts,
    /// Whether it can be renewed without a browser.
    pub renewable: bool,
    /// Where its key is.
    pub key_store: KeyStoreId,
}

impl Vestibule {
    /// The state of every tenant that has a file or a record.
    pub fn status(&self) -> Result<Vec<TenantStatus>> {
        let store = self.store()?;
        let mut names = tenants::list(&self.places)?;
        names.extend(store.tenants()?);
        names.sort();
        names.dedup();
        names.into_iter().map(|name| self.status_of(name)).collect()
    }

    /// The state of one tenant.
    pub fn status_of(&self, tenant: TenantName) -> Result<TenantStatus> {
        let problem = self
            .approved(&tenant)
            .err()
            .map(|problem| problem.message().to_owned());
        let records = self
            .store()?
            .load_tenant(&tenant)
            .map_err(|trouble| trouble.about(&tenant))?;
        let troubles = records.troubles.iter().map(ToString::to_string).collect();
        let records = records.held.into_iter().map(|held| RecordStatus {
            kind: held.record.label.kind,
            namespace: held.record.label.namespace,
            subject: held.record.label.subject.clone(),
            derived_for: held.record.label.derived_for.clone(),
            renewable: held.record.part("refresh_token").is_some(),
            key_store: held.key_store,
            facts: held.record.facts,
        });
        Ok(TenantStatus {
            tenant,
            problem,
            records: records.collect(),
            troubles,
        })
    }
}
