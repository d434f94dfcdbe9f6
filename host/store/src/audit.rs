//! What the audit log has of the store: a private folder and its lock, a key, and digests that say which without saying what.
//!
//! The key is derived from the master key, as that of the cache is. So it is held where the sign-ins' key is, lives as long, and goes
//! with it. In the memory of a process it would end with the process: there the log has no key, rather than one that nobody has later.
#![allow(
    clippy::disallowed_methods,
    reason = "a token is known in the audit log by a keyed digest, and what is digested has to be read"
)]

use std::collections::BTreeMap;

use vestibule_core::Result;
use vestibule_core::record::{Label, Part, RecordKind};
use zeroize::Zeroizing;

use crate::key_store::{KeyStoreId, MasterKey};
use crate::lock::{Guard, LockName};
use crate::private_folder::PrivateFolder;
use crate::store::Store;
use crate::trouble::Trouble;
use crate::{mac, random};

/// Bytes of an id in the log: too many to meet another one by chance.
const ID_BYTES: usize = 16;

impl Store {
    /// The folder of the audit log, created if it is not there.
    ///
    /// # Errors
    /// If somebody else could write in it or read it, or it cannot be created.
    pub fn audit_folder(&self) -> Result<PrivateFolder> {
        Ok(PrivateFolder::new(self.disk.audit()?))
    }

    /// Waits for the lock of the audit log, which is never held for long.
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
        Ok(master.map(|master| audit_key(&master)).transpose()?)
    }

    /// The same, drawn if there is none.
    ///
    /// # Errors
    /// If the key store cannot be asked, or does not keep it.
    pub fn audit_key_or_new(&self, key_store: KeyStoreId) -> Result<Option<Zeroizing<[u8; 32]>>> {
        if key_store == KeyStoreId::Memory {
            return Ok(None);
        }
        Ok(Some(audit_key(&self.master_key_or_new(key_store)?)?))
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
        let master = self.master_key_or_new(key_store)?;
        let key = Zeroizing::new(master.derive::<32>(b"vestibule token id key")?);
        let id = |part: &Part| {
            let secret = part.secret.expose().as_bytes();
            short(&mac::of(&key, b"vestibule token id 1", &[secret]))
        };
        let named = |part: &Part| (part.name.as_str().to_owned(), id(part));
        Ok(parts.iter().map(named).collect())
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
        let fields = [
            RecordKind::Grant.as_str(),
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

fn audit_key(master: &MasterKey) -> Result<Zeroizing<[u8; 32]>, Trouble> {
    master.derive(b"vestibule audit key").map(Zeroizing::new)
}

fn short(digest: &[u8; 32]) -> String {
    random::hex(digest.get(..ID_BYTES).unwrap_or(digest))
}
