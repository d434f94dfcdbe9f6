//! What is known of something while it goes on, and the records of the audit log that come of it.
//!
//! Each use-case fills one of these as it learns more, and ends in one place, where success or failure becomes a record.

use vestibule_audit::{By, Change, Durability, Entry, Event, Outcome, Principal, Reason};
use vestibule_broker::id_token::Original;
use vestibule_core::approval::Permissions;
use vestibule_core::description::Client;
use vestibule_core::record::{Label, Method, Namespace, Record};
use vestibule_core::tenant::{OnAlert, Risk, Tenant};
use vestibule_core::{Blame, Error, Kind, Result, Scope, TenantName};
use vestibule_store::KeyStoreId;

use crate::approvals;
use crate::tally::Counted;
use crate::vestibule::{Approved, Vestibule};

/// What is known so far.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    entry: Entry,
    pub(crate) risk: Risk,
    pub(crate) on_alert: OnAlert,
    /// The code of an error that another one stands for.
    cause: Option<&'static str>,
    /// The rule of policy that ended a flow.
    rule: Option<&'static str>,
    /// Whether a flow was begun.
    ran: bool,
}

impl Known {
    /// Nothing but the tenant.
    pub(crate) fn of(tenant: &TenantName) -> Self {
        Self::about(Entry {
            tenant: Some(tenant.as_str().to_owned()),
            ..Entry::new(Event::Refusal, Outcome::Failed)
        })
    }

    /// Something that is about no tenant.
    pub(crate) fn of_no_tenant() -> Self {
        Self::about(Entry::new(Event::Refusal, Outcome::Failed))
    }

    fn about(entry: Entry) -> Self {
        Self {
            entry,
            risk: Risk::Normal,
            on_alert: OnAlert::Warn,
            cause: None,
            rule: None,
            ran: false,
        }
    }

    /// That it ended for this reason.
    fn refusal(&self, during: &str, problem: &Error, outcome: Outcome) -> Entry {
        Entry {
            during: Some(during.to_owned()),
            reason: Some(Reason {
                code: problem.code().to_owned(),
                blame: problem.blame().as_str().to_owned(),
                rule: self.rule.map(ToOwned::to_owned),
                cause: self
                    .cause
                    .filter(|cause| *cause != problem.code())
                    .map(ToOwned::to_owned),
            }),
            ..self.entry(Event::Refusal, outcome)
        }
    }

    /// A component that was not installed, so that its name is not known.
    pub(crate) fn component(&mut self, digest: &str) {
        self.entry.plugin_digest = Some(digest.to_owned());
    }

    /// What was approved.
    pub(crate) fn approved(&mut self, approved: &Approved) {
        self.tenant(&approved.tenant);
        self.permissions(approved.permissions());
        let approval = &approved.approval;
        self.plugin(
            approval.plugin.as_str(),
            &approval.plugin_version,
            &approval.plugin_digest,
        );
    }

    /// What is up for approval.
    pub(crate) fn permissions(&mut self, permissions: &Permissions) {
        self.entry.issuer = Some(permissions.issuer.clone());
        if let Client::Configured { client_id, .. } = &permissions.client {
            self.entry.client = Some(client_id.clone());
        }
    }

    /// The plugin.
    pub(crate) fn plugin(&mut self, name: &str, version: &str, digest: &str) {
        self.entry.plugin = Some(name.to_owned());
        self.entry.plugin_version = Some(version.to_owned());
        self.entry.plugin_digest = Some(digest.to_owned());
    }

    /// The client that registered itself.
    pub(crate) fn registered(&mut self, registration: Option<&Record>) {
        if let Some(client) = registration.and_then(|record| record.facts.client_id.clone()) {
            self.entry.client = Some(client);
        }
    }

    /// The client id that a registration has just brought.
    pub(crate) fn client(&mut self, client: &str) {
        self.entry.client = Some(client.to_owned());
    }

