//! What the audit log has of the store: a private folder and its lock, a key, and digests that say which without saying what.
//!
//! The key is derived from the master key, as that of the cache is. So it is held where the sign-ins' key is, lives as long, and goes
//! with it. In the memory of a process it would end with the process: there the log has no key, rather than one that nobody has later.
#![allow(
    clippy::disallowed_methods,
    reason = "a token is known in the audit log by a keyed digest, and what is digested has to be read"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use vestibule_core::Result;
use vestibule_core::record::{Label, Namespace, Part, RecordKind};
use zeroize::Zeroizing;

use crate::key_store::{KeyStoreId, MasterKey};
use crate::lock::{Guard, LockName};
use crate::private_folder::PrivateFolder;
use crate::store::Store;
use crate::trouble::Trouble;
use crate::{mac, random};

/// Bytes of an id in the log: too many to meet another one by chance.
const ID_BYTES: usize = 16;

/// Characters of the id that the kernel draws when it starts.
const BOOT_ID_CHARS: u64 = 36;

impl Store {
    /// The folder of the audit log, created if it is not there.
    ///
    /// # Errors
    /// If somebody else could write in it or read it, or it cannot be created.
    pub fn audit_folder(&self) -> Result<PrivateFolder> {
        Ok(PrivateFolder::new(self.disk.audit()?))
    }

    /// Waits for the lock of the audit log. It is held while a record is written, and while the log is read as a whole; and since the key
    /// may have to be asked for meanwhile, as long as a key store takes to answer. Another program of this user can hold it as long as it
    /// likes: then this fails in the end, and nothing is recorded.
    pub fn lock_audit(&self) -> Result<Guard> {
        self.locks.lock_blocking(&LockName::Audit)
    }

    /// The key of the audit log in this key store; none if it has none any more, or would not have it later.
    ///
    /// # Errors
    /// If the key store cannot be asked.
    pub fn audit_key(&self, key_store: KeyStoreId) -> Result<Option<Zeroizing<[u8; 32]>>> {
        if key_store == KeyStoreId::Memory {
            return Ok(None);
        }
        let master = self.master_key(key_store)?;
        let keys = master.map(|master| AuditKeys::of(&master)).transpose()?;
        Ok(keys.map(|keys| keys.log))
    }

    /// The same as it was when a record was opened last, without asking the key store again: a desktop's takes longer to answer than
    /// all the rest. Whoever uses it knows the id of the key that it should be.
    #[must_use]
    pub fn recent_audit_key(&self, key_store: KeyStoreId) -> Option<Zeroizing<[u8; 32]>> {
        if key_store == KeyStoreId::Memory {
            return None;
        }
        self.recent.of(key_store).map(|keys| keys.log.clone())
    }

    /// The same, drawn if there is none.
    ///
    /// # Errors
    /// If the key store cannot be asked, or does not keep it.
    pub fn audit_key_or_new(&self, key_store: KeyStoreId) -> Result<Option<Zeroizing<[u8; 32]>>> {
        if key_store == KeyStoreId::Memory {
            return Ok(None);
        }
        let master = self.master_key_or_new(key_store)?;
        Ok(Some(AuditKeys::of(&master)?.log))
    }

    /// What each of these secrets is known by in the audit log (POL-05), by its name: a digest under a key of this key store. Who lacks
    /// the key can neither compute it nor compare a guess with it.
    ///
    /// # Errors
    /// If the key cannot be had.
    pub fn token_ids(
        &self,
        key_store: KeyStoreId,
        parts: &[Part],
    ) -> Result<BTreeMap<String, String>> {
        let keys = match self.recent.of(key_store) {
            Some(keys) => keys,
            None => Arc::new(AuditKeys::of(&self.master_key_or_new(key_store)?)?),
        };
        let id = |part: &Part| {
            let secret = part.secret.expose().as_bytes();
            short(&mac::of(&keys.token, b"vestibule token id 1", &[secret]))
        };
        let named = |part: &Part| (part.name.as_str().to_owned(), id(part));
        Ok(parts.iter().map(named).collect())
    }

