//! Erasing all of a tenant, what nobody can open any more included (WKL-09).

use vestibule_core::{Result, TenantName};

use crate::disk::Folder;
use crate::lock::LockName;
use crate::record_name::RecordName;
use crate::store::Store;

impl Store {
    /// Erases every file that is left of a tenant, and its folder: records that cannot be opened now, those that were set aside, those
    /// of a later release, and what a killed process left unfinished. How many records that were. Durable when this returns.
    ///
    /// What could be opened is to be removed before, by [`Self::remove`], so that it can be revoked. `waiting` is told if another
    /// process is at work on a record.
    ///
    /// # Errors
    /// If a file cannot be removed, or another process does not let go of one.
    pub async fn erase_tenant(&self, tenant: &TenantName, waiting: impl Fn()) -> Result<usize> {
        let folder = Folder::Grants(tenant.clone());
        let mut records = 0;
        for (file, _) in self.memory.all(&folder) {
            records += usize::from(self.memory.remove(&file));
        }
        for file in self.disk.names(&folder)? {
            let record = RecordName::of_any_file(&file);
            let _guard = match record {
                Some(name) => Some(self.lock(&LockName::Record(name), |_| waiting()).await?),
                None => None,
            };
            let was_there = self.disk.remove(&folder, &file)?;
            records += usize::from(was_there && RecordName::is_whole(&file));
        }
        self.disk.remove_tenant(tenant)?;
        Ok(records)
    }
}
