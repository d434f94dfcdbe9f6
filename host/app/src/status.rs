//! What is stored here: an inventory of every grant.

use vestibule_core::record::{Facts, Namespace, Record, RecordKind};
use vestibule_core::{Result, TenantName};
use vestibule_policy::lifetime;
use vestibule_store::{Held, KeyStoreId};

use crate::tenants;
use crate::vestibule::{Approved, Vestibule};

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
    /// The issuer, or what stands for it, character for character.
    pub issuer: String,
    /// Who it is for: the subject or account of the provider.
    pub subject: String,
    /// The environment that it is for. Empty for a tenant that names none.
    pub environment: String,
    /// For a derived credential: for what.
    pub derived_for: String,
    /// What is known of it.
    pub facts: Facts,
    /// When it was last handed out, or something that hangs on it, in Unix seconds and to the minute; nothing if that is not known, for
    /// instance since it never was.
    pub last_use: Option<u64>,
    /// Whether it can be renewed without a browser.
    pub renewable: bool,
    /// What else somebody needs to use what is handed out.
    pub binding: Binding,
    /// Where its key is, and so how it is protected.
    pub key_store: KeyStoreId,
    /// Whether it can be used now.
    pub standing: Standing,
}

/// What somebody needs to use a credential, besides the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Nothing: whoever has it can use it (RFC 6750).
    Bearer,
}

impl Binding {
    /// The word that stands in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
        }
    }
}

/// Whether a record can be used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can, if need be once it was renewed.
    Good,
    /// What is handed out has expired and cannot be renewed.
    Expired,
    /// It has reached the end of its life.
    Over,
    /// It has lain unused for longer than its tenant allows.
    Idle,
    /// It was made under what does not hold any more; why, in words.
    Stale(String),
}

impl Standing {
    /// The word that stands in lists and JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::Over => "over",
            Self::Idle => "idle",
            Self::Stale(_) => "stale",
        }
    }
}

impl Vestibule {
    /// The state of every tenant that has a file or a record.
    ///
    /// # Errors
    /// If the store or the tenant files cannot be looked at.
    pub fn status(&self) -> Result<Vec<TenantStatus>> {
        let store = self.store()?;
        let mut names = tenants::list(&self.places)?;
        names.extend(store.tenants()?);
        names.sort();
        names.dedup();
        names.into_iter().map(|name| self.status_of(name)).collect()
    }

    /// The state of one tenant.
    ///
    /// # Errors
    /// If the store cannot be looked at.
    pub fn status_of(&self, tenant: TenantName) -> Result<TenantStatus> {
        let approved = self.approved(&tenant);
        let records = self
            .store()?
            .load_tenant(&tenant)
            .map_err(|trouble| trouble.about(&tenant))?;
        let troubles = records.troubles.iter().map(ToString::to_string).collect();
        let records = records.held.into_iter();
        Ok(TenantStatus {
            records: records
                .map(|held| self.status_of_record(&approved, held))
                .collect(),
            problem: approved.err().map(|problem| problem.message().to_owned()),
            tenant,
            troubles,
        })
    }

    fn status_of_record(&self, approved: &Result<Approved>, held: Held) -> RecordStatus {
        let standing = self.standing(approved, &held.record);
        let Record { label, facts, .. } = &held.record;
        RecordStatus {
            kind: label.kind,
            namespace: label.namespace,
            last_use: if label.kind.is_the_clients() {
                None
            } else {
                self.last_use(label, facts)
            },
            renewable: held.record.part("refresh_token").is_some(),
            binding: Binding::Bearer,
            key_store: held.key_store,
            standing,
            issuer: label.issuer.clone(),
            subject: label.subject.clone(),
            environment: label.environment.clone(),
            derived_for: label.derived_for.clone(),
            facts: held.record.facts,
        }
    }

    fn standing(&self, approved: &Result<Approved>, record: &Record) -> Standing {
        // A client's own records have no life of their own: whether they fit is seen when they are looked for.
        if record.label.kind.is_the_clients() {
            return Standing::Good;
        }
        let problem = match approved {
            Ok(approved) => self.check_usable(approved, record).err(),
            Err(problem) => return Standing::Stale(problem.message().to_owned()),
        };
        match problem {
            Some(problem) if problem.code() == "grant.over" => Standing::Over,
            Some(problem) if problem.code() == "grant.idle" => Standing::Idle,
            Some(problem) => Standing::Stale(problem.message().to_owned()),
            None if lifetime::is_over(self.now(), record.facts.expires_at)
                && record.part("refresh_token").is_none() =>
            {
                Standing::Expired
            }
            None => Standing::Good,
        }
    }
}
