//! Installed plugins: `plugins/NAME.wasm` of the user, then of the system. Which bytes run is decided by the digest that a tenant's
//! approval pins, not by where they lie.

use vestibule_audit::{Change, Event};
use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_core::plugin::Plugin as _;
use vestibule_core::{Error, PluginName, Result, Shown};
use vestibule_engine::{Admitted, LoadedPlugin, PluginDigest, Sandbox, SandboxOptions};

use crate::files;
use crate::known::Known;
use crate::places::Places;
use crate::vestibule::Vestibule;

const FOLDER: &str = "plugins";

/// The bytes of an installed plugin.
///
/// # Errors
/// If there is none of this name.
pub fn read(places: &Places, name: &PluginName) -> Result<Vec<u8>> {
    for directory in &places.data {
        let Some(folder) = files::open_dir(&directory.join(FOLDER))? else {
            continue;
        };
        if let Some(bytes) = files::read(&folder, &file_name(name), COMPONENT_BYTES)? {
            return Ok(bytes);
        }
    }
    Err(Error::config(
        "plugin.missing",
        format!("the plugin \"{name}\" is not installed"),
    )
    .hint("run: vestibule plugin install FILE"))
}

/// The names of all installed plugins.
pub fn list(places: &Places) -> Result<Vec<PluginName>> {
    files::names(&places.data, FOLDER, ".wasm", |name| {
        PluginName::parse(name).ok()
    })
}

/// Installs a component under the name that it gives itself. It is admitted, compiled and asked to describe itself first, so that
/// nothing lies there that cannot run.
pub fn install(places: &Places, sandbox: &Sandbox, bytes: Vec<u8>) -> Result<Installed> {
    let admitted = Admitted::new(bytes)?;
    let plugin = sandbox.load(&admitted)?;
    let description = plugin.describe(&[])?;
    let data = files::make_dir(places.user_data())?;
    let folder = files::make_subdir(&data, FOLDER)?;
    let before = files::read(&folder, &file_name(&description.name), COMPONENT_BYTES)?
        .map(|bytes| PluginDigest::of(&bytes));
    files::replace(&folder, &file_name(&description.name), admitted.component())?;
    Ok(Installed {
        name: description.name,
        version: description.version,
        digest: admitted.digest(),
        replaced: before.filter(|before| *before != admitted.digest()),
    })
}

/// The user's component of a plugin, if there is one. A system's does not count.
pub(crate) fn installed(places: &Places, name: &PluginName) -> Result<Option<PluginDigest>> {
    let Some(folder) = files::open_dir(&places.user_data().join(FOLDER))? else {
        return Ok(None);
    };
    let bytes = files::read(&folder, &file_name(name), COMPONENT_BYTES)?;
    Ok(bytes.map(|bytes| PluginDigest::of(&bytes)))
}

/// Removes the user's component of a plugin; whether there was one. A system's is not ours to remove.
pub(crate) fn remove(places: &Places, name: &PluginName) -> Result<bool> {
    match files::open_dir(&places.user_data().join(FOLDER))? {
        Some(folder) => files::remove(&folder, &file_name(name)),
        None => Ok(false),
    }
}

impl Vestibule {
    /// Installs a component, as [`install`] does, and records it.
    ///
    /// # Errors
    /// Those of [`install`].
    pub fn install_plugin(&self, bytes: Vec<u8>) -> Result<Installed> {
        let digest = digest(&bytes);
        let ended = install(&self.places, self.sandbox()?, bytes);
        let mut known = Known::of_no_tenant();
        match &ended {
            Ok(installed) => {
                let version = shown_version(&installed.version);
                known.plugin(installed.name.as_str(), &version, &digest);
                let change = Change {
                    what: "installed".to_owned(),
                    before: installed.replaced.map(|before| before.to_string()),
                    after: Some(digest),
                    given_up: None,
                };
                self.record_change(Event::Plugin, &known, change)?;
            }
            Err(problem) => {
                known.component(&digest);
                self.record_problem(&known, "installation", problem);
            }
        }
        ended
    }
}

/// What was installed.
#[derive(Debug)]
pub struct Installed {
    /// Its name.
    pub name: PluginName,
    /// Its version, in its own words.
    pub version: String,
    /// Its digest.
    pub digest: PluginDigest,
    /// The digest of the one that it replaced. Tenants that were approved with that one ask again.
    pub replaced: Option<PluginDigest>,
}

/// Loads the installed plugin of this name, if its bytes are those that were approved: the same bytes that were hashed are compiled.
pub fn load_pinned(
    places: &Places,
    sandbox: &Sandbox,
    name: &PluginName,
    pinned: &str,
) -> Result<LoadedPlugin> {
    let pinned: PluginDigest = pinned.parse()?;
    let bytes = read(places, name)?;
    if PluginDigest::of(&bytes) != pinned {
        return Err(Error::policy(
            "approval.plugin",
            format!(
                "the installed plugin \"{name}\" is not the one that was approved for this tenant"
            ),
        ));
    }
    sandbox.load_pinned(bytes, pinned)
}

/// The digest under which a component is approved, `sha256:…`.
#[must_use]
pub fn digest(component: &[u8]) -> String {
    PluginDigest::of(component).to_string()
}

/// Opens the sandbox. Nothing is compiled yet.
pub fn sandbox(places: &Places, compiler: Option<&std::path::Path>) -> Result<Sandbox> {
    let mut options = SandboxOptions::new(places.cache.join("compiled"));
    options.compiler = compiler.map(Into::into);
    Sandbox::open(options)
}

/// The plugin's version, kept to what a person may be shown.
pub(crate) fn shown_version(version: &str) -> String {
    Shown::new(version).to_string()
}

fn file_name(name: &PluginName) -> String {
    format!("{name}.wasm")
}
