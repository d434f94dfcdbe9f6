//! Approving a tenant: what its plugin may do is worked out, shown, and pinned.

use std::collections::BTreeMap;

use vestibule_audit::{Change, Event as AuditEvent};
use vestibule_broker::discovery::{self, Downgrade, Endpoint, Remembered};
use vestibule_core::approval::Approval;
use vestibule_core::description::{Profile, Server};
use vestibule_core::event::Event;
use vestibule_core::plugin::Plugin as _;
use vestibule_core::tenant::Tenant;
use vestibule_core::{Result, RoleName, TenantName};
use vestibule_engine::{Admitted, LoadedPlugin};
use vestibule_policy::approval::{check_before_discovery, neighbours};
use vestibule_policy::identity::judge_issuer;
use vestibule_policy::{Discovered, permissions, safest_method, scopes_to_ask};

use crate::describe::describe;
use crate::known::Known;
use crate::tenants::TenantFile;
use crate::vestibule::Vestibule;
use crate::{approvals, locks, plugins, protections, tenants};

/// What is up for approval, beside what was approved before.
#[derive(Debug)]
pub struct Proposal {
    /// What would be pinned.
    pub approval: Approval,
    /// What is pinned now.
    pub before: Option<Approval>,
    /// The tenant file.
    pub file: TenantFile,
    /// What of it holds on this machine.
    pub tenant: Tenant,
    /// The protections that the provider once announced and announces no longer, in words (DISC-07). An approval gives them up.
    pub weakened: Vec<&'static str>,
    /// What it announces now.
    protections: Option<Remembered>,
}

impl Proposal {
    /// Whether anything that the plugin may do would change. If not, grants are kept.
    #[must_use]
    pub fn changes_permissions(&self) -> bool {
        self.before
            .as_ref()
            .is_none_or(|before| before.permissions != self.approval.permissions)
    }

    /// What a record tells of it.
    fn known(&self) -> Known {
        let approval = &self.approval;
        let mut known = Known::of(&approval.tenant);
        known.tenant(&self.tenant);
        known.permissions(&approval.permissions);
        // The way that is taken if nothing speaks against it, and what is asked for then.
        if let Ok(chosen) = safest_method(&self.tenant.policy, &approval.permissions.methods) {
            let scopes = scopes_to_ask(&self.tenant, &approval.permissions, chosen.method);
            known.asked(chosen.method, &scopes);
        }
        known.plugin(
            approval.plugin.as_str(),
            &approval.plugin_version,
            &approval.plugin_digest,
        );
        known
    }

    /// Whether everything is as it was approved.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.weakened.is_empty()
            && self.before.as_ref().is_some_and(|before| {
                before.permissions == self.approval.permissions
                    && before.plugin_digest == self.approval.plugin_digest
                    && before.tenant_digest == self.approval.tenant_digest
            })
    }
}

impl Vestibule {
    /// Works out what a tenant's plugin would be allowed to do: asks the plugin, and the issuer for its metadata. Nothing is pinned.
    ///
    /// # Errors
    /// If the tenant file, the plugin's description or the metadata has something that may not be.
    pub async fn propose(&self, name: &TenantName) -> Result<Proposal> {
        self.propose_tenant(name, tenants::read(&self.places, name)?)
            .await
    }

    /// The same for a tenant that has no file yet. Nothing is written.
    ///
    /// # Errors
    /// Those of [`Self::propose`].
    pub async fn propose_tenant(&self, name: &TenantName, file: TenantFile) -> Result<Proposal> {
        let mut known = Known::of(name);
        let ended = self.propose_known(name, file, &mut known).await;
        self.record_end(&known, "approval", &ended);
        ended
    }

