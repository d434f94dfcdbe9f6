//! A stronger sign-in, because a resource asks for one (RFC 9470, STEP-01 to STEP-05).

use vestibule_broker::challenge;
use vestibule_core::authentication::Demand;
use vestibule_core::event::{Consent, Event};
use vestibule_core::limits::{STEP_UP_TIME, STEP_UPS};
use vestibule_core::{Error, ProviderUrl, Result, Shown, TenantName};
use vestibule_policy::scopes_to_ask;
use vestibule_store::{CacheKind, KeyStoreId};

use crate::flow::{FlowPlan, Wanted};
use crate::known::Known;
use crate::sign_in::{SignedIn, about, signed_in};
use crate::vestibule::{Approved, Vestibule};

/// What a resource asks for.
#[derive(Clone, Debug, Default)]
pub struct StepUp {
    /// The value of its `WWW-Authenticate` header.
    pub challenge: String,
    /// The address of the resource that sent it. Needed where the tenant's policy lists audiences.
    pub from: Option<String>,
    /// Whose sign-in is to be made stronger, where several have signed in.
    pub account: Option<String>,
}

impl Vestibule {
    /// Signs the person in again, so that a resource's challenge is met. The grant that is there is replaced by the stronger one, and stays
    /// as it is if anything fails.
    ///
    /// # Errors
    /// If the challenge is none, does not come from a resource that the tenant's tokens are for, or asks for what the tenant's policy does not
    /// take; if nobody agrees, or a resource has asked too often; if the provider does not confirm what was asked for.
    pub async fn step_up(&self, name: &TenantName, wish: &StepUp) -> Result<SignedIn> {
        let mut known = Known::of(name);
        let ended = self.step_up_known(name, wish, &mut known).await;
        self.record_end(&known, "step-up", &ended);
        ended
    }

    async fn step_up_known(
        &self,
        name: &TenantName,
        wish: &StepUp,
        known: &mut Known,
    ) -> Result<SignedIn> {
        let approved = self.approved(name)?;
        known.approved(&approved);
        let challenge = challenge::parse(&wish.challenge)?;
        check_resource(&approved, wish.from.as_deref())?;
        let policy = &approved.tenant.policy;
        let demand = vestibule_policy::step_up::step_up(&policy.identity, challenge)?;
        if !approved.permissions().is_openid() {
            return Err(Error::policy(
                "step_up.identity",
                format!(
                    "with the plugin of tenant \"{name}\" nobody signs in with an ID token, so that no provider could confirm how"
                ),
            ));
        }
        // One that is too old to be used is what a step-up is for.
        let held = self.find_grant(&approved, wish.account.as_deref())?;
        self.check_same_approval(&approved, &held.record)?;
        let _ = self.learn_session(known, &held.record);
        let subject = held.record.label.subject.clone();

        self.is_attended(&approved)?;
        let chosen = self.method_of(&approved, None)?;
        let key_store = self.announce(&approved, chosen.method, false)?;
        let scopes = scopes_to_ask(&approved.tenant, approved.permissions(), chosen.method);
        known.asked(chosen.method, &scopes);
        self.heed(known, vestibule_audit::Event::Issuance)?;
        self.ask(&approved, wish, &demand, chosen.method, key_store, known)?;

        let registration = self.registration(&approved)?;
        known.registered(registration.as_ref());
        let plan = FlowPlan {
            approved: &approved,
            wanted: Wanted::StepUp(held.record),
            method: chosen.method,
            scopes,
            demand,
            registration,
            key_store,
        };
        let ended = self
            .signed_in_by(plan, "step-up", Some(&subject), known)
            .await?;
        Ok(signed_in(&approved, &ended.facts, &chosen.why, false))
    }

    /// Asks the person, who has not asked for this, each time; and only so often (STEP-03).
    fn ask(
        &self,
        approved: &Approved,
        wish: &StepUp,
        demand: &Demand,
        method: vestibule_core::record::Method,
        key_store: KeyStoreId,
        known: &Known,
    ) -> Result<()> {
        let mut lines = about(approved, method)?;
        if let Some(from) = &wish.from {
            lines.push(format!("asked by {}", Shown::whole(from)));
        }
        lines.extend(demand.lines());
        if !self.outside.person.is_present() {
            return Err(refused(&approved.name));
        }
        self.count_step_up(approved, key_store)?;
        self.outside
            .observer
            .event(&Event::SigningIn { lines: &lines });
        let consent = Consent {
            lines: &lines,
            question: "A resource asks for a stronger sign-in. Sign in again?",
        };
        let agreed = self.outside.person.consent(&consent)?;
        self.record_consent(known, "step-up", agreed)?;
        if agreed {
            Ok(())
        } else {
            Err(refused(&approved.name))
        }
    }

    /// Counts how often the person is asked.
    ///
    /// # Errors
    /// If it was too often, or cannot be counted.
    fn count_step_up(&self, approved: &Approved, key_store: KeyStoreId) -> Result<()> {
        let (now, name) = (self.now(), approved.name.as_str());
        let mut asked: Vec<u64> = Vec::new();
        self.store()?.cache_update(
            CacheKind::StepUps,
            name,
            now,
            STEP_UP_TIME,
            key_store,
            &mut |cached| {
                let before = cached.and_then(|cached| serde_json::from_slice(&cached.bytes).ok());
                asked = before.unwrap_or_default();
                asked.retain(|then| now.saturating_sub(*then) < STEP_UP_TIME.as_secs());
                if asked.len() >= STEP_UPS {
                    return None;
                }
                let mut with_this = asked.clone();
                with_this.push(now);
                serde_json::to_vec(&with_this).ok()
            },
        )?;
        if asked.len() < STEP_UPS {
            return Ok(());
        }
        let first = asked.first().copied().unwrap_or(now);
        let wait = STEP_UP_TIME
            .as_secs()
            .saturating_sub(now.saturating_sub(first));
        Err(Error::policy(
            "step_up.too_often",
            format!("a resource has asked for a stronger sign-in to tenant \"{name}\" {STEP_UPS} times within {} minutes, and is not asked for again", STEP_UP_TIME.as_secs() / 60),
        )
        .hint(format!("it may never be satisfied: ask whoever runs it; or wait {wait} seconds")))
    }
}

fn refused(name: &TenantName) -> Error {
    Error::user(
        "consent.refused",
        format!(
            "nobody has agreed to sign in to tenant \"{name}\" again; the sign-in that is there was kept"
        ),
    )
}

/// A challenge counts only from a resource that the tenant's tokens are for (RFC 9470 section 9, STEP-03).
fn check_resource(approved: &Approved, from: Option<&str>) -> Result<()> {
    let origin = |text: &str| ProviderUrl::parse(text).ok().map(|url| url.origin());
    let from = match from {
        None => None,
        Some(from) => Some(origin(from).ok_or_else(|| {
            Error::user(
                "step_up.from",
                format!("\"{}\" is no address of a resource", Shown::new(from)),
            )
        })?),
    };
    let Some(audiences) = &approved.tenant.policy.audiences else {
        return Ok(());
    };
    match from {
        None => Err(Error::policy(
            "step_up.resource",
            "policy.audiences lists the resources that the tenant's tokens are for, and it is not said which of them sent the challenge",
        )
        .hint("say it: --from URL")),
        Some(from) if audiences.iter().any(|audience| origin(audience) == Some(from.clone())) => Ok(()),
        Some(from) => Err(Error::policy(
            "step_up.resource",
            format!("the challenge comes from {from}, and policy.audiences lists no resource there"),
        )),
    }
}
