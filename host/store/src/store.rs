//! The store: records by label, for processes that come and go.

use vestibule_core::limits::RECORD_BYTES;
use vestibule_core::record::{Label, Record};
use vestibule_core::{Error, Result, TenantName};

use crate::audit::RecentAuditKeys;
use crate::disk::{Disk, Folder};
use crate::format::{self, Generation, Header, SealedFile};
use crate::installation::InstallationId;
use crate::key_store::choose::{Chosen, KeyStores, Preference};
use crate::key_store::{KeyName, KeyStoreId, MasterKey};
use crate::lock::{Guard, LockName, Locks};
use crate::memory_shelf::MemoryShelf;
use crate::payload;
use crate::random;
use crate::record_name::RecordName;
use crate::state_dir::StateDir;
use crate::trouble::Trouble;

/// The store of one installation.
#[derive(Debug)]
pub struct Store {
    pub(crate) disk: Disk,
    pub(crate) memory: MemoryShelf,
    pub(crate) locks: Locks,
    pub(crate) installation: InstallationId,
    key_stores: KeyStores,
    /// The audit log's keys that belong to the record that was opened last.
    pub(crate) recent: RecentAuditKeys,
    /// When this process began, in Unix seconds: the name of what it sets aside.
    now: u64,
}

/// A record as it was loaded.
#[derive(Debug)]
pub struct Held {
    /// The record.
    pub record: Record,
    /// Which writing of it was loaded.
    pub generation: Generation,
    /// Which key store holds its key. A renewal stays there.
    pub key_store: KeyStoreId,
}

/// What is there of a tenant.
#[derive(Debug)]
pub struct TenantRecords {
    /// Its records, in the order of their labels.
    pub held: Vec<Held>,
    /// Those that cannot be used, and why. What is final among them was set aside.
    pub troubles: Vec<Trouble>,
}

/// What became of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "tokens that were not stored must be revoked"]
pub enum Replaced {
    /// It is stored.
    Stored(Generation),
    /// The record is gone or another one stands there: somebody signed out, or in again. Nothing was stored (CRASH-09); revoke
    /// what the renewal brought.
    Superseded,
}

impl Store {
    /// Opens the store. `now` is the time in Unix seconds. No key store is touched yet.
    pub fn open(state_dir: StateDir, key_stores: KeyStores, now: u64) -> Result<Self> {
        let disk = Disk::new(state_dir.into_dir());
        let locks = Locks::new(disk.locks()?);
        let installation = InstallationId::of(&disk, &locks)?;
        Ok(Self {
            disk,
            memory: MemoryShelf::default(),
            locks,
            installation,
            key_stores,
            recent: RecentAuditKeys::default(),
            now,
        })
    }

    /// Chooses the key store for what is new. See [`KeyStores::choose`].
    pub fn choose(&self, preference: Preference) -> Result<Chosen> {
        self.key_stores.choose(preference)
    }

    /// The tenants that ever had a record here, in alphabetical order.
    pub fn tenants(&self) -> Result<Vec<TenantName>> {
        Ok(self.disk.tenants()?)
    }

    /// The record of this label; `None` if there is none.
    ///
    /// A file that nothing will ever open again is set aside, unless another process is at work on the record.
    pub fn load(&self, label: &Label) -> Result<Option<Held>, Trouble> {
        let name = self.name(label);
        match self.read(&label.tenant, &name) {
            Ok(found) => Ok(found),
            Err(trouble) => {
                self.set_aside_if_free(&label.tenant, &name, &trouble)?;
                Err(trouble)
            }
        }
    }

    /// All records of a tenant.
    ///
    /// Files that nothing will ever open again are set aside, unless another process is at work on the record.
    pub fn load_tenant(&self, tenant: &TenantName) -> Result<TenantRecords, Trouble> {
        let folder = Folder::Grants(tenant.clone());
        let mut files = self.disk.read_all(&folder, RecordName::of_sealed_file)?;
        for (file, bytes) in self.memory.all(&folder) {
            if let Some(name) = RecordName::of_sealed_file(&file) {
                files.retain(|(on_disk, _)| *on_disk != name);
                files.push((name, Ok(bytes)));
            }
        }
        let mut records = TenantRecords {
            held: Vec::new(),
            troubles: Vec::new(),
        };
        for (name, file) in files {
            match file.and_then(|bytes| self.open_file(tenant, &name, bytes)) {
                Ok(held) => records.held.push(held),
                Err(trouble) => {
                    self.set_aside_if_free(tenant, &name, &trouble)?;
                    records.troubles.push(trouble);
                }
            }
        }
        records
            .held
            .sort_by(|a, b| a.record.label.cmp(&b.record.label));
        Ok(records)
    }

