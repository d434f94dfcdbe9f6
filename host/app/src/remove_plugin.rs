//! Removing a plugin: what it has obtained is revoked and erased while it can still say how, then its approvals are forgotten, and then
//! the component goes, with its compiled form (WKL-09).

use std::collections::BTreeSet;

use vestibule_audit::{Change, Event};
use vestibule_core::plugin::Plugin as _;
use vestibule_core::{PluginName, Result, TenantName};
use vestibule_engine::PluginDigest;

use crate::known::Known;
use crate::plugins;
use crate::sign_out::SignedOut;
use crate::vestibule::Vestibule;
use crate::{approvals, tenants};

/// What removing a plugin came to.
#[derive(Debug)]
pub struct RemovedPlugin {
    /// The tenants that had to do with it, and what became of the grants there.
    pub tenants: Vec<(TenantName, SignedOut)>,
    /// The component of this user that was removed, if there was one.
    pub digest: Option<PluginDigest>,
    /// Whether a component of the system has this name. It is not ours to remove.
    pub of_the_system: bool,
}

/// What of a tenant is a plugin's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All of it: it was approved with the plugin.
    All,
    /// Grants from an earlier approval.
    EarlierGrants,
}

impl Vestibule {
    /// The tenants that were approved with a plugin, were to be, or still have something that it has obtained, in alphabetical order.
    ///
    /// # Errors
    /// If what is stored cannot be looked at, or there is neither a plugin of this name nor such a tenant.
    pub fn tenants_of_plugin(&self, name: &PluginName) -> Result<Vec<TenantName>> {
        let parts = self.parts_of(name)?;
        if parts.is_empty() {
            plugins::read(&self.places, name)?;
        }
        Ok(parts.into_iter().map(|(tenant, _)| tenant).collect())
    }

    /// Removes a plugin. Tenant files stay.
    ///
    /// # Errors
    /// If something cannot be erased here, so that the plugin stays as well; if there is none of this name; or `audit.unwritable`, for
    /// a tenant of high risk.
    pub async fn remove_plugin(&self, name: &PluginName) -> Result<RemovedPlugin> {
        let parts = self.parts_of(name)?;
        if parts.is_empty() {
            plugins::read(&self.places, name)?;
        }
        let compiled = self.digests_of(name)?;
        let installed = plugins::installed(&self.places, name)?;
        let version = installed.and_then(|digest| self.version_of(digest));
        let mut tenants = Vec::new();
        for (tenant, part) in parts {
            let signed_out = match part {
                Part::All => self.withdraw(&tenant).await?,
                Part::EarlierGrants => {
                    self.end_grants(&tenant, |record| of_these(&compiled, &record.facts.plugin))
                        .await?
                }
            };
            tenants.push((tenant, signed_out));
        }
        if let Some(digest) = installed {
            self.record_removal(name, version.as_deref().unwrap_or("unknown"), digest)?;
            plugins::remove(&self.places, name)?;
        }
        let remaining = plugins::read(&self.places, name).ok();
        let remaining = remaining.map(|bytes| PluginDigest::of(&bytes));
        for digest in compiled
            .into_iter()
            .filter(|digest| Some(*digest) != remaining)
        {
            self.sandbox()?.forget(digest)?;
        }
        Ok(RemovedPlugin {
            tenants,
            digest: installed,
            of_the_system: remaining.is_some(),
        })
    }

    /// Erases all that a tenant has stored, and its approval. Its file stays.
    async fn withdraw(&self, tenant: &TenantName) -> Result<SignedOut> {
        let signed_out = self.erase_records(tenant).await?;
        if approvals::read(&self.places, tenant).is_ok_and(|approval| approval.is_none()) {
            return Ok(signed_out);
        }
        self.record_approval_change(tenant, "approval withdrawn")?;
        approvals::remove(&self.places, tenant)?;
        Ok(signed_out)
    }

    fn record_removal(&self, name: &PluginName, version: &str, digest: PluginDigest) -> Result<()> {
        let digest = digest.to_string();
        let mut known = Known::of_no_tenant();
        known.plugin(name.as_str(), &plugins::shown_version(version), &digest);
        let change = Change {
            what: "removed".to_owned(),
            before: Some(digest),
            ..Change::default()
        };
        self.record_change(Event::Plugin, &known, change)
    }

    /// A component's version in its own words: as it was approved, or as it says if it was compiled. Nothing is compiled for that.
    fn version_of(&self, digest: PluginDigest) -> Option<String> {
        let pinned = digest.to_string();
        let approvals = approvals::list(&self.places).ok()?.into_iter();
        approvals
            .filter_map(|tenant| approvals::read(&self.places, &tenant).ok().flatten())
            .find(|approval| approval.plugin_digest == pinned)
            .map(|approval| approval.plugin_version)
            .or_else(|| {
                let plugin = self.sandbox().ok()?.load_cached(digest)?;
                Some(plugin.describe(&[]).ok()?.version)
            })
    }

    fn parts_of(&self, name: &PluginName) -> Result<Vec<(TenantName, Part)>> {
        let digests = self.digests_of(name)?;
        let mut names = tenants::list(&self.places)?;
        names.extend(approvals::list(&self.places)?);
        names.extend(self.store()?.tenants()?);
        names.sort();
        names.dedup();
        let mut parts = Vec::new();
        for tenant in names {
            if self.plugin_of(&tenant).as_ref() == Some(name) {
                parts.push((tenant, Part::All));
            } else if self.has_grants_of(&tenant, &digests)? {
                parts.push((tenant, Part::EarlierGrants));
            }
        }
        Ok(parts)
    }

    /// The plugin that a tenant was approved with; that of its file, if it was not.
    fn plugin_of(&self, tenant: &TenantName) -> Option<PluginName> {
        let approval = approvals::read(&self.places, tenant).ok().flatten();
        approval.map(|approval| approval.plugin).or_else(|| {
            let file = tenants::read(&self.places, tenant).ok()?;
            Some(file.tenant().plugin.clone())
        })
    }

    fn has_grants_of(&self, tenant: &TenantName, digests: &BTreeSet<PluginDigest>) -> Result<bool> {
        let records = self
            .store()?
            .load_tenant(tenant)
            .map_err(|trouble| trouble.about(tenant))?;
        Ok(records.held.iter().any(|held| {
            !held.record.label.kind.is_the_clients() && of_these(digests, &held.record.facts.plugin)
        }))
    }

    /// The components that are known under a name: the installed one, and those that were approved.
    fn digests_of(&self, name: &PluginName) -> Result<BTreeSet<PluginDigest>> {
        let mut digests = BTreeSet::new();
        if let Ok(bytes) = plugins::read(&self.places, name) {
            digests.insert(PluginDigest::of(&bytes));
        }
        for tenant in approvals::list(&self.places)? {
            let approval = approvals::read(&self.places, &tenant).ok().flatten();
            let pinned = approval.filter(|approval| approval.plugin == *name);
            digests.extend(
                pinned.and_then(|approval| approval.plugin_digest.parse::<PluginDigest>().ok()),
            );
        }
        Ok(digests)
    }
}

fn of_these(digests: &BTreeSet<PluginDigest>, plugin: &str) -> bool {
    plugin
        .parse()
        .is_ok_and(|digest: PluginDigest| digests.contains(&digest))
}
