//! What can be fetched or learned again, kept so that nobody can put words into it (DISC-10).
//!
//! An entry is no secret and is not sealed, but it carries the code (HMAC-SHA256) of a key that is derived from the master key,
//! over its kind, its key and its time as well: an edited, exchanged or foreign entry is as good as none.

use std::time::Duration;

use vestibule_core::Result;
use vestibule_core::limits::{CLOCK_SKEW, RECORD_BYTES};
use zeroize::Zeroizing;

use crate::disk::Folder;
use crate::format::Reader;
use crate::key_store::KeyStoreId;
use crate::mac;
use crate::record_name::RecordName;
use crate::store::Store;
use crate::trouble::Trouble;

const MAGIC: &[u8; 8] = b"VSTBLCAC";
const VERSION: u8 = 1;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheKind {
    /// Authorization server metadata (RFC 8414).
    Metadata,
    /// A key set (RFC 7517 section 5).
    Jwks,
    /// What an issuer was seen to support.
    Issuer,
    /// In which way somebody last signed in to a tenant.
    Method,
    /// When a grant was last used.
    Use,
    /// How often a resource has asked for another sign-in to a tenant.
    StepUps,
}

impl CacheKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Jwks => "jwks",
            Self::Issuer => "issuer",
            Self::Method => "method",
            Self::Use => "use",
            Self::StepUps => "step-ups",
        }
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// What was put in.
    pub bytes: Vec<u8>,
    /// When, in Unix seconds.
    pub stored_at: u64,
}

impl Store {
    /// The entry of this kind and key, if it is genuine and no older than `max_age` at `now` (Unix seconds).
    ///
    /// An entry from the future is none, except for the skew that clocks have.
    pub fn cache_get(
        &self,
        kind: CacheKind,
        key: &str,
        now: u64,
        max_age: Duration,
    ) -> Result<Option<Cached>> {
        let Some(cached) = self.entry(kind, key)? else {
            return Ok(None);
        };
        let fresh = cached.stored_at <= now.saturating_add(CLOCK_SKEW.as_secs())
            && now.saturating_sub(cached.stored_at) <= max_age.as_secs();
        Ok(fresh.then_some(cached))
    }

    /// Keeps an entry, in place of an earlier one. `key_store` as chosen for the sign-in that it belongs to: in memory, if that
    /// is kept in memory. What is larger than a record is not kept.
    pub fn cache_put(
        &self,
        kind: CacheKind,
        key: &str,
        bytes: &[u8],
        now: u64,
        key_store: KeyStoreId,
    ) -> Result<()> {
        if !is_kept(bytes) {
            return Ok(());
        }
        let name = self.entry_name(kind, key);
        let _guard = self
            .locks
            .lock_blocking(&crate::lock::LockName::Issuer(name))?;
        self.write_entry(&name, kind, key, bytes, now, key_store)
    }

