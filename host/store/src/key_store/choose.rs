//! Which key store new records are sealed under: the one that keeps them longest among those that work (LOC-06).

use std::sync::Arc;

use vestibule_core::{Error, Result};

use super::memory::Memory;
use super::{KeyStore, KeyStoreId, Lifetime, SessionBus, Unusable};

/// What the configuration says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// The Secret Service where one answers, else the kernel's keyring, else memory.
    #[default]
    Best,
    /// This one, or none.
    Only(KeyStoreId),
}

/// The key stores of this machine. None is touched before it is asked.
#[derive(Clone)]
pub struct KeyStores {
    stores: Vec<Arc<dyn KeyStore>>,
}

/// The choice for new records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Which one.
    pub store: KeyStoreId,
    /// How long records last there; its sentence is said before the browser opens.
    pub lifetime: Lifetime,
    /// Those that would have kept them longer, and why they cannot be used.
    pub passed_over: Vec<PassedOver>,
}

/// A key store that was not chosen, and why.
pub type PassedOver = Unusable;

impl KeyStores {
    /// The key stores of this platform.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn of_this_machine(bus: &SessionBus) -> Self {
        Self::from_list(vec![
            Arc::new(super::secret_service::SecretService::new(bus)),
            Arc::new(super::kernel_keyring::KernelKeyring),
            Arc::new(Memory::default()),
        ])
    }

    /// The key stores of this platform: so far only memory.
    #[cfg(not(target_os = "linux"))]
    #[must_use]
    pub fn of_this_machine(_: &SessionBus) -> Self {
        Self::from_list(vec![Arc::new(Memory::default())])
    }

    /// These, in this order of preference.
    #[must_use]
    pub fn from_list(stores: Vec<Arc<dyn KeyStore>>) -> Self {
        Self { stores }
    }

    /// Chooses. Takes up to `limits::KEY_STORE_ANSWER`, since a desktop's key store may have to start.
    ///
    /// Memory is chosen only if nothing else works or if it was asked for; a plain file, never.
    pub fn choose(&self, preference: Preference) -> Result<Chosen> {
        let mut passed_over = Vec::new();
        for store in &self.stores {
            let id = store.id();
            if matches!(preference, Preference::Only(wanted) if wanted != id) {
                continue;
            }
            match store.probe() {
                Ok(()) => {
                    return Ok(Chosen {
                        store: id,
                        lifetime: id.lifetime(),
                        passed_over,
                    });
                }
                Err(unusable) => passed_over.push(unusable),
            }
        }
        let reasons: Vec<String> = passed_over.iter().map(Unusable::to_string).collect();
        let message = match preference {
            Preference::Only(wanted) if reasons.is_empty() => {
                format!("{} does not exist on this platform", wanted.as_str())
            }
            Preference::Only(_) | Preference::Best => reasons.join("; "),
        };
        Err(Error::config("store.key_store", message))
    }

    /// The key store of this id, or why there is none.
    pub(crate) fn get(&self, id: KeyStoreId) -> Result<&dyn KeyStore, Unusable> {
        self.stores
            .iter()
            .find(|store| store.id() == id)
            .map(AsRef::as_ref)
            .ok_or_else(|| Unusable::new(id, "this program was not given it"))
    }
}

impl std::fmt::Debug for KeyStores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.stores.iter().map(|store| store.id()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_store::{KeyName, MasterKey};

    struct Fixed(KeyStoreId, bool);

    impl KeyStore for Fixed {
        fn id(&self) -> KeyStoreId {
            self.0
        }
        fn probe(&self) -> Result<(), Unusable> {
            if self.1 {
                Ok(())
            } else {
                Err(Unusable::new(self.0, "broken"))
            }
        }
        fn find(&self, _: &KeyName) -> Result<Option<MasterKey>, Unusable> {
            unreachable!("choosing looks for no key")
        }
        fn keep(&self, _: &KeyName, _: &MasterKey) -> Result<(), Unusable> {
            unreachable!("choosing keeps no key")
        }
        fn forget(&self, _: &KeyName) -> Result<(), Unusable> {
            unreachable!("choosing forgets no key")
        }
    }

    fn stores(secret_service: bool, kernel: bool) -> KeyStores {
        KeyStores::from_list(vec![
            Arc::new(Fixed(KeyStoreId::SecretService, secret_service)),
            Arc::new(Fixed(KeyStoreId::KernelKeyring, kernel)),
            Arc::new(Memory::default()),
        ])
    }

    #[test]
    fn the_longest_lasting_one_that_works_is_chosen() {
        for (secret_service, kernel, expected) in [
            (true, true, KeyStoreId::SecretService),
            (false, true, KeyStoreId::KernelKeyring),
            (false, false, KeyStoreId::Memory),
        ] {
            let chosen = stores(secret_service, kernel)
                .choose(Preference::Best)
                .unwrap();
            assert_eq!(chosen.store, expected);
            assert_eq!(chosen.lifetime, expected.lifetime());
        }
    }

    #[test]
    fn a_wanted_key_store_that_does_not_work_is_not_replaced_by_another() {
        let error = stores(false, true)
            .choose(Preference::Only(KeyStoreId::SecretService))
            .unwrap_err();
        assert_eq!(error.code(), "store.key_store");
        assert!(error.message().contains("broken"), "{error}");
    }
}
