//! Signing in: a new grant for a tenant.

use vestibule_audit::Event as AuditEvent;
use vestibule_broker::{Finished, FinishedGrant, Identity};
use vestibule_core::allowed::Denied;
use vestibule_core::approval::Permissions;
use vestibule_core::description::{Client, EndpointClass};
use vestibule_core::event::{Consent, Event};
use vestibule_core::record::{Facts, Label, Method, Namespace, Part, Record, RecordKind};
use vestibule_core::tenant::{Consent as ConsentRule, Risk};
use vestibule_core::{Error, Result, Scope, SecretKind, Shown, TenantName};
use vestibule_policy::identity::Occasion;
use vestibule_policy::step_up::demand_of;
use vestibule_policy::{is_attended, keeps_refresh_token, lifetime, scopes_to_ask};
use vestibule_store::{KeyStoreId, Lifetime};

use crate::flow::{FlowPlan, Wanted, page_for};
use crate::judge;
use crate::known::Known;
use crate::vestibule::{Approved, Vestibule};

/// How to sign in.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Sign in although a grant is there.
    pub force: bool,
    /// The way to sign in that the person wants. Whether it may be, policy says.
    pub method: Option<Method>,
    /// The account that the person means.
    pub account: Option<String>,
    /// Sign in although the grant ends with this process.
    pub in_this_process: bool,
}

/// What signing in came to.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The tenant.
    pub tenant: TenantName,
    /// Who has signed in, as far as it is known.
    pub account: Option<String>,
    /// How.
    pub method: Method,
    /// Why this way.
    pub why: String,
    /// What the provider granted.
    pub scopes: Vec<Scope>,
    /// When the access token expires, in Unix seconds.
    pub expires_at: u64,
    /// When the grant ends at the latest, in Unix seconds.
    pub ends_at: u64,
    /// Whether there was a grant already, and no browser was opened.
    pub already: bool,
}

impl Vestibule {
    /// Signs in, unless a valid grant is there.
    ///
    /// # Errors
    /// An error leaves everything as it was, except for a client registration, which is kept for the next time.
    pub async fn sign_in(&self, name: &TenantName, wish: &SignIn) -> Result<SignedIn> {
        let mut known = Known::of(name);
        let ended = self.sign_in_known(name, wish, &mut known).await;
        self.record_end(&known, "sign-in", &ended);
        ended
    }

    async fn sign_in_known(
        &self,
        name: &TenantName,
        wish: &SignIn,
        known: &mut Known,
    ) -> Result<SignedIn> {
        let approved = self.approved(name)?;
        known.approved(&approved);
        // Chosen once: a way that fails is not followed by another (DEV-01).
        let chosen = self.method_of(&approved, wish.method);
        self.retire(&approved).await?;
        if !wish.force
            && let Ok(chosen) = &chosen
            && let Some(found) = self.valid_grant(&approved, wish.account.as_deref())?
        {
            return Ok(signed_in(&approved, &found, &chosen.why, true));
        }
        self.is_attended(&approved)?;
        let chosen = chosen?;
        let (record, _) = self.obtain(&approved, chosen.method, wish, known).await?;
        Ok(signed_in(&approved, &record.facts, &chosen.why, false))
    }

    /// Without a person, a person's sign-in does not begin (WKL-03).
    pub(crate) fn is_attended(&self, approved: &Approved) -> Result<()> {
        if approved.namespace() == Namespace::Workload
            || is_attended(&approved.tenant, &self.outside.probe)
        {
            return Ok(());
        }
        Err(Error::unattended(
            "login.unattended",
            format!(
                "signing in to tenant \"{}\" takes a person, and there is no terminal at which one could be",
                approved.name
            ),
        )
        .hint(
            "run it at a terminal; a desktop's program that has none needs this line at the top of the tenant file: interactive = \"window\"; and a workload has a tenant of its own: policy.methods = [\"workload\"]",
        ))
    }

