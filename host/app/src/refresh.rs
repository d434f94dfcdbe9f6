//! Refreshing a grant (RFC 6749 section 6): one at a time over all processes, durable before it is used.

use vestibule_audit::Event as AuditEvent;
use vestibule_broker::id_token::is_of_another_session;
use vestibule_broker::{Finished, FinishedGrant};
use vestibule_core::authentication::Demand;
use vestibule_core::event::Event;
use vestibule_core::record::{Facts, Label, Record};
use vestibule_core::{Error, Result};
use vestibule_policy::identity::Occasion;
use vestibule_policy::{Binding, ClientType, Rotation, keep_refresh_token, lifetime};
use vestibule_store::{Held, KeyStoreId, Replaced};

use crate::flow::{FlowPlan, Wanted};
use crate::known::Known;
use crate::sign_in::worth_keeping;
use crate::vestibule::{Approved, Vestibule};

/// What a failed refresh means for the grant.
enum GrantIs {
    /// It may still be good.
    Untouched,
    /// It is not, and never will be.
    Dead,
}

impl Vestibule {
    /// Renews a grant, unless another process has done so meanwhile.
    ///
    /// # Errors
    /// If the provider gives no new tokens. `invalid_grant` removes the grant; trouble on the network keeps it.
    pub(crate) async fn renewed(
        &self,
        approved: &Approved,
        seen: Held,
        forced: bool,
    ) -> Result<Record> {
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        let ended = self.renewed_known(approved, seen, forced, &mut known).await;
        self.record_end(&known, "refresh", &ended);
        ended
    }

    async fn renewed_known(
        &self,
        approved: &Approved,
        seen: Held,
        forced: bool,
        known: &mut Known,
    ) -> Result<Record> {
        let store = self.store()?;
        let label = seen.record.label.clone();
        let guard = store
            .lock(&store.lock_name(&label), |_| {
                self.say_waiting(&approved.name)
            })
            .await?;
        // Whoever held the lock may have renewed it; what was read before says nothing any more (CRASH-03).
        let held = store
            .load(&label)
            .map_err(|trouble| trouble.about(&approved.name))?;
        let held = held.ok_or_else(|| {
            Error::login_required(
                "grant.missing",
                format!(
                    "somebody has signed out of tenant \"{}\" meanwhile",
                    approved.name
                ),
                approved.name.as_str(),
            )
        })?;
        self.check_usable(approved, &held.record)?;
        // What another process has just brought is handed out as long as it lives, even if so short a life is always due: otherwise
        // every one of those who waited would refresh in turn.
        let renewed_meanwhile = held.generation != seen.generation;
        let now = self.now();
        let expires_at = held.record.facts.expires_at;
        let still_good = !lifetime::due_for_renewal(now, expires_at) && !forced;
        if still_good || (renewed_meanwhile && !lifetime::is_over(now, expires_at)) {
            return Ok(held.record);
        }
        if held.record.part("refresh_token").is_none() {
            return Err(Error::login_required(
                "grant.expired",
                format!(
                    "the token of tenant \"{}\" cannot be renewed: the provider gave nothing to renew it with",
                    approved.name
                ),
                approved.name.as_str(),
            ));
        }
        self.ready_to_record(approved.tenant.policy.risk)?;
        // Not to know whose it is keeps nobody from having it.
        let _ = self.learn_session(known, &held.record);
        self.heed(known, AuditEvent::Refresh)?;
        let facts = held.record.facts.clone();
        // The flow takes the record's secrets; what is compared later is the generation alone.
        let Held {
            record,
            generation,
            key_store,
        } = held;
        let (renewed, recorded) = match self.exchanged(approved, record, key_store, known).await {
            Ok(renewed) => renewed,
            Err((problem, grant)) => {
                return Err(self.refresh_failed(
                    approved,
                    &guard,
                    (&label, &facts),
                    problem,
                    grant,
                )?);
            }
        };
        let loaded = Held {
            record: Record {
                label: renewed.label.clone(),
                facts: renewed.facts.clone(),
                parts: Vec::new(),
            },
            generation,
            key_store,
        };
        match store.replace(&guard, &loaded, &renewed) {
            // What was not recorded is kept, since what it replaces is spent, and handed out to nobody.
            Ok(Replaced::Stored(_)) => recorded.map(|()| renewed),
            Ok(Replaced::Superseded) => {
                self.revoke_quietly(approved, renewed, key_store).await;
                Err(Error::login_required(
                    "grant.missing",
                    format!(
                        "somebody has signed out of tenant \"{}\" meanwhile",
                        approved.name
                    ),
                    approved.name.as_str(),
                ))
            }
            // The old file is whole but its refresh token may be spent: the tokens serve this run, and the person is told (CRASH-05).
            Err(problem) => {
                let text = format!(
                    "the renewed sign-in could not be stored ({}); the next command may ask to sign in again",
                    problem.message()
                );
                self.outside.observer.event(&Event::Warning { text: &text });
                recorded.map(|()| renewed)
            }
        }
    }