    /// Changes the entry of this kind and key while nobody else of this user reads or writes it to change it: `change` gets what
    /// [`Self::cache_get`] would give, and says what to put in its place, if anything.
    ///
    /// # Errors
    /// If it cannot be locked, read or written. What is larger than a record is not kept, and is no error.
    pub fn cache_update(
        &self,
        kind: CacheKind,
        key: &str,
        now: u64,
        max_age: Duration,
        key_store: KeyStoreId,
        change: &mut dyn FnMut(Option<Cached>) -> Option<Vec<u8>>,
    ) -> Result<()> {
        let name = self.entry_name(kind, key);
        let _guard = self
            .locks
            .lock_blocking(&crate::lock::LockName::Issuer(name))?;
        match change(self.cache_get(kind, key, now, max_age)?) {
            Some(bytes) if is_kept(&bytes) => {
                self.write_entry(&name, kind, key, &bytes, now, key_store)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Forgets the entry of this kind and key, if there is one. It is gone for good when this returns.
    ///
    /// # Errors
    /// If it cannot be locked or removed.
    pub fn cache_remove(&self, kind: CacheKind, key: &str) -> Result<()> {
        let name = self.entry_name(kind, key);
        let _guard = self
            .locks
            .lock_blocking(&crate::lock::LockName::Issuer(name))?;
        self.memory.remove(&name.to_string());
        self.disk.remove(&Folder::Cache, &name.to_string())?;
        Ok(())
    }

    fn entry_name(&self, kind: CacheKind, key: &str) -> RecordName {
        RecordName::of_entry(kind.as_str(), key, &self.installation)
    }

    /// The entry, if it is what this installation wrote and its key is not gone.
    fn entry(&self, kind: CacheKind, key: &str) -> Result<Option<Cached>> {
        let file = self.entry_name(kind, key).to_string();
        let bytes = match self.memory.read(&Folder::Cache, &file) {
            Some(bytes) => Some(bytes),
            None => match self.disk.read(&Folder::Cache, &file) {
                Ok(bytes) => bytes,
                Err(Trouble::Damaged(_)) => return Ok(None),
                Err(trouble) => return Err(trouble.into()),
            },
        };
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        match self.verify(kind, key, &bytes) {
            Ok(cached) => Ok(Some(cached)),
            Err(Trouble::Damaged(_) | Trouble::KeyLost(_) | Trouble::KeyUnavailable(_)) => Ok(None),
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// Writes an entry. Its lock is held.
    pub(crate) fn write_entry(
        &self,
        name: &RecordName,
        kind: CacheKind,
        key: &str,
        bytes: &[u8],
        now: u64,
        key_store: KeyStoreId,
    ) -> Result<()> {
        let master = self.master_key_or_new(key_store)?;
        let code = mac::of(
            &*mac_key(&master)?,
            PURPOSE,
            &fields(kind, key, &now.to_be_bytes(), bytes),
        );
        let file = [
            MAGIC.as_slice(),
            &[VERSION, key_store.code()],
            &now.to_be_bytes(),
            &code,
            bytes,
        ]
        .concat();
        if key_store == KeyStoreId::Memory {
            self.memory.write(&Folder::Cache, &name.to_string(), file);
        } else {
            self.disk.write(&Folder::Cache, &name.to_string(), &file)?;
        }
        Ok(())
    }

    fn verify(&self, kind: CacheKind, key: &str, file: &[u8]) -> Result<Cached, Trouble> {
        let mut reader = Reader(file);
        if reader.array::<8>()? != *MAGIC || reader.byte()? != VERSION {
            return Err(Trouble::Damaged("it is no entry of this release"));
        }
        let key_store = KeyStoreId::from_code(reader.byte()?)
            .ok_or(Trouble::Damaged("it names an unknown key store"))?;
        let stored_at: [u8; 8] = reader.array()?;
        let code: [u8; 32] = reader.array()?;
        let bytes = reader.0;
        let master = self
            .master_key(key_store)?
            .ok_or(Trouble::KeyLost(key_store))?;
        if !mac::verifies(
            &*mac_key(&master)?,
            PURPOSE,
            &fields(kind, key, &stored_at, bytes),
            &code,
        ) {
            return Err(Trouble::Damaged("its code is wrong"));
        }
        Ok(Cached {
            bytes: bytes.to_vec(),
            stored_at: u64::from_be_bytes(stored_at),
        })
    }
}

/// Whether this fits, with its head.
fn is_kept(bytes: &[u8]) -> bool {
    bytes.len() as u64 + 256 <= RECORD_BYTES
}

const PURPOSE: &[u8] = b"vestibule cache entry 1";

fn mac_key(master: &crate::MasterKey) -> Result<Zeroizing<[u8; 32]>, Trouble> {
    master.derive(b"vestibule cache key").map(Zeroizing::new)
}

fn fields<'a>(
    kind: CacheKind,
    key: &'a str,
    stored_at: &'a [u8; 8],
    bytes: &'a [u8],
) -> [&'a [u8]; 4] {
    [kind.as_str().as_bytes(), key.as_bytes(), stored_at, bytes]
}
