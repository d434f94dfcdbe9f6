//! Signing out: revoked at the provider if it can be, erased here in any case (RFC 7009, REV-01).

use vestibule_broker::RevocationResult;
use vestibule_core::authentication::Demand;
use vestibule_core::event::Event;
use vestibule_core::record::{Record, RecordKind};
use vestibule_core::{Result, SecretKind, TenantName};
use vestibule_policy::lifetime;
use vestibule_store::{Held, KeyStoreId};

use crate::flow::{FlowPlan, Wanted};
use crate::known::Known;
use crate::vestibule::{Approved, Vestibule};

/// What signing out came to.
#[derive(Debug, Default)]
pub struct SignedOut {
    /// Whose grants were erased here.
    pub accounts: Vec<String>,
    /// What the provider has confirmed as revoked.
    pub confirmed: Vec<SecretKind>,
    /// What it has not, and why. It may be valid until it expires.
    pub unconfirmed: Vec<Unconfirmed>,
}

/// A revocation that was not confirmed (REV-02).
#[derive(Debug)]
pub struct Unconfirmed {
    /// What could not be revoked.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl Vestibule {
    /// Signs out of a tenant: all accounts, or one.
    ///
    /// # Errors
    /// Only if the local copies cannot be erased. What the provider does not confirm is told in the result.
    pub async fn sign_out(&self, name: &TenantName, account: Option<&str>) -> Result<SignedOut> {
        self.end_grants(name, |record| {
            account.is_none_or(|account| {
                record.label.subject == account || record.facts.account.as_deref() == Some(account)
            })
        })
        .await
    }

    /// Revokes and erases those grants of a tenant that are meant, and what hangs on them.
    ///
    /// # Errors
    /// Only if the local copies cannot be erased.
    pub(crate) async fn end_grants(
        &self,
        name: &TenantName,
        meant: impl Fn(&Record) -> bool,
    ) -> Result<SignedOut> {
        let store = self.store()?;
        let records = store
            .load_tenant(name)
            .map_err(|trouble| trouble.about(name))?;
        let approved = self.approved(name);
        let mut out = SignedOut::default();
        for held in records.held {
            if held.record.label.kind.is_the_clients() || !meant(&held.record) {
                continue;
            }
            self.erase(name, approved.as_ref().ok(), held, &mut out)
                .await?;
        }
        Ok(out)
    }

    /// Erases one record under its lock, after trying to revoke what it holds. A refresh that runs meanwhile loses (CRASH-09).
    async fn erase(
        &self,
        name: &TenantName,
        approved: Option<&Approved>,
        seen: Held,
        out: &mut SignedOut,
    ) -> Result<()> {
        let store = self.store()?;
        let label = seen.record.label.clone();
        let guard = store
            .lock(&store.lock_name(&label), |_| self.say_waiting(name))
            .await?;
        let current = store.load(&label).ok().flatten();
        store.remove(&guard, &label)?;
        let Some(held) = current else { return Ok(()) };
        self.forget_use(&label, &held.record.facts);
        match label.kind {
            RecordKind::Grant => out.accounts.push(
                held.record
                    .facts
                    .account
                    .clone()
                    .unwrap_or_else(|| label.subject.clone()),
            ),
            // A token that was exchanged is one of the provider's as well. Other things that are derived cannot be revoked.
            RecordKind::Derived if held.record.part("access_token").is_some() => {}
            RecordKind::Derived | RecordKind::Registration | RecordKind::Setting => return Ok(()),
        }
        let mut known = Known::of(name);
        if let Some(approved) = approved {
            known.approved(approved);
        }
        // Not to know the session keeps nobody from ending it.
        let _ = self.learn_grant(&mut known, &held.record, held.key_store);
        let (confirmed, unconfirmed) = (out.confirmed.len(), out.unconfirmed.len());
        self.revoke_what_can_be(approved, held, out, &mut known)
            .await;
        let confirmed = out.confirmed.iter().skip(confirmed);
        let unconfirmed = out.unconfirmed.iter().skip(unconfirmed);
        self.record_revoked(
            &known,
            confirmed.map(|kind| kind.as_str().to_owned()).collect(),
            unconfirmed.map(|what| what.what.clone()).collect(),
        );
        Ok(())
    }