    /// New tokens for a grant that is not stored any more.
    ///
    /// # Errors
    /// If the provider gives none.
    pub(crate) async fn refreshed(
        &self,
        approved: &Approved,
        record: Record,
        key_store: KeyStoreId,
    ) -> Result<Record> {
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        let ended = self
            .exchanged(approved, record, key_store, &mut known)
            .await
            .map_err(|(problem, _)| problem);
        self.record_end(&known, "refresh", &ended);
        // It serves to end the session, which nothing may keep from happening.
        ended.map(|(renewed, _)| renewed)
    }

    /// Exchanges the refresh token, and says whether that could be recorded. A failure says what it means for the grant.
    async fn exchanged(
        &self,
        approved: &Approved,
        record: Record,
        key_store: KeyStoreId,
        known: &mut Known,
    ) -> std::result::Result<(Record, Result<()>), (Error, GrantIs)> {
        let (label, facts) = (record.label.clone(), record.facts.clone());
        let registration = self
            .registration(approved)
            .map_err(|problem| (problem, GrantIs::Untouched))?;
        known.registered(registration.as_ref());
        // Not to know whose it is keeps nobody from having it.
        let _ = self.learn_session(known, &record);
        known.asked(facts.method, &facts.scopes);
        let plan = FlowPlan {
            approved,
            demand: Demand::default(),
            method: facts.method,
            scopes: facts.scopes.clone(),
            registration,
            key_store,
            wanted: Wanted::Refresh(record),
        };
        let under_way = self.under_way(known, "refresh");
        let (ended, traces) = self.run(plan).await;
        under_way.ended();
        known.flow(traces.counted);
        let problem = match ended {
            Ok(Finished::Grant(grant)) => {
                // A flow that has ended well has asked the plugin; a client of unknown type is taken for one that cannot keep a secret.
                let client = traces.client.unwrap_or(ClientType::Public);
                // It may be another policy than at the sign-in, and it may be somebody whose groups have changed (POL-01).
                let judged = self.judge(approved, &grant, &Demand::default(), Occasion::Refresh);
                known.asked(facts.method, &grant.asked);
                let renewed = self.renewed_record(approved, label, facts, *grant, client);
                if let Err(denied) = judged {
                    known.denied(denied.rule);
                    let problem = Error::from(denied);
                    known.caused_by(problem.code());
                    self.revoke_quietly(approved, renewed, key_store).await;
                    return Err((problem, GrantIs::Dead));
                }
                let recorded = self.record_issued(AuditEvent::Refresh, known, &renewed, key_store);
                return Ok((renewed, recorded));
            }
            Ok(Finished::Done) => Error::plugin(
                "plugin.finish",
                "the plugin ended the refresh without a grant",
            ),
            Err(problem) => problem,
        };
        // RFT-03: no longer good. IDT-10: the tokens of another session. Neither is ever tried again.
        // What the provider has said of the grant counts, and not what the plugin makes of it.
        known.caused_by(if traces.grant_is_dead {
            "provider.invalid_grant"
        } else {
            problem.code()
        });
        let dead = traces.grant_is_dead || is_of_another_session(&problem);
        let grant = if dead {
            GrantIs::Dead
        } else {
            GrantIs::Untouched
        };
        Err((problem, grant))
    }

    /// What is left of a grant whose refresh failed.
    fn refresh_failed(
        &self,
        approved: &Approved,
        guard: &vestibule_store::Guard,
        (label, facts): (&Label, &Facts),
        problem: Error,
        grant: GrantIs,
    ) -> Result<Error> {
        match grant {
            GrantIs::Untouched => return Ok(problem),
            GrantIs::Dead => {}
        }
        self.store()?.remove(guard, label)?;
        self.forget_use(label, facts);
        let message = format!(
            "the sign-in of tenant \"{}\" is no longer good: {}",
            approved.name,
            problem.message()
        );
        Ok(Error::login_required(
            "grant.dead",
            message,
            approved.name.as_str(),
        ))
    }

    fn renewed_record(
        &self,
        approved: &Approved,
        label: vestibule_core::record::Label,
        before: Facts,
        grant: FinishedGrant,
        client: ClientType,
    ) -> Record {
        let now = self.now();
        let policy = &approved.tenant.policy;
        let said = grant
            .expires_in
            .map(|seconds| now.saturating_add(u64::from(seconds)));
        let mut parts = worth_keeping(grant.parts);
        let rotation = if grant.renewed_refresh_token {
            Rotation::Rotated
        } else {
            Rotation::NotRotated
        };
        if let Err(denied) = keep_refresh_token(client, Binding::Bearer, rotation, policy) {
            parts.retain(|part| part.name.as_str() != "refresh_token");
            let text = match &denied.fix {
                Some(line) => format!(
                    "{}; this line of the tenant file would keep it: {line}",
                    denied.reason
                ),
                None => denied.reason,
            };
            self.outside.observer.event(&Event::Warning { text: &text });
        }
        self.tell_granted(&grant.asked, &grant.scopes);
        let facts = Facts {
            scopes: grant.scopes,
            renewed_at: now,
            expires_at: lifetime::expiry(now, said, policy).min(before.ends_at),
            plugin: approved.approval.plugin_digest.clone(),
            ..before
        };
        Record {
            label,
            facts,
            parts,
        }
    }
}
