//! What the host would choose, asked before anything is done: the way to sign in, and the key store.

use vestibule_core::limits::PROTECTIONS_MAX_AGE;
use vestibule_core::plugin::Plugin as _;
use vestibule_core::record::Method;
use vestibule_core::setting::SettingField;
use vestibule_core::{PluginName, Result, TenantName};
use vestibule_engine::Admitted;
use vestibule_policy::{Chosen, Circumstances, Probe, choose_method, safest_method};
use vestibule_store::{CacheKind, KeyStoreId};

use crate::approve::Proposal;
use crate::plugins;
use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// The way in which an approved tenant signs in on this machine, and what decided; `asked` is the one that the person wants.
    ///
    /// # Errors
    /// If the tenant was not approved as it is, or its policy does not allow that way, or none that the plugin can drive.
    pub fn method(&self, name: &TenantName, asked: Option<Method>) -> Result<Chosen> {
        self.method_of(&self.approved(name)?, asked)
    }

    pub(crate) fn method_of(&self, approved: &Approved, asked: Option<Method>) -> Result<Chosen> {
        Ok(choose_method(
            &approved.tenant.policy,
            &approved.permissions().methods,
            Circumstances {
                asked,
                probe: &self.outside.probe,
                last: self.last_method(&approved.name)?,
            },
        )?)
    }

    /// What this machine is like, as whoever opened the library has found it.
    #[must_use]
    pub fn probe(&self) -> &Probe {
        &self.outside.probe
    }

    /// The way in which somebody last signed in to this tenant here, unless a year has gone by.
    pub(crate) fn last_method(&self, name: &TenantName) -> Result<Option<Method>> {
        let store = self.store()?;
        let name = name.as_str();
        let cached = store.cache_get(CacheKind::Method, name, self.now(), PROTECTIONS_MAX_AGE);
        let word = cached.ok().flatten().map(|cached| cached.bytes);
        Ok(word.and_then(|word| {
            [Method::Browser, Method::Device, Method::Workload]
                .into_iter()
                .find(|method| method.as_str().as_bytes() == word)
        }))
    }

    /// Remembers the way of a sign-in that went well. A memory that fails costs a question at most.
    pub(crate) fn remember_method(
        &self,
        approved: &Approved,
        method: Method,
        key_store: KeyStoreId,
    ) {
        if let Ok(store) = self.store() {
            let (name, word) = (approved.name.as_str(), method.as_str().as_bytes());
            let _ = store.cache_put(CacheKind::Method, name, word, self.now(), key_store);
        }
    }

    /// The safest way in which an approved tenant could sign in, here or elsewhere.
    ///
    /// # Errors
    /// If the tenant was not approved as it is, or its policy allows no way that the plugin can drive.
    pub fn safest_method(&self, name: &TenantName) -> Result<Chosen> {
        let approved = self.approved(name)?;
        Ok(safest_method(
            &approved.tenant.policy,
            &approved.permissions().methods,
        )?)
    }

    /// The key store for what is new, and those passed over.
    ///
    /// # Errors
    /// If the one that the configuration insists on cannot be used.
    pub fn key_store(&self) -> Result<vestibule_store::Chosen> {
        self.choose_key_store()
    }

    /// Deletes the key of this installation: whatever was sealed under it stays unreadable for good, copies included.
    ///
    /// # Errors
    /// If the key store does not delete it.
    pub fn forget_key(&self, key_store: KeyStoreId) -> Result<()> {
        self.store()?.forget_key(key_store)
    }

    /// The settings that an installed plugin takes.
    ///
    /// # Errors
    /// If it is not installed, or cannot be run.
    pub fn settings_of(&self, plugin: &PluginName) -> Result<Vec<SettingField>> {
        let admitted = Admitted::new(plugins::read(&self.places, plugin)?)?;
        Ok(self.sandbox()?.load(&admitted)?.describe(&[])?.settings)
    }
}

impl Proposal {
    /// The safest way in which the tenant could sign in, once approved.
    ///
    /// # Errors
    /// If its policy allows no way that the plugin can drive.
    pub fn method(&self) -> Result<Chosen> {
        Ok(safest_method(
            &self.tenant.policy,
            &self.approval.permissions.methods,
        )?)
    }
}