    /// The client id, as far as it is known.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.entry.client.as_deref()
    }

    /// The way to sign in, and what is asked for.
    pub(crate) fn asked(&mut self, method: Method, scopes: &[Scope]) {
        self.method(method);
        self.entry.scopes_asked = Some(words(scopes));
    }

    /// What a flow has sent, and what ended it.
    pub(crate) fn flow(&mut self, counted: Counted) {
        self.ran = true;
        self.entry.sent = counted.sent;
        self.entry.subject_token_type = counted.exchanged;
        self.rule = counted.rule;
    }

    /// The rule of policy that does not let it be kept.
    pub(crate) fn denied(&mut self, rule: &'static str) {
        self.rule = Some(rule);
    }

    /// The code of the error that another one will stand for.
    pub(crate) fn caused_by(&mut self, code: &'static str) {
        self.cause = Some(code);
    }

    /// The tenant's risk, where it is not approved yet.
    pub(crate) fn tenant(&mut self, tenant: &Tenant) {
        self.risk = tenant.policy.risk;
        self.on_alert = tenant.policy.on_alert();
        let mut exceptions = tenant.network.warnings();
        exceptions.extend(tenant.policy.warnings());
        self.entry.exceptions = (!exceptions.is_empty()).then_some(exceptions);
    }

    /// The tenant's name; empty if it is about none.
    pub(crate) fn tenant_name(&self) -> &str {
        self.entry.tenant.as_deref().unwrap_or_default()
    }

    /// What is about to be recorded, with whose authority it has and who acts (POL-10).
    pub(crate) fn entry(&self, event: Event, outcome: Outcome) -> Entry {
        let by = match event {
            Event::Policy | Event::Plugin => By::Operator,
            Event::Consent => By::Person,
            Event::Issuance | Event::Refresh | Event::Derive | Event::Exchange => By::Plugin,
            Event::Refusal | Event::Revocation if self.ran => By::Plugin,
            Event::Refusal | Event::Revocation | Event::Release | Event::Alert | Event::Log => {
                By::Host
            }
        };
        Entry {
            event,
            outcome,
            by: Some(by),
            ..self.entry.clone()
        }
    }

    /// How a grant was or will be obtained, which says whose it is.
    fn method(&mut self, method: Method) {
        self.entry.method = Some(method.as_str().to_owned());
        self.entry.principal = Some(match method {
            Method::Browser | Method::Device => Principal::Person,
            Method::Workload => Principal::Workload,
        });
    }
}

impl Vestibule {
    /// What a record tells of a grant: whose, and under which ID token.
    pub(crate) fn learn_session(&self, known: &mut Known, record: &Record) -> Result<()> {
        let store = self.store()?;
        let Record { label, facts, .. } = record;
        known.method(facts.method);
        let entry = &mut known.entry;
        if let Some(client) = &facts.client_id {
            entry.client = Some(client.clone());
        }
        entry.subject = match label.namespace {
            Namespace::Person => (!label.subject.is_empty()).then(|| label.subject.clone()),
            Namespace::Workload => facts.account.clone(),
        };
        entry.actor.clone_from(&facts.actor);
        entry.session = Some(store.session_id(label, facts.signed_in_at));
        entry.scopes_granted = Some(words(&facts.scopes));
        entry.derived_for = derived_for(label);
        if let Some(original) = facts.id_token.as_deref().and_then(Original::parse) {
            entry.audience = Some(original.audience().map(ToOwned::to_owned).collect());
            entry.acr = original.acr().map(ToOwned::to_owned);
            entry.auth_time = original.auth_time();
        }
        Ok(())
    }

    /// The same, with the digest of each of its secrets.
    pub(crate) fn learn_grant(
        &self,
        known: &mut Known,
        record: &Record,
        key_store: KeyStoreId,
    ) -> Result<()> {
        self.learn_session(known, record)?;
        known.entry.token_ids = self.store()?.token_ids(key_store, &record.parts)?;
        Ok(())
    }

    /// Records that something was issued, renewed or derived: before it is kept, so that nothing is there that was not recorded.
    ///
    /// # Errors
    /// `audit.unwritable`, for a tenant of high risk alone.
    pub(crate) fn record_issued(
        &self,
        event: Event,
        known: &mut Known,
        record: &Record,
        key_store: KeyStoreId,
    ) -> Result<()> {
        let written = self
            .learn_grant(known, record, key_store)
            .and_then(|()| self.append(&known.entry(event, Outcome::Done), Durability::Durable));
        self.settle(known.risk, written)
    }

    /// Records that something is about to be handed out: what, by the digests of these parts.
    ///
    /// # Errors
    /// `audit.unwritable`, for a tenant of high risk alone.
    pub(crate) fn record_released(
        &self,
        known: &Known,
        learned: Result<()>,
        names: &[&str],
    ) -> Result<()> {
        let mut entry = known.entry(Event::Release, Outcome::Done);
        entry
            .token_ids
            .retain(|name, _| names.contains(&name.as_str()));
        let written = learned.and_then(|()| self.append_noticing(&entry, Durability::Quick));
        let unusual = written.map(|unusual| self.warn_of(known, Event::Release, &unusual));
        self.settle(known.risk, unusual)
    }

    /// Records what became of a revocation.
    pub(crate) fn record_revoked(
        &self,
        known: &Known,
        confirmed: Vec<String>,
        unconfirmed: Vec<String>,
    ) {
        let outcome = if unconfirmed.is_empty() {
            Outcome::Done
        } else {
            Outcome::Unconfirmed
        };
        self.record_or_warn(&Entry {
            revoked: Some(confirmed),
            not_revoked: Some(unconfirmed),
            scopes_asked: None,
            ..known.entry(Event::Revocation, outcome)
        });
    }