    /// What tells this start of the machine from every other one; none where the system does not say.
    #[must_use]
    pub fn boot_id(&self) -> Option<String> {
        boot_id()
    }

    /// The id of this installation, for the audit log. It tells two state directories apart, and names nothing else.
    #[must_use]
    pub fn device_id(&self) -> String {
        let digest = mac::of(self.installation.as_bytes(), b"vestibule device id 1", &[]);
        short(&digest)
    }

    /// The id of a grant, for the audit log: the same for its renewals and for what is derived from it, another one for the next
    /// sign-in. `began` is when the sign-in was, in Unix seconds.
    #[must_use]
    pub fn session_id(&self, label: &Label, began: u64) -> String {
        let kind = match label.namespace {
            Namespace::Person => RecordKind::Grant.as_str(),
            Namespace::Workload => label.namespace.as_str(),
        };
        let fields = [
            kind,
            label.tenant.as_str(),
            &label.issuer,
            &label.client_id,
            &label.subject,
        ];
        let began = began.to_be_bytes();
        let fields: Vec<&[u8]> = fields
            .iter()
            .map(|field| field.as_bytes())
            .chain([began.as_slice()])
            .collect();
        let digest = mac::of(
            self.installation.as_bytes(),
            b"vestibule session id 1",
            &fields,
        );
        short(&digest)
    }
}

/// What is derived for the audit log. Erased when dropped.
struct AuditKeys {
    /// Of its records.
    log: Zeroizing<[u8; 32]>,
    /// Of the digests of tokens.
    token: Zeroizing<[u8; 32]>,
}

impl AuditKeys {
    fn of(master: &MasterKey) -> Result<Self, Trouble> {
        Ok(Self {
            log: Zeroizing::new(master.derive(b"vestibule audit key")?),
            token: Zeroizing::new(master.derive(b"vestibule token id key")?),
        })
    }
}

/// The keys that belong to the record that was opened last.
#[derive(Default)]
pub(crate) struct RecentAuditKeys(Mutex<Option<(KeyStoreId, Arc<AuditKeys>)>>);

impl RecentAuditKeys {
    pub(crate) fn keep(&self, key_store: KeyStoreId, master: &MasterKey) -> Result<(), Trouble> {
        *self.lock() = Some((key_store, Arc::new(AuditKeys::of(master)?)));
        Ok(())
    }

    pub(crate) fn forget(&self) {
        *self.lock() = None;
    }

    fn of(&self, key_store: KeyStoreId) -> Option<Arc<AuditKeys>> {
        let recent = self.lock();
        let (of, keys) = recent.as_ref()?;
        (*of == key_store).then(|| Arc::clone(keys))
    }

    fn lock(&self) -> MutexGuard<'_, Option<(KeyStoreId, Arc<AuditKeys>)>> {
        // It is there as a whole, or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RecentAuditKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

fn short(digest: &[u8; 32]) -> String {
    random::hex(digest.get(..ID_BYTES).unwrap_or(digest))
}

/// The id that the kernel draws when it starts: its own file, in a folder that nobody else can change.
fn boot_id() -> Option<String> {
    let folder = Dir::open_ambient_dir("/proc/sys/kernel/random", ambient_authority()).ok()?;
    let mut text = String::new();
    let file = folder.open("boot_id").ok()?;
    file.take(BOOT_ID_CHARS + 1)
        .read_to_string(&mut text)
        .ok()?;
    let id = text.trim_end();
    let legal = id.len() as u64 == BOOT_ID_CHARS
        && id
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    legal.then(|| id.to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::boot_id;

    #[test]
    fn a_start_of_the_machine_has_one_id() {
        let id = boot_id().unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(boot_id().unwrap(), id);
    }
}