    /// What is locked for work on this record.
    #[must_use]
    pub fn lock_name(&self, label: &Label) -> LockName {
        LockName::Record(self.name(label))
    }

    /// Waits for a lock, at most `limits::LOCK_WAIT`. `waiting` is told once, if it comes to that, and says for what. Whatever
    /// was loaded before must be loaded again afterwards (CRASH-03).
    pub async fn lock(&self, name: &LockName, waiting: impl FnOnce(&LockName)) -> Result<Guard> {
        self.locks.lock(name, waiting).await
    }

    /// Takes a lock if it is free.
    pub fn try_lock(&self, name: &LockName) -> Result<Option<Guard>> {
        self.locks.try_lock(name)
    }

    /// Stores the record of a new sign-in, whatever stood there before. It is durable when this returns (CRASH-01); after an
    /// error the old one is whole (CRASH-05).
    ///
    /// What stood there and cannot be read any more is set aside first. What a later release wrote, and what somebody else could
    /// have put there, is left alone, and the new record refused.
    pub fn put(&self, guard: &Guard, record: &Record, key_store: KeyStoreId) -> Result<Generation> {
        let name = self.guarded(guard, &record.label)?;
        match self.read(&record.label.tenant, &name) {
            Ok(_) | Err(Trouble::KeyUnavailable(_)) => {}
            Err(trouble) if trouble.is_final() => self.set_aside(&record.label.tenant, &name)?,
            Err(trouble) => return Err(trouble.into()),
        }
        self.write(&name, record, key_store)
    }

    /// Stores the renewal of a record, if what was loaded is still what is there. Durable when this returns (CRASH-01).
    pub fn replace(&self, guard: &Guard, loaded: &Held, renewed: &Record) -> Result<Replaced> {
        let name = self.guarded(guard, &renewed.label)?;
        if renewed.label != loaded.record.label {
            return Err(Error::host(
                "store.label",
                "a renewal may not change which record it is",
            ));
        }
        match self.read(&renewed.label.tenant, &name) {
            Ok(Some(current)) if current.generation == loaded.generation => {}
            Ok(_) | Err(Trouble::Damaged(_) | Trouble::KeyLost(_)) => {
                return Ok(Replaced::Superseded);
            }
            Err(trouble) => return Err(trouble.into()),
        }
        self.write(&name, renewed, loaded.key_store)
            .map(Replaced::Stored)
    }

    /// Removes a record, with what was ever set aside of it. Whether there was one. Durable when this returns.
    pub fn remove(&self, guard: &Guard, label: &Label) -> Result<bool> {
        let name = self.guarded(guard, label)?;
        if let Err(trouble @ (Trouble::Newer { .. } | Trouble::NotPrivate { .. })) =
            self.read(&label.tenant, &name)
        {
            return Err(trouble.into());
        }
        let folder = Folder::Grants(label.tenant.clone());
        let in_memory = self.memory.remove(&name.sealed_file());
        let on_disk = self.disk.remove(&folder, &name.sealed_file())?;
        let set_aside = format!("{name}{UNREADABLE}");
        for file in self.disk.names(&folder)? {
            if file.starts_with(&set_aside) {
                self.disk.remove(&folder, &file)?;
            }
        }
        Ok(in_memory || on_disk)
    }

    /// Makes everything that was ever sealed under this key store's key unreadable, copies and backups included.
    pub fn forget_key(&self, key_store: KeyStoreId) -> Result<()> {
        let _guard = self.locks.lock_blocking(&LockName::Key)?;
        self.recent.forget();
        self.key_stores
            .get(key_store)
            .and_then(|store| store.forget(&self.key_name()))
            .map_err(|unusable| Trouble::KeyUnavailable(unusable).into())
    }

    fn name(&self, label: &Label) -> RecordName {
        RecordName::of(label, &self.installation)
    }

    fn key_name(&self) -> KeyName {
        KeyName::of(self.installation.hex())
    }

    fn guarded(&self, guard: &Guard, label: &Label) -> Result<RecordName> {
        let name = self.name(label);
        if *guard.name() == LockName::Record(name) {
            Ok(name)
        } else {
            Err(Error::host(
                "store.guard",
                "a record may be changed only under its own lock",
            ))
        }
    }
}

// --- Reading -----------------------------------------------------------------------------------------------------------------

impl Store {
    fn read(&self, tenant: &TenantName, name: &RecordName) -> Result<Option<Held>, Trouble> {
        let folder = Folder::Grants(tenant.clone());
        let file = name.sealed_file();
        let bytes = match self.memory.read(&folder, &file) {
            Some(bytes) => Some(bytes),
            None => self.disk.read(&folder, &file)?,
        };
        bytes
            .map(|bytes| self.open_file(tenant, name, bytes))
            .transpose()
    }

