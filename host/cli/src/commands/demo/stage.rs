//! The place where it happens: directories of its own, and a key of its own. Both are gone when it is dropped.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use vestibule_app::config::{Config, KeystoreConfig, KeystoreName};
use vestibule_app::{KeyStoreId, Lifetime, Outside, Places, SignIn, Vestibule, plugins, tenants};
use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_core::record::RecordKind;
use vestibule_core::{Error, Result, TenantName};

use super::audience::Audience;
use super::narrator::Narrator;
use crate::environment::Environment;
use crate::named_file;
use crate::session::Session;
use crate::values;
use crate::view::permissions;

/// What is demonstrated.
const PLUGINS: [&str; 2] = ["oidc", "aws-identity-center"];

/// Everything that a part of the demonstration needs.
pub(super) struct Stage {
    pub(super) vestibule: Vestibule,
    pub(super) narrator: Narrator,
    key_store: KeyStoreId,
    lasts: bool,
    /// Where plugins are looked for, in this order.
    shelves: Vec<PathBuf>,
    /// Removed when dropped.
    _home: TempDir,
}

impl Stage {
    pub(super) fn set(
        shelf: Option<PathBuf>,
        audience: Audience,
        narrator: Narrator,
        session: &Session,
    ) -> Result<Self> {
        let shelves = shelf.map_or_else(|| usual_shelves(session), |shelf| vec![shelf]);
        for plugin in PLUGINS {
            find(&shelves, plugin)?;
        }
        let home = tempfile::Builder::new()
            .prefix("vestibule-demo-")
            .tempdir_in(Environment::temporary());
        let home = home.map_err(|problem| {
            Error::host(
                "demo.directory",
                format!("there is no place for the demonstration: {problem}"),
            )
        })?;
        let own_config = Config::read(&session.environment.places)?;
        let outside = Outside {
            observer: Arc::new(narrator.clone()),
            bus: session.environment.bus.clone(),
            ..Outside::unattended(audience.browser(&own_config, &narrator)?)
        };
        let open = |keystore| {
            let config = Config {
                keystore: KeystoreConfig {
                    use_only: Some(keystore),
                },
                ..Config::default()
            };
            Vestibule::new(Places::below(home.path()), config, outside.clone())
        };
        // The desktop's key store is left alone: a demonstration has nothing to do there.
        let mut vestibule = open(KeystoreName::KernelKeyring);
        if vestibule.key_store().is_err() {
            vestibule = open(KeystoreName::Memory);
        }
        let chosen = vestibule.key_store()?;
        Ok(Self {
            lasts: chosen.lifetime != Lifetime::ThisProcess,
            key_store: chosen.store,
            vestibule,
            narrator,
            shelves,
            _home: home,
        })
    }

    /// Installs a plugin from the first shelf that has it.
    pub(super) fn install(&self, name: &str) -> Result<()> {
        let found = find(&self.shelves, name)?;
        let bytes = named_file::read(&found, COMPONENT_BYTES)?;
        let size = bytes.len();
        let installed =
            plugins::install(self.vestibule.places(), self.vestibule.sandbox()?, bytes)?;
        self.narrator.act(
            "host",
            &format!(
                "installed {} {}: {} KB, imports: none",
                installed.name,
                installed.version,
                size.div_ceil(1000)
            ),
        );
        self.narrator.act("", &installed.digest.to_string());
        Ok(())
    }

    /// Adds a tenant, shows what its plugin may do, and approves it.
    pub(super) async fn approve(&self, name: &TenantName, text: &str) -> Result<()> {
        self.narrator.text(&format!(
            "A tenant is a file. This is tenants.d/{name}.toml:"
        ));
        self.narrator.quote(text.lines());
        tenants::add(self.vestibule.places(), name, text)?;
        self.narrator.text("Before anything is done for it, somebody sees what the plugin may do, and approves. What is approved is pinned:");
        let proposal = self.vestibule.propose(name).await?;
        let lines = permissions::of_approval(&proposal.approval);
        self.narrator.quote(lines.iter().map(String::as_str));
        self.vestibule.approve(&proposal)?;
        self.narrator
            .act("you", "approve (here, the demonstration does it for you)");
        Ok(())
    }

    pub(super) async fn sign_in(&self, name: &TenantName) -> Result<()> {
        let wish = SignIn {
            in_this_process: !self.lasts,
            ..SignIn::default()
        };
        self.vestibule.sign_in(name, &wish).await?;
        let stored = self.vestibule.status_of(name.clone())?;
        let grant = stored
            .records
            .iter()
            .find(|record| record.kind == RecordKind::Grant);
        let whose = grant.map_or("", |grant| {
            grant.facts.account.as_deref().unwrap_or(&grant.subject)
        });
        let whose = if whose.is_empty() {
            "; this provider does not say whose it is".to_owned()
        } else {
            format!(" of {}", vestibule_core::Shown::new(whose))
        };
        self.narrator
            .act("host", &format!("has sealed and stored the sign-in{whose}"));
        Ok(())
    }

    pub(super) async fn sign_out(&self, name: &TenantName) -> Result<()> {
        let out = self.vestibule.sign_out(name, None).await?;
        let confirmed: Vec<String> = out
            .confirmed
            .iter()
            .map(|kind| kind.as_str().replace('_', " "))
            .collect();
        if !confirmed.is_empty() {
            self.narrator.act(
                "IdP",
                &format!("confirms: {} revoked", confirmed.join(", ")),
            );
        }
        for left in &out.unconfirmed {
            self.narrator.act(
                "IdP",
                &format!(
                    "does not confirm: {}: {}",
                    left.what,
                    vestibule_core::Shown::new(&left.reason)
                ),
            );
        }
        self.narrator.act("host", "erased what was stored");
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A key that cannot be deleted opens nothing any more: what it sealed is deleted with the directory.
        let _ = self.vestibule.forget_key(self.key_store);
    }
}

/// A tenant's name that is known to be one.
pub(super) fn tenant(name: &str) -> Result<TenantName> {
    values::tenant(name)
}

/// The file of a plugin, on the first shelf that has it.
fn find(shelves: &[PathBuf], name: &str) -> Result<PathBuf> {
    let file = format!("{name}.wasm");
    let found = shelves
        .iter()
        .map(|shelf| shelf.join(&file))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::config("demo.plugin", format!("the plugin \"{name}\" was not found"))
            .hint("run: cargo xtask demo, which builds it — or say where it is: vestibule demo --plugins DIR")
    })
}

/// Where plugins are installed, and where a build leaves them: beside the folder that the program was built into.
fn usual_shelves(session: &Session) -> Vec<PathBuf> {
    let installed = session
        .environment
        .places
        .data
        .iter()
        .map(|data| data.join("plugins"));
    let built = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.parent()?.join("plugins")));
    installed.chain(built).collect()
}
