//! The records of a tenant: found by account, used only under the approval that they were made under.

use vestibule_broker::NewRegistration;
use vestibule_core::description::Client;
use vestibule_core::event::Event;
use vestibule_core::record::{Facts, Label, Method, Namespace, Primary, Record, RecordKind};
use vestibule_core::{EnvironmentName, Error, Result, Shown, TenantName};
use vestibule_policy::lifetime;
use vestibule_store::{Held, KeyStoreId};

use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// The label that all records of this kind and tenant share.
    pub(crate) fn label(&self, approved: &Approved, kind: RecordKind) -> Result<Label> {
        let client_id = match &approved.permissions().client {
            Client::Configured { client_id, .. } => client_id.clone(),
            Client::Registered { .. } => String::new(),
        };
        let namespace = if kind.is_the_clients() {
            Namespace::Person
        } else {
            approved.namespace()
        };
        Ok(Label {
            kind,
            namespace,
            tenant: approved.name.clone(),
            issuer: approved.permissions().issuer.clone(),
            environment: environment(approved).to_owned(),
            client_id,
            subject: String::new(),
            derived_for: String::new(),
        })
    }

    /// The one grant that is meant, whether it may be used or not: the only one, or the one of this account. A workload's is none of a
    /// person's, and the other way round, whatever the tenant was before (WKL-01).
    ///
    /// # Errors
    /// If there is none, or if there are several and none was named.
    pub(crate) fn find_grant(&self, approved: &Approved, account: Option<&str>) -> Result<Held> {
        let records = self
            .store()?
            .load_tenant(&approved.name)
            .map_err(|trouble| trouble.about(&approved.name))?;
        let mut trouble = records.troubles.into_iter().next();
        let mut grants: Vec<Held> = records
            .held
            .into_iter()
            .filter(|held| held.record.label.kind == RecordKind::Grant)
            .filter(|held| held.record.label.namespace == approved.namespace())
            .collect();
        let elsewhere = other_environment(approved, &mut grants);
        if let Some(account) = account {
            grants.retain(|held| {
                held.record.label.subject == account
                    || held.record.facts.account.as_deref() == Some(account)
            });
        }
        let held = match (grants.pop(), grants.is_empty()) {
            (Some(held), true) => held,
            (Some(held), false) => {
                grants.push(held);
                return Err(several(&approved.name, &grants));
            }
            (None, _) => {
                return Err(match trouble.take() {
                    Some(trouble) => trouble.about(&approved.name),
                    None if elsewhere.is_some() => of_another_environment(approved, elsewhere),
                    None => Error::login_required(
                        "grant.missing",
                        not_signed_in(&approved.name, account),
                        approved.name.as_str(),
                    ),
                });
            }
        };
        Ok(held)
    }

    /// The one grant that is meant, if it may be used.
    ///
    /// # Errors
    /// Those of [`Self::find_grant`] and of [`Self::check_usable`].
    pub(crate) fn grant(&self, approved: &Approved, account: Option<&str>) -> Result<Held> {
        let held = self.find_grant(approved, account)?;
        self.check_usable(approved, &held.record)?;
        Ok(held)
    }

    /// A grant is used under the approval and the policy that it was made under, not beyond its end, and not after it has lain unused for
    /// too long (LOC-07, POL-03, STEP-05).
    pub(crate) fn check_usable(&self, approved: &Approved, record: &Record) -> Result<()> {
        self.check_same_approval(approved, record)?;
        match record.label.kind {
            RecordKind::Grant | RecordKind::Derived => {
                self.check_judged(approved, record)?;
                self.check_not_idle(approved, record)
            }
            RecordKind::Registration | RecordKind::Setting => Ok(()),
        }
    }

    /// Whether it was made under this approval, and has not reached its end.
    pub(crate) fn check_same_approval(&self, approved: &Approved, record: &Record) -> Result<()> {
        let name = &approved.name;
        let label = self.label(approved, record.label.kind)?;
        if record.label.environment != label.environment {
            return Err(of_another_environment(
                approved,
                Some(record.label.environment.clone()),
            ));
        }
        if record.label.issuer != label.issuer
            || record.label.client_id != label.client_id
            || record.label.namespace != label.namespace
            || record.facts.approval != approved.fingerprint
        {
            return Err(Error::login_required(
                "grant.approval",
                format!("the sign-in of tenant \"{name}\" was made under another approval"),
                name.as_str(),
            ));
        }
        if lifetime::is_over(self.now(), record.facts.ends_at) {
            return Err(Error::login_required(
                "grant.over",
                format!("the sign-in of tenant \"{name}\" has reached the end of its life"),
                name.as_str(),
            ));
        }
        Ok(())
    }

    /// Whether a record is for the tenant's environment (WKL-07).
    pub(crate) fn is_of_this_environment(&self, approved: &Approved, record: &Record) -> bool {
        record.label.environment == environment(approved)
    }

    /// The facts of a grant that `login` need not renew: one that is valid, or that can be renewed without a browser.
    pub(crate) fn valid_grant(
        &self,
        approved: &Approved,
        account: Option<&str>,
    ) -> Result<Option<Facts>> {
        match self.grant(approved, account) {
            Ok(held) => {
                let fresh = !lifetime::due_for_renewal(self.now(), held.record.facts.expires_at);
                let renewable = held.record.part("refresh_token").is_some();
                Ok((fresh || renewable).then_some(held.record.facts))
            }
            Err(problem)
                if problem.kind() == vestibule_core::Kind::LoginRequired
                    || problem.code() == "grant.several" =>
            {
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }

    /// The client registration of a tenant, if there is one that has not expired.
    pub(crate) fn registration(&self, approved: &Approved) -> Result<Option<Record>> {
        if matches!(approved.permissions().client, Client::Configured { .. }) {
            return Ok(None);
        }
        let label = self.label(approved, RecordKind::Registration)?;
        // One that cannot be opened any more is no loss: the plugin registers again.
        let held = self.store()?.load(&label).ok().flatten();
        let usable = |record: &Record| {
            record.facts.approval == approved.fingerprint
                && !lifetime::due_for_renewal(self.now(), record.facts.expires_at)
        };
        Ok(held.map(|held| held.record).filter(usable))
    }

    /// What is known of something that is the client's: nobody has signed in for it, so that there is no way, account or scope of it.
    pub(crate) fn facts_of_the_client(
        &self,
        approved: &Approved,
        ends_at: u64,
        client_id: Option<String>,
    ) -> Facts {
        let now = self.now();
        Facts {
            primary: Primary::Opaque,
            method: Method::Browser,
            account: None,
            scopes: Vec::new(),
            signed_in_at: now,
            renewed_at: now,
            expires_at: ends_at,
            ends_at,
            plugin: approved.approval.plugin_digest.clone(),
            approval: approved.fingerprint.clone(),
            id_token: None,
            judged_by: None,
            client_id,
            actor: None,
        }
    }

    /// Keeps a registration for the next time.
    pub(crate) async fn keep_registration(
        &self,
        approved: &Approved,
        new: NewRegistration,
        key_store: KeyStoreId,
    ) -> Result<()> {
        let end = new.expires_at.unwrap_or(u64::MAX);
        let record = Record {
            label: self.label(approved, RecordKind::Registration)?,
            facts: self.facts_of_the_client(approved, end, Some(new.client_id)),
            parts: new.parts,
        };
        let store = self.store()?;
        let guard = store
            .lock(&store.lock_name(&record.label), |_| {
                self.say_waiting(&approved.name)
            })
            .await?;
        store.put(&guard, &record, key_store).map(drop)
    }

    pub(crate) fn say_waiting(&self, tenant: &TenantName) {
        self.outside.observer.event(&Event::WaitingForLock {
            tenant: tenant.as_str(),
        });
    }
}

/// The environment that a tenant's credentials are for. Empty if it names none.
fn environment(approved: &Approved) -> &str {
    approved
        .tenant
        .environment
        .as_ref()
        .map_or("", EnvironmentName::as_str)
}

/// Takes the grants of other environments out (WKL-07), and says which one the last of them was for.
fn other_environment(approved: &Approved, grants: &mut Vec<Held>) -> Option<String> {
    let here = environment(approved);
    let is_here = |held: &Held| held.record.label.environment == here;
    let found = grants.iter().rfind(|held| !is_here(held));
    let found = found.map(|held| held.record.label.environment.clone());
    grants.retain(is_here);
    found
}

fn of_another_environment(approved: &Approved, its: Option<String>) -> Error {
    let words = |environment: &str| match environment {
        "" => "no environment by name".to_owned(),
        name => format!("the environment \"{}\"", Shown::new(name)),
    };
    let name = &approved.name;
    Error::login_required(
        "grant.environment",
        format!(
            "the sign-in of tenant \"{name}\" was made for {}, and the tenant is for {}",
            words(&its.unwrap_or_default()),
            words(environment(approved))
        ),
        name.as_str(),
    )
}

fn not_signed_in(name: &TenantName, account: Option<&str>) -> String {
    match account {
        Some(account) => format!(
            "nobody called \"{}\" has signed in to tenant \"{name}\"",
            Shown::new(account)
        ),
        None => format!("nobody has signed in to tenant \"{name}\""),
    }
}

fn several(name: &TenantName, grants: &[Held]) -> Error {
    let accounts: Vec<&str> = grants
        .iter()
        .map(|held| {
            held.record
                .facts
                .account
                .as_deref()
                .unwrap_or(&held.record.label.subject)
        })
        .collect();
    Error::user(
        "grant.several",
        format!(
            "several accounts have signed in to tenant \"{name}\": {}",
            Shown::new(&accounts.join(", "))
        ),
    )
    .hint("say which one: --account NAME")
}