    /// Asks the provider to end what a record holds, if there is somebody to ask.
    async fn revoke_what_can_be(
        &self,
        approved: Option<&Approved>,
        held: Held,
        out: &mut SignedOut,
        known: &mut Known,
    ) {
        let kinds: Vec<SecretKind> = held
            .record
            .parts
            .iter()
            .map(|part| part.kind)
            .filter(|kind| *kind != SecretKind::IdToken)
            .collect();
        let unconfirmed = |reason: &str| Unconfirmed {
            what: words(&kinds),
            reason: reason.to_owned(),
        };
        let Some(approved) = approved.filter(|approved| {
            self.check_usable(approved, &held.record).is_ok()
                || (held.record.facts.approval == approved.fingerprint
                    && self.is_of_this_environment(approved, &held.record))
        }) else {
            out.unconfirmed.push(unconfirmed(
                "the tenant has changed since, so that its endpoints are not asked any more",
            ));
            return;
        };
        let revoked = match self.revocable(approved, held.record, held.key_store).await {
            Ok(record) => self.revoke(approved, record, held.key_store, known).await,
            Err(problem) => Err((problem, Vec::new())),
        };
        match revoked {
            Ok(results) if results.is_empty() => out
                .unconfirmed
                .push(unconfirmed("the provider offers no revocation")),
            Ok(results) => {
                for result in results {
                    match result.reason {
                        None if result.confirmed => out.confirmed.push(result.kind),
                        reason => out.unconfirmed.push(Unconfirmed {
                            what: words(&[result.kind]),
                            reason: reason.unwrap_or_default(),
                        }),
                    }
                }
            }
            Err((problem, results)) => {
                out.confirmed.extend(
                    results
                        .iter()
                        .filter(|result| result.confirmed)
                        .map(|result| result.kind),
                );
                out.unconfirmed.push(unconfirmed(problem.message()));
            }
        }
    }

    /// The record with a token that can still end the session. Where a revocation carries the token in a header, the token is what
    /// authorizes it, so that one that has expired is renewed first.
    async fn revocable(
        &self,
        approved: &Approved,
        record: Record,
        key_store: KeyStoreId,
    ) -> Result<Record> {
        let authorizes = approved
            .permissions()
            .endpoints
            .get("revocation")
            .is_some_and(|endpoint| endpoint.token_header.is_some());
        let renewable = record.part("refresh_token").is_some()
            && lifetime::is_over(self.now(), record.facts.expires_at);
        if authorizes && renewable {
            self.refreshed(approved, record, key_store).await
        } else {
            Ok(record)
        }
    }

    async fn revoke(
        &self,
        approved: &Approved,
        record: Record,
        key_store: KeyStoreId,
        known: &mut Known,
    ) -> std::result::Result<Vec<RevocationResult>, (vestibule_core::Error, Vec<RevocationResult>)>
    {
        let registration = self.registration(approved).unwrap_or_default();
        let plan = FlowPlan {
            approved,
            demand: Demand::default(),
            method: record.facts.method,
            scopes: record.facts.scopes.clone(),
            registration,
            key_store,
            wanted: Wanted::Revoke(record),
        };
        let under_way = self.under_way(known, "sign-out");
        let (ended, traces) = self.run(plan).await;
        under_way.ended();
        known.flow(traces.counted);
        self.record_end(known, "sign-out", &ended);
        match ended {
            Ok(_) => Ok(traces.revocations),
            // Each refusal is in the results; another reason is told beside them.
            Err(_) if traces.revocations.iter().any(|result| !result.confirmed) => {
                Ok(traces.revocations)
            }
            Err(problem) => Err((problem, traces.revocations)),
        }
    }

    /// Revokes tokens that nobody will use. That it may fail is said.
    pub(crate) async fn revoke_quietly(
        &self,
        approved: &Approved,
        record: Record,
        key_store: KeyStoreId,
    ) {
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        // Not to know the session keeps nobody from ending it.
        let _ = self.learn_grant(&mut known, &record, key_store);
        let revoked = self.revoke(approved, record, key_store, &mut known).await;
        let results = match &revoked {
            Ok(results) | Err((_, results)) => results,
        };
        let of = |confirmed: bool| {
            let these = results
                .iter()
                .filter(|result| result.confirmed == confirmed);
            these
                .map(|result| result.kind.as_str().to_owned())
                .collect()
        };
        self.record_revoked(&known, of(true), of(false));
        if let Err((problem, _)) = revoked {
            let text = format!(
                "tokens that are not needed any more could not be revoked: {}",
                problem.message()
            );
            self.outside.observer.event(&Event::Warning { text: &text });
        }
    }
}

fn words(kinds: &[SecretKind]) -> String {
    kinds
        .iter()
        .map(|kind| kind.as_str().replace('_', " "))
        .collect::<Vec<_>>()
        .join(" and ")
}