    /// A new grant in this way, kept, and where its key is.
    pub(crate) async fn obtain(
        &self,
        approved: &Approved,
        method: Method,
        wish: &SignIn,
        known: &mut Known,
    ) -> Result<(Record, KeyStoreId)> {
        let key_store = self.announce(approved, method, wish.in_this_process)?;
        let lines = about(approved, method)?;
        // Of a sign-in that nobody has asked for, nobody need read what it is about.
        if method != Method::Workload || !wish.in_this_process {
            self.outside
                .observer
                .event(&Event::SigningIn { lines: &lines });
        }
        let scopes = scopes_to_ask(&approved.tenant, approved.permissions(), method);
        known.asked(method, &scopes);
        self.heed(known, AuditEvent::Issuance)?;
        match method {
            Method::Browser | Method::Device => self.ask_if_wanted(approved, &lines, known)?,
            // There is nobody to ask. What was approved is all the consent there is, and what cannot be recorded is not begun.
            Method::Workload => self.ready_to_record(approved.tenant.policy.risk)?,
        }

        let registration = self.registration(approved)?;
        known.registered(registration.as_ref());
        let plan = FlowPlan {
            approved,
            wanted: Wanted::SignIn {
                login_hint: wish.account.clone(),
            },
            method,
            scopes,
            demand: demand_of(&approved.tenant.policy.identity),
            registration,
            key_store,
        };
        let record = self.signed_in_by(plan, "sign-in", None, known).await?;
        Ok((record, key_store))
    }

    /// Runs a flow that signs somebody in, judges what it has brought, and keeps it. `during` is what is being done, for the audit log;
    /// with a `subject`, nobody else may sign in.
    pub(crate) async fn signed_in_by(
        &self,
        plan: FlowPlan<'_>,
        during: &'static str,
        subject: Option<&str>,
        known: &mut Known,
    ) -> Result<Record> {
        let (approved, method, key_store) = (plan.approved, plan.method, plan.key_store);
        let demand = plan.demand.clone();
        let under_way = self.under_way(known, during);
        let (ended, mut traces) = self.run(plan).await;
        under_way.ended();
        known.flow(std::mem::take(&mut traces.counted));
        if let Some(registration) = traces.registration.take() {
            known.client(&registration.client_id);
            self.keep_registration(approved, registration, key_store)
                .await?;
        }
        let kept = match ended {
            Ok(Finished::Grant(grant)) => {
                let judged = self.judge(approved, &grant, &demand, Occasion::SignIn);
                let brought = Brought {
                    grant: *grant,
                    judged,
                    subject,
                };
                self.keep_grant(approved, brought, method, key_store, known)
                    .await
            }
            Ok(Finished::Done) => Err(Error::plugin(
                "plugin.finish",
                "the plugin ended the sign-in without a grant",
            )),
            Err(problem) => Err(problem),
        };
        // The person in front of the browser learns how it ended, once it has ended.
        if let Some(page) = traces.page.take() {
            page.finish(page_for(&kept)).await;
        }
        kept
    }

    /// Says, before a browser opens, how long the grant will last here, and what weakens it.
    pub(crate) fn announce(
        &self,
        approved: &Approved,
        method: Method,
        in_this_process: bool,
    ) -> Result<KeyStoreId> {
        let observer = &self.outside.observer;
        let policy = approved.tenant.policy.warnings();
        for warning in approved.tenant.network.warnings().into_iter().chain(policy) {
            observer.event(&Event::Warning { text: &warning });
        }
        let chosen = self.choose_key_store()?;
        if method == Method::Workload && in_this_process {
            // Signed in anew whenever it takes that: nobody need know for how long.
            return Ok(chosen.store);
        }
        if !can_revoke(approved.permissions()) {
            observer.event(&Event::Notice {
                text: "This provider offers no revocation: signing out erases what is kept here, and the tokens stay good until they expire.",
            });
        }
        for passed_over in &chosen.passed_over {
            observer.event(&Event::Notice {
                text: &passed_over.to_string(),
            });
        }
        observer.event(&Event::Notice {
            text: chosen.lifetime.sentence(),
        });
        if chosen.lifetime == Lifetime::ThisProcess && !in_this_process {
            return Err(Error::config("store.memory_only", "no key store of this machine can be used, so that the sign-in would end with this command")
                .hint("run: vestibule doctor — it says what each key store lacks"));
        }
        Ok(chosen.store)
    }

