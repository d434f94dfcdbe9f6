//! The library: one value, one method for each use-case.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use vestibule_broker::egress::{EgressPolicy, HostPort};
use vestibule_broker::http::{HttpClient, Network};
use vestibule_core::approval::{Approval, Permissions};
use vestibule_core::record::Namespace;
use vestibule_core::tenant::{NetworkExceptions, Tenant};
use vestibule_core::{Error, ProviderUrl, Result, TenantName};
use vestibule_engine::Sandbox;
use vestibule_store::{Chosen, KeyStoreId, KeyStores, Preference, StateDir, Store};

use crate::config::{Config, KeystoreName};
use crate::outside::Outside;
use crate::places::Places;
use crate::{approvals, locks, plugins, tenants};

/// Vestibule for one user of one machine. Opening it costs next to nothing: store, sandbox and network are opened when needed.
pub struct Vestibule {
    pub(crate) places: Places,
    pub(crate) config: Config,
    pub(crate) outside: Outside,
    store: OnceLock<Store>,
    sandbox: OnceLock<Sandbox>,
    network: OnceLock<Arc<Network>>,
    compiler: Option<PathBuf>,
    /// Whether it was said that the audit log has no key.
    pub(crate) told_unkeyed: OnceLock<()>,
}

impl Vestibule {
    /// Opens it.
    #[must_use]
    pub fn new(places: Places, config: Config, outside: Outside) -> Self {
        Self {
            places,
            config,
            outside,
            store: OnceLock::new(),
            sandbox: OnceLock::new(),
            network: OnceLock::new(),
            compiler: None,
            told_unkeyed: OnceLock::new(),
        }
    }

    /// With another compiling program than the one beside the running one.
    #[must_use]
    pub fn with_compiler(mut self, compiler: PathBuf) -> Self {
        self.compiler = Some(compiler);
        self
    }

    /// Where things are.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// What holds for all tenants.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What time it is, in Unix seconds.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.outside.clock.now()
    }

    /// The store, opened when first needed.
    pub(crate) fn store(&self) -> Result<&Store> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let places = vestibule_store::Places {
            vestibule_state_dir: Some(self.places.state.clone()),
            ..vestibule_store::Places::default()
        };
        let key_stores = KeyStores::of_this_machine(&self.outside.bus);
        let store = Store::open(StateDir::open(&places)?, key_stores, self.now())?;
        Ok(self.store.get_or_init(|| store))
    }

    /// The key store for what is new.
    pub(crate) fn choose_key_store(&self) -> Result<Chosen> {
        self.store()?.choose(match self.config.keystore.use_only {
            None => Preference::Best,
            Some(KeystoreName::SecretService) => Preference::Only(KeyStoreId::SecretService),
            Some(KeystoreName::KernelKeyring) => Preference::Only(KeyStoreId::KernelKeyring),
            Some(KeystoreName::Memory) => Preference::Only(KeyStoreId::Memory),
        })
    }

    /// The sandbox, opened when first needed.
    pub fn sandbox(&self) -> Result<&Sandbox> {
        if let Some(sandbox) = self.sandbox.get() {
            return Ok(sandbox);
        }
        let observer = Arc::clone(&self.outside.observer);
        let sandbox = plugins::sandbox(&self.places, self.compiler.as_deref())?.on_progress(
            move |vestibule_engine::Progress::Compiling| {
                observer.event(&vestibule_core::event::Event::Compiling)
            },
        );
        Ok(self.sandbox.get_or_init(|| sandbox))
    }

    /// A client that reaches the origins of an approval, and no others. Its connections end with it (NET-10).
    pub(crate) fn http_for(
        &self,
        permissions: &Permissions,
        exceptions: &NetworkExceptions,
    ) -> Result<HttpClient> {
        let mut urls: Vec<ProviderUrl> = vec![permissions.issuer()?.url().clone()];
        for endpoint in permissions.endpoints.values() {
            urls.push(endpoint.url()?);
        }
        if let Some(jwks) = &permissions.jwks_uri {
            urls.push(
                ProviderUrl::parse(jwks)
                    .map_err(|problem| problem.in_config("approved key set", jwks))?,
            );
        }
        self.http_to(urls.iter(), &[], exceptions)
    }

    /// A client that reaches the origins of these URLs, and these hosts on the https port.
    pub(crate) fn http_to<'a>(
        &self,
        urls: impl Iterator<Item = &'a ProviderUrl>,
        hosts: &[String],
        exceptions: &NetworkExceptions,
    ) -> Result<HttpClient> {
        let mut policy = EgressPolicy::new(urls.map(HostPort::of));
        for host in hosts {
            policy = policy
                .allow(HostPort::parse(host).map_err(|problem| problem.in_config("host", host))?);
        }
        if exceptions.allow_loopback_http {
            policy = policy.allow_loopback_http();
        }
        for host in &exceptions.private_hosts {
            policy = policy.allow_private_host(host);
        }
        Ok(HttpClient::new(policy, self.network()?))
    }

    pub(crate) fn network(&self) -> Result<Arc<Network>> {
        if let Some(network) = self.network.get() {
            return Ok(Arc::clone(network));
        }
        let config = &self.config.network;
        let proxy = match &config.proxy {
            None => None,
            Some(proxy) => Some(proxy.parse().map_err(|_| {
                Error::config("config.proxy", "network.proxy in config.toml is not a URL")
            })?),
        };
        let network = Arc::new(Network::new(config.ca_files.clone(), proxy));
        Ok(Arc::clone(self.network.get_or_init(|| network)))
    }

    /// A tenant with its approval, if the approval is one of this very tenant file.
    ///
    /// # Errors
    /// If the tenant is not there, was never approved, or has changed since.
    pub(crate) fn approved(&self, name: &TenantName) -> Result<Approved> {
        let file = tenants::read(&self.places, name)?;
        let hint = || format!("run: vestibule tenant approve {name}");
        let approval = approvals::read(&self.places, name)?.ok_or_else(|| {
            Error::policy(
                "approval.missing",
                format!("the tenant \"{name}\" was not approved yet"),
            )
            .hint(hint())
        })?;
        if approval.tenant != *name
            || approval.plugin != file.tenant().plugin
            || approval.tenant_digest != file.digest()?
        {
            return Err(Error::policy(
                "approval.stale",
                format!("the tenant \"{name}\" has changed since it was approved"),
            )
            .hint(hint()));
        }
        // What was approved is held within what this machine allows now, whenever that was laid down.
        let issuer = &approval.permissions.issuer;
        let tenant = file.under(&locks::read(&self.places)?, Some(issuer))?;
        vestibule_policy::identity::judge_issuer(&tenant.policy.identity, issuer)?;
        let fingerprint = approvals::fingerprint(&approval.permissions)?;
        Ok(Approved {
            name: name.clone(),
            tenant,
            approval,
            fingerprint,
        })
    }
}

/// A tenant that was approved as it is.
#[derive(Clone, Debug)]
pub(crate) struct Approved {
    pub(crate) name: TenantName,
    pub(crate) tenant: Tenant,
    pub(crate) approval: Approval,
    /// The fingerprint of what was approved. Records are bound to it.
    pub(crate) fingerprint: String,
}

impl Approved {
    /// Whose credentials it is for (WKL-01).
    pub(crate) fn namespace(&self) -> Namespace {
        self.tenant.policy.namespace()
    }

    pub(crate) fn permissions(&self) -> &Permissions {
        &self.approval.permissions
    }
}
