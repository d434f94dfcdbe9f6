//! Credentials that hang on a grant, without a browser: one sign-in serves many (an AWS account and role), and its token is exchanged for
//! one for somebody else (RFC 8693).

use vestibule_audit::Event as AuditEvent;
use vestibule_broker::Finished;
use vestibule_core::authentication::Demand;
use vestibule_core::event::Event;
use vestibule_core::record::{Facts, Label, Namespace, Part, Record, RecordKind};
use vestibule_core::{Error, Result, SecretKind, Shown};
use vestibule_policy::{check_audience, lifetime};
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
        self.check_query(approved, query)?;
        let label = derived_label(&grant.label, query);
        let Ok(Some(held)) = self.store()?.load(&label) else {
            return Ok(None);
        };
        // What hangs on an earlier sign-in has ended with it.
        if self.check_usable(approved, &held.record).is_err()
            || held.record.facts.signed_in_at != grant.facts.signed_in_at
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
        self.record_end(&known, doing(query), &ended);
        ended
    }

    async fn derive_known(
        &self,
        approved: &Approved,
        grant: Record,
        query: &TokenQuery,
        known: &mut Known,
    ) -> Result<(Record, KeyStoreId)> {
        self.check_query(approved, query)?;
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
        if query.audience.is_some() {
            for text in approved.tenant.policy.warnings() {
                self.outside.observer.event(&Event::Warning { text: &text });
            }
        }
        let key_store = self.choose_key_store()?.store;
        let before = grant.facts.clone();
        let registration = self.registration(approved)?;
        known.registered(registration.as_ref());
        // Not to know whose it is keeps nobody from having it.
        let _ = self.learn_session(known, &grant);
        self.heed(
            known,
            match query.audience {
                Some(_) => AuditEvent::Exchange,
                None => AuditEvent::Derive,
            },
        )?;
        let plan = FlowPlan {
            approved,
            demand: Demand::default(),
            method: before.method,
            scopes: before.scopes.clone(),
            registration,
            key_store,
            wanted: match &query.audience {
                Some(audience) => Wanted::Exchange {
                    grant,
                    audience: audience.clone(),
                },
                None => Wanted::Derive {
                    grant,
                    parameters: query.derived_for.clone(),
                    interactive: self.can_be_asked(approved),
                },
            },
        };
        let under_way = self.under_way(known, doing(query));
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
        let in_seconds = |seconds: u32| now.saturating_add(u64::from(seconds));
        let said = derived.expires_at.or(derived.expires_in.map(in_seconds));
        let (event, ends_at) = match &query.audience {
            Some(_) => {
                self.tell_granted(&derived.asked, &derived.scopes);
                known.asked(before.method, &derived.asked);
                // WKL-04: the broker has bounded it by the subject's token; that of the record is the same.
                (AuditEvent::Exchange, before.expires_at.min(before.ends_at))
            }
            None => (AuditEvent::Derive, before.ends_at),
        };
        let scopes = match &query.audience {
            Some(_) => derived.scopes,
            None => before.scopes,
        };
        let facts = Facts {
            primary: derived.primary,
            scopes,
            renewed_at: now,
            expires_at: lifetime::expiry(now, said, &approved.tenant.policy).min(ends_at),
            id_token: None,
            actor: derived.actor,
            ..before
        };
        let record = Record {
            label,
            facts,
            parts: of_its_own(derived.parts),
        };
        self.record_issued(event, known, &record, key_store)?;
        store.put(&guard, &record, key_store)?;
        Ok((record, key_store))
    }

    /// Whether a question of a plugin would reach a person. A workload's never does (WKL-01).
    fn can_be_asked(&self, approved: &Approved) -> bool {
        approved.namespace() == Namespace::Person && self.outside.person.is_present()
    }

    fn check_query(&self, approved: &Approved, query: &TokenQuery) -> Result<()> {
        match &query.audience {
            Some(_) if !query.derived_for.is_empty() => Err(Error::user(
                "token.for",
                "an audience and parameters were given, and a token is for one of them",
            )),
            Some(audience) => Ok(check_audience(&approved.tenant.policy, audience)?),
            None => self.check_parameters(approved, query),
        }
    }

    /// Erases what hangs on a grant that was replaced by this one.
    pub(crate) async fn forget_derived(&self, approved: &Approved, grant: &Label) -> Result<()> {
        let store = self.store()?;
        let records = store
            .load_tenant(&approved.name)
            .map_err(|trouble| trouble.about(&approved.name))?;
        for held in records.held {
            let label = held.record.label;
            let hangs_on_it = Label {
                kind: RecordKind::Grant,
                derived_for: String::new(),
                ..label.clone()
            } == *grant;
            if label.kind == RecordKind::Derived && hangs_on_it {
                let guard = store
                    .lock(&store.lock_name(&label), |_| {
                        self.say_waiting(&approved.name)
                    })
                    .await?;
                store.remove(&guard, &label)?;
            }
        }
        Ok(())
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

/// What is being done, for the audit log.
fn doing(query: &TokenQuery) -> &'static str {
    match query.audience {
        Some(_) => "exchange",
        None => "derive",
    }
}

/// Audience or parameters are part of the label, these in one order, so that no credential stands in for another (LOC-07). The name of
/// a parameter is followed by a sign of equality.
fn derived_label(grant: &Label, query: &TokenQuery) -> Label {
    if let Some(audience) = &query.audience {
        return Label {
            kind: RecordKind::Derived,
            derived_for: format!("audience:{audience}"),
            ..grant.clone()
        };
    }
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
