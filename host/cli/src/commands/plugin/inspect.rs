//! `vestibule plugin inspect`: what a component is, what it would be allowed to do, and where each secret could go.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use vestibule_app::plugins;
use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_core::{Error, PluginName, Result, TenantName};

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
                None => read_file(plugin)?,
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

/// A component that somebody named on this command line.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    let unreadable = |problem: std::io::Error| {
        Error::user(
            "plugin.read",
            format!("{} cannot be read: {problem}", path.display()),
        )
    };
    let mut bytes = Vec::new();
    // One byte more than there may be: what is too large is seen to be, by the one who judges it.
    File::open(path)
        .map_err(unreadable)?
        .take(COMPONENT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(bytes)
}