    /// Records what a person was asked and has answered.
    ///
    /// # Errors
    /// `audit.unwritable`, for a tenant of high risk alone.
    pub(crate) fn record_consent(&self, known: &Known, during: &str, agreed: bool) -> Result<()> {
        let outcome = if agreed {
            Outcome::Done
        } else {
            Outcome::Refused
        };
        let entry = Entry {
            during: Some(during.to_owned()),
            ..known.entry(Event::Consent, outcome)
        };
        self.record(known.risk, &entry, Durability::Durable)
    }

    /// Records a change of what is allowed.
    ///
    /// # Errors
    /// `audit.unwritable`, for a tenant of high risk alone.
    pub(crate) fn record_change(&self, event: Event, known: &Known, change: Change) -> Result<()> {
        let entry = Entry {
            change: Some(change),
            ..known.entry(event, Outcome::Done)
        };
        self.record(known.risk, &entry, Durability::Durable)
    }

    /// Which plugin was approved, where it did not come to running it.
    pub(crate) fn learn_approved(&self, known: &mut Known) {
        if known.entry.plugin_digest.is_some() {
            return;
        }
        let tenant = known.entry.tenant.as_deref().map(TenantName::parse);
        let Some(Ok(tenant)) = tenant else { return };
        if let Ok(Some(approval)) = approvals::read(&self.places, &tenant) {
            known.permissions(&approval.permissions);
            known.plugin(
                approval.plugin.as_str(),
                &approval.plugin_version,
                &approval.plugin_digest,
            );
        }
    }

    /// Records how something ended, if it ended badly and that says something: a typo does not, nor that nobody has signed in.
    pub(crate) fn record_end<T>(&self, known: &Known, during: &str, ended: &Result<T>) {
        if let Err(problem) = ended {
            self.record_problem(known, during, problem);
        }
    }

    /// The same of an error.
    pub(crate) fn record_problem(&self, known: &Known, during: &str, problem: &Error) {
        let outcome = match (problem.kind(), problem.blame()) {
            (Kind::Cancelled, _) => return,
            // Recorded as what the person has answered.
            (_, Blame::User) if problem.code() == "consent.refused" => return,
            // A grant has ended, for the reason that stands beside it.
            (_, Blame::User) if problem.code() == "grant.dead" => Outcome::Refused,
            // A person's sign-in where none is, which WKL-03 keeps from beginning.
            (_, Blame::User) if problem.code() == "login.unattended" => Outcome::Refused,
            // What could not be recorded cannot be recorded.
            _ if problem.code() == "audit.unwritable" => return,
            (_, Blame::Policy | Blame::Plugin | Blame::Provider) => Outcome::Refused,
            (_, Blame::User | Blame::Config | Blame::Network | Blame::Host) if known.ran => {
                Outcome::Failed
            }
            (_, Blame::User | Blame::Config | Blame::Network | Blame::Host) => return,
        };
        let mut known = known.clone();
        self.learn_approved(&mut known);
        let refusal = known.refusal(during, problem, outcome);
        // What a provider says of a refresh token may be the first that anybody hears of a theft.
        let unusual = match during {
            "refresh" => self.unusual(&refusal),
            _ => Ok(Vec::new()),
        };
        self.record_or_warn(&refusal);
        // Where that could not be told, nothing could be recorded either, which was said.
        self.warn_of(&known, Event::Refusal, &unusual.unwrap_or_default());
    }
}

/// A flow that goes on. If it is left before its end, by an interrupt or because somebody's time was up, that is recorded.
pub(crate) struct UnderWay<'a> {
    vestibule: &'a Vestibule,
    known: Option<Known>,
    during: &'static str,
}

impl Vestibule {
    /// A flow begins, of which this is known.
    pub(crate) fn under_way(&self, known: &Known, during: &'static str) -> UnderWay<'_> {
        UnderWay {
            vestibule: self,
            known: Some(known.clone()),
            during,
        }
    }
}

impl UnderWay<'_> {
    /// It has come to an end of its own, which is recorded elsewhere.
    pub(crate) fn ended(mut self) {
        self.known = None;
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(known) = self.known.take() {
            self.vestibule.record_or_warn(&known.refusal(
                self.during,
                &Error::cancelled(),
                Outcome::Failed,
            ));
        }
    }
}

fn words(scopes: &[Scope]) -> Vec<String> {
    scopes
        .iter()
        .map(|scope| scope.as_str().to_owned())
        .collect()
}

fn derived_for(label: &Label) -> Option<String> {
    (!label.derived_for.is_empty()).then(|| label.derived_for.clone())
}