    /// A tenant of high risk asks each time, as any does whose policy says so; the approval is not consent enough (UI-05).
    fn ask_if_wanted(&self, approved: &Approved, lines: &[String], known: &Known) -> Result<()> {
        let policy = &approved.tenant.policy;
        match policy.consent() {
            ConsentRule::Approval => return Ok(()),
            ConsentRule::EachSignIn => {}
        }
        let (question, marked) = match policy.risk {
            Risk::High => (
                "This tenant is marked as high risk. Sign in?",
                "is marked as high risk",
            ),
            Risk::Normal => ("Sign in?", "asks at each sign-in"),
        };
        let consent = Consent { lines, question };
        let agreed = self.outside.person.is_present() && self.outside.person.consent(&consent)?;
        // Before anything is opened: where this cannot be recorded, nothing is begun.
        self.record_consent(known, "sign-in", agreed)?;
        if agreed {
            return Ok(());
        }
        Err(Error::user(
            "consent.refused",
            format!(
                "the tenant \"{}\" {marked}, and nobody has agreed to sign in",
                approved.name
            ),
        ))
    }

    async fn keep_grant(
        &self,
        approved: &Approved,
        brought: Brought<'_>,
        method: Method,
        key_store: KeyStoreId,
        known: &mut Known,
    ) -> Result<Record> {
        let Brought {
            grant,
            judged,
            subject,
        } = brought;
        self.tell_granted(&grant.asked, &grant.scopes);
        known.asked(method, &grant.asked);
        let mut record = self.new_record(approved, grant, method)?;
        if record.label.client_id.is_empty() {
            record.facts.client_id = known.client_id().map(str::to_owned);
        }
        if let Err(problem) = may_be_kept(&record, judged, subject, known) {
            // Not to know the session keeps nobody from ending it.
            let _ = self.learn_session(known, &record);
            self.revoke_quietly(approved, record, key_store).await;
            return Err(problem);
        }
        if let Err(problem) = self.record_issued(AuditEvent::Issuance, known, &record, key_store) {
            self.revoke_quietly(approved, record, key_store).await;
            return Err(problem);
        }
        let store = self.store()?;
        let guard = store
            .lock(&store.lock_name(&record.label), |_| {
                self.say_waiting(&approved.name)
            })
            .await?;
        let earlier = store.load(&record.label).ok().flatten();
        store.put(&guard, &record, key_store)?;
        drop(guard);
        if let Some(earlier) = earlier {
            self.forget_use(&record.label, &earlier.record.facts);
        }
        self.forget_derived(approved, &record.label).await?;
        self.remember_method(approved, method, key_store);
        Ok(record)
    }

    /// A record of what a sign-in brought, with what local policy makes of its times.
    fn new_record(
        &self,
        approved: &Approved,
        grant: FinishedGrant,
        method: Method,
    ) -> Result<Record> {
        let now = self.now();
        let policy = &approved.tenant.policy;
        let (subject, account, id_token) = match grant.identity {
            Identity::Oidc {
                subject,
                original,
                name,
                ..
            } => (subject, name, Some(original)),
            Identity::Account(account) => (account.clone(), Some(account), None),
            Identity::Unknown => (String::new(), None, None),
            Identity::Workload(name) if method == Method::Workload => {
                (String::new(), Some(name), None)
            }
            Identity::Workload(_) => {
                return Err(Error::host(
                    "host.identity",
                    "a person's sign-in cannot have the identity of a workload",
                ));
            }
            Identity::AsBefore => {
                return Err(Error::host(
                    "host.identity",
                    "a new sign-in cannot have the identity of an earlier one",
                ));
            }
        };
        let said = grant.expires_at.or(grant
            .expires_in
            .map(|seconds| now.saturating_add(u64::from(seconds))));
        let ends_at = lifetime::session_end(now, method, policy);
        let mut parts = worth_keeping(grant.parts);
        if !keeps_refresh_token(method, policy) {
            self.drop_refresh_token(method, &mut parts);
        }
        Ok(Record {
            label: Label {
                subject,
                ..self.label(approved, RecordKind::Grant)?
            },
            facts: Facts {
                primary: grant.primary,
                method,
                account,
                scopes: grant.scopes,
                signed_in_at: now,
                renewed_at: now,
                expires_at: lifetime::expiry(now, said, policy).min(ends_at),
                ends_at,
                plugin: approved.approval.plugin_digest.clone(),
                approval: approved.fingerprint.clone(),
                id_token,
                judged_by: judge::fingerprint(&policy.identity)?,
                client_id: None,
                actor: grant.actor,
            },
            parts,
        })
    }

