//! Handing out a token: from the store if it is valid, which takes no sandbox and no network, or after a refresh.

use vestibule_broker::release::Released;
use vestibule_core::record::{Namespace, Record};
use vestibule_core::{Kind, Result, SettingName, TenantName};
use vestibule_policy::lifetime;
use vestibule_store::{Held, KeyStoreId};

use crate::known::Known;
use crate::retire::is_at_its_end;
use crate::vestibule::{Approved, Vestibule};

/// Which token is wanted.
#[derive(Clone, Debug, Default)]
pub struct TokenQuery {
    /// Whose, where several have signed in.
    pub account: Option<String>,
    /// Renew it, although it is valid.
    pub refresh: bool,
    /// For what: the parameters of a derived credential. Empty: the grant's own token.
    pub derived_for: Vec<(SettingName, String)>,
    /// For whom: the audience that the grant's token is exchanged for (RFC 8693). Not together with the former.
    pub audience: Option<String>,
}

impl TokenQuery {
    /// Whether the grant's own token is wanted.
    pub(crate) fn is_for_the_grants_own(&self) -> bool {
        self.derived_for.is_empty() && self.audience.is_none()
    }
}

impl Vestibule {
    /// The token, if it is valid as it lies there. Touches neither sandbox nor network; none if it takes more than that.
    ///
    /// # Errors
    /// If nobody has signed in, or the grant cannot be used.
    pub fn token_at_hand(&self, name: &TenantName, query: &TokenQuery) -> Result<Option<Released>> {
        if query.refresh {
            return Ok(None);
        }
        let approved = self.approved_for_release(name)?;
        let held = match self.grant(&approved, query.account.as_deref()) {
            // It signs in by itself.
            Err(problem)
                if approved.namespace() == Namespace::Workload
                    && problem.kind() == Kind::LoginRequired =>
            {
                return Ok(None);
            }
            // Its end takes a word with the provider.
            Err(problem) if is_at_its_end(&problem) => return Ok(None),
            found => found?,
        };
        if !query.is_for_the_grants_own() {
            let Some(derived) = self.derived_at_hand(&approved, &held.record, query)? else {
                return Ok(None);
            };
            return self
                .release(
                    &approved,
                    Some(&held.record),
                    derived.record,
                    derived.key_store,
                )
                .map(Some);
        }
        if lifetime::due_for_renewal(self.now(), held.record.facts.expires_at) {
            return Ok(None);
        }
        self.release(&approved, None, held.record, held.key_store)
            .map(Some)
    }

    /// The token, renewed if it is about to expire or if that is asked for. A workload signs in anew for that.
    ///
    /// # Errors
    /// If nobody has signed in, or the provider gives no new one. Neither a refresh nor a workload's sign-in opens a browser.
    pub async fn token(&self, name: &TenantName, query: &TokenQuery) -> Result<Released> {
        if let Some(released) = self.token_at_hand(name, query)? {
            return Ok(released);
        }
        let approved = self.approved_for_release(name)?;
        let own = query.is_for_the_grants_own();
        let account = query.account.as_deref();
        let forced = own && query.refresh;
        let (record, key_store) = match approved.namespace() {
            Namespace::Workload => self.workload_grant(&approved, account, forced).await?,
            Namespace::Person => {
                let held = match self.grant(&approved, account) {
                    Err(problem) if is_at_its_end(&problem) => {
                        self.retire(&approved).await?;
                        return Err(problem);
                    }
                    found => found?,
                };
                self.fresh_grant(&approved, held, forced).await?
            }
        };
        if own {
            return self.release(&approved, None, record, key_store);
        }
        let of = Record {
            label: record.label.clone(),
            facts: record.facts.clone(),
            parts: Vec::new(),
        };
        let (record, key_store) = self.derive(&approved, record, query).await?;
        self.release(&approved, Some(&of), record, key_store)
    }

    /// The tenant, if it may be used as it is. That it may not is recorded.
    fn approved_for_release(&self, name: &TenantName) -> Result<Approved> {
        let approved = self.approved(name);
        self.record_end(&Known::of(name), "release", &approved);
        approved
    }

    /// Hands out what a record has to hand out, once that is recorded. `of` is the grant that a derived one hangs on.
    fn release(
        &self,
        approved: &Approved,
        of: Option<&Record>,
        record: Record,
        key_store: KeyStoreId,
    ) -> Result<Released> {
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        let learned = match of {
            Some(grant) => self.learn_session(&mut known, grant),
            None => Ok(()),
        };
        let learned = learned.and_then(|()| self.learn_grant(&mut known, &record, key_store));
        self.heed_release(&known)?;
        let used = (record.label.clone(), record.facts.clone());
        let released = Released::from_record(record)?;
        let names: Vec<&str> = released.names().collect();
        self.record_released(&known, learned, &names)?;
        self.note_use(&used.0, &used.1, key_store);
        Ok(released)
    }

    /// The grant with a token that lasts for the next request.
    async fn fresh_grant(
        &self,
        approved: &Approved,
        held: Held,
        forced: bool,
    ) -> Result<(Record, KeyStoreId)> {
        let key_store = held.key_store;
        let due = lifetime::due_for_renewal(self.now(), held.record.facts.expires_at);
        let record = if due || forced {
            self.renewed(approved, held, forced).await?
        } else {
            held.record
        };
        Ok((record, key_store))
    }
}