    fn open_file(
        &self,
        tenant: &TenantName,
        name: &RecordName,
        bytes: Vec<u8>,
    ) -> Result<Held, Trouble> {
        let sealed = SealedFile::parse(bytes)?;
        let header = sealed.header.clone();
        if header.tenant != *tenant {
            return Err(Trouble::Damaged("it belongs to another tenant"));
        }
        let master = self
            .master_key(header.key_store)?
            .ok_or(Trouble::KeyLost(header.key_store))?;
        if master.id()? != header.key_id {
            return Err(Trouble::KeyLost(header.key_store));
        }
        let record = payload::read(&sealed.open(name, &master)?)?;
        self.recent.keep(header.key_store, &master)?;
        if self.name(&record.label) != *name
            || record.label.tenant != header.tenant
            || record.label.kind != header.kind
        {
            return Err(Trouble::Damaged("it was sealed for another record"));
        }
        Ok(Held {
            record,
            generation: header.generation,
            key_store: header.key_store,
        })
    }

    /// The key in this key store, and no other is asked. `None` if it has none.
    pub(crate) fn master_key(&self, id: KeyStoreId) -> Result<Option<MasterKey>, Trouble> {
        self.key_stores
            .get(id)
            .and_then(|store| store.find(&self.key_name()))
            .map_err(Trouble::KeyUnavailable)
    }
}

// --- Writing -----------------------------------------------------------------------------------------------------------------

/// What a file that was set aside has after its record's name; the time follows.
const UNREADABLE: &str = ".unreadable-";

impl Store {
    fn write(&self, name: &RecordName, record: &Record, id: KeyStoreId) -> Result<Generation> {
        let master = self.master_key_or_new(id)?;
        let generation = Generation(random::bytes()?);
        let header = Header {
            key_store: id,
            key_id: master.id()?,
            kind: record.label.kind,
            generation,
            tenant: record.label.tenant.clone(),
        };
        let bytes = format::seal(&header, name, &master, payload::write(record)?)?;
        if bytes.len() as u64 > RECORD_BYTES {
            return Err(Error::host(
                "store.too_large",
                format!(
                    "the record has {} bytes, more than {RECORD_BYTES}",
                    bytes.len()
                ),
            ));
        }
        let folder = Folder::Grants(record.label.tenant.clone());
        let file = name.sealed_file();
        if id == KeyStoreId::Memory {
            self.disk.remove(&folder, &file)?;
            self.memory.write(&folder, &file, bytes);
        } else {
            self.disk.write(&folder, &file, &bytes)?;
            self.memory.remove(&file);
        }
        Ok(generation)
    }

    /// The key in this key store, drawn if there is none.
    pub(crate) fn master_key_or_new(&self, id: KeyStoreId) -> Result<MasterKey, Trouble> {
        if let Some(key) = self.master_key(id)? {
            return Ok(key);
        }
        // Two processes that both find none must not both draw one: the second would bury the first one's records.
        let _guard = self.locks.lock_blocking(&LockName::Key)?;
        if let Some(key) = self.master_key(id)? {
            return Ok(key);
        }
        let key = MasterKey::draw()?;
        self.key_stores
            .get(id)
            .and_then(|store| store.keep(&self.key_name(), &key))
            .map_err(Trouble::KeyUnavailable)?;
        Ok(key)
    }

    /// Sets a file aside, if its trouble is final and nobody is at work on the record: without the lock, what is moved away
    /// might be the good file that another process has just written.
    fn set_aside_if_free(
        &self,
        tenant: &TenantName,
        name: &RecordName,
        trouble: &Trouble,
    ) -> Result<(), Trouble> {
        if !trouble.is_final() {
            return Ok(());
        }
        let Some(_guard) = self.locks.try_lock(&LockName::Record(*name))? else {
            return Ok(());
        };
        match self.read(tenant, name) {
            Err(trouble) if trouble.is_final() => Ok(self.set_aside(tenant, name)?),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Sets a file aside. Its lock is held.
    fn set_aside(&self, tenant: &TenantName, name: &RecordName) -> Result<()> {
        let file = name.sealed_file();
        if self.memory.remove(&file) {
            return Ok(());
        }
        let folder = Folder::Grants(tenant.clone());
        let aside = format!("{name}{UNREADABLE}{}", self.now);
        self.disk.rename_aside(&folder, &file, &aside)?;
        Ok(())
    }
}