    /// It was not asked for; a provider may send one all the same. It is not revoked: that ends the access token, too (RFC 7009 section 2.1).
    fn drop_refresh_token(&self, method: Method, parts: &mut Vec<Part>) {
        let before = parts.len();
        parts.retain(|part| part.kind != SecretKind::RefreshToken);
        if parts.len() < before && method != Method::Workload {
            self.outside.observer.event(&Event::Warning {
                text: "the provider sent a refresh token, which a sign-in by device to a tenant of high risk does not keep; the next expiry needs a new sign-in",
            });
        }
    }
}

/// What a flow has brought, and what policy says of it.
struct Brought<'a> {
    grant: FinishedGrant,
    judged: std::result::Result<(), Denied>,
    subject: Option<&'a str>,
}

/// Whether it may be kept: policy lets the person sign in, and it is the one who was meant.
fn may_be_kept(
    record: &Record,
    judged: std::result::Result<(), Denied>,
    subject: Option<&str>,
    known: &mut Known,
) -> Result<()> {
    if let Err(denied) = judged {
        known.denied(denied.rule);
        return Err(Error::from(denied).hint("what the sign-in brought was not kept"));
    }
    match subject {
        Some(subject) if subject != record.label.subject => Err(Error::user(
            "step_up.other",
            "somebody else has signed in than the one whose sign-in was to be made stronger; it was not kept",
        )
        .hint("sign in as the same account, or name the other one: --account")),
        Some(_) | None => Ok(()),
    }
}

/// Whether what a sign-in brings could be taken back at the provider.
fn can_revoke(permissions: &Permissions) -> bool {
    permissions
        .endpoints
        .values()
        .any(|endpoint| endpoint.class == EndpointClass::Revocation)
}

/// What a sign-in is about to be, in the host's words (UI-05).
pub(crate) fn about(approved: &Approved, method: Method) -> Result<Vec<String>> {
    let permissions = approved.permissions();
    let scopes = scopes_to_ask(&approved.tenant, permissions, method);
    let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    let client = match &permissions.client {
        Client::Configured { client_id, .. } => Shown::whole(client_id).to_string(),
        Client::Registered { .. } => "registered for this installation".to_owned(),
    };
    let mut lines = vec![format!("tenant   {}", approved.name)];
    if let Some(environment) = &approved.tenant.environment {
        lines.push(format!("for      {environment}"));
    }
    lines.extend([
        format!("issuer   {}", permissions.issuer()?),
        format!("client   {client}"),
        format!(
            "plugin   {} {}",
            approved.approval.plugin, approved.approval.plugin_digest
        ),
        format!("access   {}", Shown::whole(&scopes.join(" "))),
        format!("method   {}", method.as_str()),
    ]);
    Ok(lines)
}

/// An ID token starts a session and is no credential of it: what it said is kept, it itself is not (POL-12).
pub(crate) fn worth_keeping(mut parts: Vec<Part>) -> Vec<Part> {
    parts.retain(|part| part.kind != SecretKind::IdToken);
    parts
}

pub(crate) fn signed_in(approved: &Approved, facts: &Facts, why: &str, already: bool) -> SignedIn {
    SignedIn {
        tenant: approved.name.clone(),
        account: facts.account.clone(),
        method: facts.method,
        why: why.to_owned(),
        scopes: facts.scopes.clone(),
        expires_at: facts.expires_at,
        ends_at: facts.ends_at,
        already,
    }
}
