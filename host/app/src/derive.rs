//! Credentials that hang on a grant: one sign-in serves many (an AWS account and role), without a browser.

use vestibule_audit::Event as AuditEvent;
use vestibule_broker::Finished;
use vestibule_core::record::{Facts, Label, Part, Record, RecordKind};
use vestibule_core::{Error, Result, SecretKind, Shown};
use vestibule_policy::lifetime;
use vestibule_store::{Held, KeyStoreId};

use crate::flow::{FlowPlan, Wanted};
use crate::known::Known;
use crate::sign_in::worth_keeping;
use crate::token::TokenQuery;
use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// The derived credential, if a valid one is stored.
    pub(crate) fn derived_at_hand(
        &self,
        approved: &Approved,
        grant: &Record,
        query: &TokenQuery,
    ) -> Result<Option<Held>> {
        self.check_parameters(approved, query)?;
        let label = derived_label(&grant.label, query);
        let Ok(Some(held)) = self.store()?.load(&label) else {
            return Ok(None);
        };
        if self.check_usable(approved, &held.record).is_err()
            || lifetime::due_for_renewal(self.now(), held.record.facts.expires_at)
        {
            return Ok(None);
        }
        Ok(Some(held))
    }

    /// Derives the credential anew, and says where its key is. One process at a time; the others take what it stored.
    pub(crate) async fn derive(
        &self,
        approved: &Approved,
        grant: Record,
        query: &TokenQuery,
    ) -> Result<(Record, KeyStoreId)> {
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        let ended = self.derive_known(approved, grant, query, &mut known).await;
        self.record_end(&known, "derive", &ended);
        ended
    }

    async fn derive_known(
        &self,
        approved: &Approved,
        grant: Record,
        query: &TokenQuery,
        known: &mut Known,
    ) -> Result<(Record, KeyStoreId)> {
        let store = self.store()?;
        let label = derived_label(&grant.label, query);
        let guard = store
            .lock(&store.lock_name(&label), |_| {
                self.say_waiting(&approved.name)
            })
            .await?;
        if !query.refresh
            && let Some(held) = self.derived_at_hand(approved, &grant, query)?
        {
            return Ok((held.record, held.key_store));
        }
        self.ready_to_record(approved.tenant.policy.risk)?;
        let key_store = self.choose_key_store()?.store;
        let before = grant.facts.clone();
        let registration = self.registration(approved)?;
        known.registered(registration.as_ref());
        // Not to know whose it is keeps nobody from having it.
        let _ = self.learn_session(known, &grant);
        self.heed(known, AuditEvent::Derive)?;
        let plan = FlowPlan {
            approved,
            method: before.method,
            scopes: before.scopes.clone(),
            registration,
            key_store,
            wanted: Wanted::Derive {
                grant,
                parameters: query.derived_for.clone(),
                interactive: self.outside.person.is_present(),
            },
        };
        let under_way = self.under_way(known, "derive");
        let (ended, traces) = self.run(plan).await;
        under_way.ended();
        known.flow(traces.counted);
        let Finished::Grant(derived) = ended? else {
            return Err(Error::plugin(
                "plugin.finish",
                "the plugin ended the derivation without a credential",
            ));
        };
        let now = self.now();
        let facts = Facts {
            primary: derived.primary,
            renewed_at: now,
            expires_at: lifetime::expiry(now, derived.expires_at, &approved.tenant.policy)
                .min(before.ends_at),
            id_token: None,
            ..before
        };
        let record = Record {
            label,
            facts,
            parts: of_its_own(derived.parts),
        };
        self.record_issued(AuditEvent::Derive, known, &record, key_store)?;
        store.put(&guard, &record, key_store)?;
        Ok((record, key_store))
    }

    fn check_parameters(&self, approved: &Approved, query: &TokenQuery) -> Result<()> {
        let declared = &approved.permissions().derivation;
        match query
            .derived_for
            .iter()
            .find(|(name, _)| !declared.iter().any(|parameter| parameter.name == *name))
        {
            None => Ok(()),
            Some((name, _)) => {
                let known: Vec<&str> = declared
                    .iter()
                    .map(|parameter| parameter.name.as_str())
                    .collect();
                let known = if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                };
                Err(Error::user(
                    "token.for",
                    format!(
                        "the plugin of tenant \"{}\" derives nothing for \"{}\"; its parameters: {}",
                        approved.name,
                        name,
                        Shown::new(&known)
                    ),
                ))
            }
        }
    }
}

/// The parameters are part of the label, in one order, so that no credential stands in for another (LOC-07).
fn derived_label(grant: &Label, query: &TokenQuery) -> Label {
    let mut parameters: Vec<String> = query
        .derived_for
        .iter()
        .map(|(name, value)| format!("{name}={}:{value}", value.len()))
        .collect();
    parameters.sort();
    Label {
        kind: RecordKind::Derived,
        derived_for: parameters.join(","),
        ..grant.clone()
    }
}

/// A derived credential is derived anew, not refreshed: what the grant is renewed by stays with the grant.
fn of_its_own(parts: Vec<Part>) -> Vec<Part> {
    let mut parts = worth_keeping(parts);
    parts.retain(|part| part.kind != SecretKind::RefreshToken);
    parts
}