    async fn propose_known(
        &self,
        name: &TenantName,
        file: TenantFile,
        known: &mut Known,
    ) -> Result<Proposal> {
        let locks = locks::read(&self.places)?;
        let tenant = file.under(&locks, None)?;
        known.tenant(&tenant);
        for warning in tenant.network.warnings() {
            self.outside
                .observer
                .event(&Event::Warning { text: &warning });
        }
        let admitted = Admitted::new(plugins::read(&self.places, &tenant.plugin)?)?;
        let plugin: LoadedPlugin = self.sandbox()?.load(&admitted)?;
        let digest = plugin.digest();
        known.plugin(tenant.plugin.as_str(), "", &digest);
        let described = describe(&plugin, &tenant)?;
        let version = plugins::shown_version(&described.description.version);
        known.plugin(tenant.plugin.as_str(), &version, &digest);
        check_before_discovery(&described.profile, &described.settings)?;
        // Now that it is known who would vouch: before anything is sent there.
        let tenant = file.under(&locks, Some(described.profile.issuer().as_str()))?;
        known.tenant(&tenant);
        judge_issuer(&tenant.policy.identity, described.profile.issuer().as_str())?;
        let (discovered, offered) = self.discovered(&described.profile, &tenant).await?.unzip();
        let permissions = permissions(
            &described.profile,
            &described.description.settings,
            discovered.as_ref(),
            &tenant,
        )?;
        for other in approvals::others(&self.places, name)? {
            neighbours::agree(&permissions, &other.tenant, &other.permissions)?;
        }
        let approval = Approval {
            tenant: name.clone(),
            plugin: tenant.plugin.clone(),
            plugin_version: version,
            plugin_digest: digest,
            tenant_digest: file.digest()?,
            environment: tenant.environment.clone(),
            workload: tenant.workload.clone(),
            approved_at: self.now(),
            permissions,
        };
        let before = approvals::read(&self.places, name)?;
        // What was never approved has no past.
        let weakened = match (&before, offered) {
            (Some(before), Some(now)) => self.given_up(&before.permissions.issuer, now)?,
            (_, _) => Vec::new(),
        };
        Ok(Proposal {
            approval,
            before,
            file,
            tenant,
            weakened,
            protections: offered,
        })
    }

    /// What this issuer was seen to offer before, and offers no longer.
    fn given_up(&self, issuer: &str, now: Remembered) -> Result<Vec<&'static str>> {
        let before = protections::recall(self.store()?, issuer, self.now());
        Ok(before.lost(now).map(Downgrade::what).collect())
    }

    /// Pins a proposal. The caller has shown it to whoever decides.
    pub fn approve(&self, proposal: &Proposal) -> Result<()> {
        // Opening the store makes sure that the state directory is this user's alone.
        let store = self.store()?;
        let change = Change {
            what: "approved".to_owned(),
            before: proposal
                .before
                .as_ref()
                .map(|before| approvals::fingerprint(&before.permissions))
                .transpose()?,
            after: Some(approvals::fingerprint(&proposal.approval.permissions)?),
            given_up: (!proposal.weakened.is_empty()).then(|| {
                let given_up = proposal.weakened.iter();
                given_up.map(|what| (*what).to_owned()).collect()
            }),
        };
        self.record_change(AuditEvent::Policy, &proposal.known(), change)?;
        approvals::write(&self.places, &proposal.approval)?;
        if let (Some(now), false) = (proposal.protections, proposal.weakened.is_empty()) {
            let key_store = self.choose_key_store()?.store;
            let issuer = &proposal.approval.permissions.issuer;
            protections::give_up(store, issuer, now, self.now(), key_store)?;
        }
        Ok(())
    }

    /// Writes down that a proposal was shown, and nobody has agreed to it.
    ///
    /// # Errors
    /// If that cannot be recorded, for a tenant of high risk alone.
    pub fn declined(&self, proposal: &Proposal) -> Result<()> {
        self.record_consent(&proposal.known(), "approval", false)
    }

    /// The endpoints and the protections that the issuer's metadata announces, if the profile names one to discover.
    async fn discovered(
        &self,
        profile: &Profile,
        tenant: &Tenant,
    ) -> Result<Option<(Discovered, Remembered)>> {
        match &profile.server {
            Server::Fixed(_) => Ok(None),
            Server::Discovered(issuer) => {
                let http = self.http_to(
                    std::iter::once(issuer.url()),
                    &profile.hosts,
                    &tenant.network,
                )?;
                let (metadata, _) = discovery::discover(&http, issuer, self.now()).await?;
                let mut endpoints = BTreeMap::new();
                for endpoint in Endpoint::ALL {
                    if let (Some(url), Ok(role)) = (
                        metadata.endpoint(endpoint),
                        RoleName::parse(endpoint.role()),
                    ) && endpoint != Endpoint::Jwks
                    {
                        endpoints.insert(role, url.clone());
                    }
                }
                let discovered = Discovered {
                    endpoints,
                    jwks_uri: metadata.endpoint(Endpoint::Jwks).cloned(),
                };
                Ok(Some((discovered, Remembered::of(&metadata))))
            }
        }
    }
}
