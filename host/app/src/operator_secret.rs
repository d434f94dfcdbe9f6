//! Secrets that an operator has for a tenant, such as a client secret (RFC 6749 section 2.3.1): fetched from where the tenant file says
//! they are, at the moment in which a flow needs them. The plugin never gets them.

use std::path::Path;

use vestibule_audit::{Change, Event as AuditEvent};
use vestibule_core::event::SecretQuestion;
use vestibule_core::name::NameProblem;
use vestibule_core::record::{Label, Namespace, Part, Record, RecordKind};
use vestibule_core::setting::SettingValue;
use vestibule_core::tenant::SecretSource;
use vestibule_core::{
    Error, Result, Secret, SecretKind, SecretName, SettingName, Shown, TenantName,
};
use vestibule_store::{KeyStoreId, Lifetime};

use crate::known::Known;
use crate::secret_file;
use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// A secret setting. One that ships in public programs may stand in the tenant file itself.
    pub(crate) fn operator_secret(
        &self,
        approved: &Approved,
        setting: &SettingName,
    ) -> Result<Secret> {
        match (
            approved.tenant.secrets.get(setting),
            approved.tenant.settings.get(setting),
        ) {
            (Some(SecretSource::File(path)), _) => {
                secret_file::read(Path::new(path), setting.as_str())
            }
            (Some(SecretSource::KeyStore), _) => self.stored_secret(approved, setting),
            (Some(SecretSource::Prompt), _) => self.typed_secret(approved, setting),
            (None, Some(SettingValue::Text(text))) => Ok(Secret::new(text.clone())),
            (None, _) => Err(Error::config(
                "tenant.secret",
                format!("the client secret \"{setting}\" is missing"),
            )
            .hint(format!(
                "put it into [secrets] of the tenant file: {setting} = {{ file = \"…\" }}, or \"key_store\", or \"prompt\""
            ))),
        }
    }

    /// A secret setting that is a private key: where it is a file, all of it.
    pub(crate) fn operator_key(
        &self,
        approved: &Approved,
        setting: &SettingName,
    ) -> Result<Secret> {
        match approved.tenant.secrets.get(setting) {
            Some(SecretSource::File(path)) => {
                secret_file::read_all(Path::new(path), setting.as_str())
            }
            Some(SecretSource::KeyStore | SecretSource::Prompt) | None => {
                self.operator_secret(approved, setting)
            }
        }
    }

    /// Keeps a secret setting in the store, sealed as a grant is. It is of use for this tenant's issuer and client alone: under others
    /// it is not found.
    ///
    /// `ask` gets it, once it is known that it can be kept.
    ///
    /// # Errors
    /// If the tenant is not approved, does not look for this secret in the key store, or the store cannot keep it; and those of `ask`.
    pub async fn keep_secret(
        &self,
        name: &TenantName,
        setting: &SettingName,
        ask: impl FnOnce(&SecretQuestion<'_>) -> Result<Secret>,
    ) -> Result<KeyStoreId> {
        let approved = self.approved(name)?;
        looks_in_key_store(&approved, setting)?;
        let chosen = self.choose_key_store()?;
        if chosen.lifetime == Lifetime::ThisProcess {
            return Err(Error::config(
                "store.memory_only",
                "no key store of this machine can be used, so that the secret would end with this command",
            )
            .hint("run: vestibule doctor — it says what each key store lacks"));
        }
        let secret = self.answer_to(&approved, setting, ask)?;
        let record = Record {
            label: self.secret_label(&approved, setting)?,
            facts: self.facts_of_the_client(&approved, u64::MAX, None),
            parts: vec![Part {
                name: SecretName::parse(setting.as_str()).map_err(NameProblem::by_user)?,
                kind: SecretKind::ClientSecret,
                secret,
            }],
        };
        let store = self.store()?;
        let guard = store
            .lock(&store.lock_name(&record.label), |_| self.say_waiting(name))
            .await?;
        self.record_secret(&approved, setting, "secret kept")?;
        store.put(&guard, &record, chosen.store)?;
        Ok(chosen.store)
    }

    /// Which secret of which tenant changed, and how; never what it is.
    fn record_secret(&self, approved: &Approved, setting: &SettingName, what: &str) -> Result<()> {
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        let change = Change {
            what: format!("{what}: {setting}"),
            before: None,
            after: None,
            given_up: None,
        };
        self.record_change(AuditEvent::Policy, &known, change)
    }

    /// What somebody says to the question for a secret, unless it is nothing.
    fn answer_to(
        &self,
        approved: &Approved,
        setting: &SettingName,
        ask: impl FnOnce(&SecretQuestion<'_>) -> Result<Secret>,
    ) -> Result<Secret> {
        let issuer = approved.permissions().issuer()?;
        let secret = ask(&SecretQuestion {
            tenant: approved.name.as_str(),
            setting: setting.as_str(),
            issuer: &Shown::whole(issuer.as_str()).to_string(),
        })?;
        if secret.is_empty() {
            return Err(Error::user(
                "secret.none",
                format!("the secret \"{setting}\" was asked for, and not given"),
            ));
        }
        Ok(secret)
    }

    /// Erases a secret setting from the store. Whether there was one.
    ///
    /// # Errors
    /// If the tenant is not approved, or the store cannot erase it.
    pub async fn forget_secret(&self, name: &TenantName, setting: &SettingName) -> Result<bool> {
        let approved = self.approved(name)?;
        let label = self.secret_label(&approved, setting)?;
        let store = self.store()?;
        let guard = store
            .lock(&store.lock_name(&label), |_| self.say_waiting(name))
            .await?;
        let was_there = store.remove(&guard, &label)?;
        if was_there {
            self.record_secret(&approved, setting, "secret erased")?;
        }
        Ok(was_there)
    }

    /// What a sign-in would miss, without asking anybody: a secret that should be in the store, or in a file, and is not.
    pub(crate) fn missing_secret(&self, approved: &Approved) -> Option<Error> {
        let kept = approved.tenant.secrets.iter();
        kept.filter(|(_, source)| **source != SecretSource::Prompt)
            .find_map(|(setting, _)| self.operator_secret(approved, setting).err())
    }

    fn stored_secret(&self, approved: &Approved, setting: &SettingName) -> Result<Secret> {
        let label = self.secret_label(approved, setting)?;
        let held = self
            .store()?
            .load(&label)
            .map_err(|trouble| trouble.about(&approved.name))?;
        let part = held.and_then(|held| held.record.parts.into_iter().next());
        part.map(|part| part.secret).ok_or_else(|| {
            Error::config(
                "tenant.secret",
                format!("the secret \"{setting}\" is not in the store for this issuer, client and environment"),
            )
            .hint(format!(
                "run: vestibule tenant secret {} {setting}",
                approved.name
            ))
        })
    }

    /// When a secret was put into the store, in Unix seconds.
    pub(crate) fn stored_since(&self, approved: &Approved, setting: &SettingName) -> Option<u64> {
        let label = self.secret_label(approved, setting).ok()?;
        let held = self.store().ok()?.load(&label).ok()??;
        Some(held.record.facts.signed_in_at)
    }

    fn typed_secret(&self, approved: &Approved, setting: &SettingName) -> Result<Secret> {
        let name = &approved.name;
        let person = &self.outside.person;
        let nobody = || {
            Error::user(
                "secret.nobody",
                format!("the secret \"{setting}\" of tenant \"{name}\" is typed each time, and there is nobody at a terminal to type it"),
            )
            .hint(format!(
                "for use without a terminal: {setting} = \"key_store\" in [secrets] of the tenant file, then: vestibule tenant secret {name} {setting}"
            ))
        };
        // A workload's sign-in asks nobody, whoever sits there (WKL-01).
        if !person.is_present() || approved.namespace() == Namespace::Workload {
            return Err(nobody());
        }
        self.answer_to(approved, setting, |question| person.secret(question))
    }

    fn secret_label(&self, approved: &Approved, setting: &SettingName) -> Result<Label> {
        Ok(Label {
            derived_for: setting.to_string(),
            ..self.label(approved, RecordKind::Setting)?
        })
    }
}

fn looks_in_key_store(approved: &Approved, setting: &SettingName) -> Result<()> {
    if approved.tenant.secrets.get(setting) == Some(&SecretSource::KeyStore) {
        return Ok(());
    }
    Err(Error::config(
        "tenant.secret_source",
        format!(
            "the tenant \"{}\" does not look for the secret \"{setting}\" in the key store",
            approved.name
        ),
    )
    .hint(format!(
        "write into [secrets] of the tenant file: {setting} = \"key_store\", then: vestibule tenant approve {}",
        approved.name
    )))
}
