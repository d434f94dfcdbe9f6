//! `vestibule plugin inspect`: what a component is, what it would be allowed to do, and where each secret could go.

use std::path::{Path, PathBuf};

use vestibule_app::plugins;
use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_core::{Error, PluginName, Result, TenantName};

use crate::named_file;
use crate::session::{Opens, Session};
use crate::values;
use crate::view::inspection;

/// Show what a plugin is and what it could do, without trusting it
///
/// It runs in the sandbox, on example settings; or, with a tenant, on what was approved there. Whatever imports anything at all is
/// refused, and the imports are named.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file, or the name of an installed plugin
    #[arg(required_unless_present = "tenant", conflicts_with = "tenant")]
    plugin: Option<PathBuf>,
    /// As this tenant has approved it
    #[arg(long, value_name = "TENANT", value_parser = values::tenant)]
    tenant: Option<TenantName>,
}

pub(super) fn run(args: Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let inspection = match (&args.tenant, &args.plugin) {
        (Some(tenant), _) => vestibule.inspect_tenant(tenant)?,
        (None, Some(plugin)) => {
            let bytes = match installed_name(plugin) {
                Some(name) => plugins::read(vestibule.places(), &name)?,
                None => named_file::read(plugin, COMPONENT_BYTES)?,
            };
            vestibule.inspect(bytes)?
        }
        (None, None) => return Err(Error::user("usage", "give a file, a name, or --tenant")),
    };
    session
        .printer
        .result(&inspection::report(&inspection), || {
            inspection::lines(&inspection)
        })
}

/// A bare word is a name; whatever looks like a path is a file.
fn installed_name(plugin: &Path) -> Option<PluginName> {
    PluginName::parse(plugin.to_str()?).ok()
}
