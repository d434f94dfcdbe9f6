//! The memory of this process: the last resort, which keeps nothing (LOC-06).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{KeyName, KeyStore, KeyStoreId, MasterKey, Unusable};

/// Keys in the memory of this process.
#[derive(Debug, Default)]
pub struct Memory {
    keys: Mutex<HashMap<KeyName, MasterKey>>,
}

impl KeyStore for Memory {
    fn id(&self) -> KeyStoreId {
        KeyStoreId::Memory
    }

    fn probe(&self) -> Result<(), Unusable> {
        Ok(())
    }

    fn find(&self, name: &KeyName) -> Result<Option<MasterKey>, Unusable> {
        Ok(self.keys().get(name).cloned())
    }

    fn keep(&self, name: &KeyName, key: &MasterKey) -> Result<(), Unusable> {
        self.keys().insert(name.clone(), key.clone());
        Ok(())
    }

    fn forget(&self, name: &KeyName) -> Result<(), Unusable> {
        self.keys().remove(name);
        Ok(())
    }
}

impl Memory {
    fn keys(&self) -> std::sync::MutexGuard<'_, HashMap<KeyName, MasterKey>> {
        // No operation on the map can leave it half done.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
