//! `vestibule plugin remove`

use serde::Serialize;
use vestibule_app::{RemovedPlugin, SignedOut};
use vestibule_core::{PluginName, Result, TenantName};

use crate::commands::logout;
use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::terminal;
use crate::values;

/// Remove a plugin: sign everybody out who came by it, forget its approvals
///
/// What it has obtained is revoked and erased first, while it can still say how. Then the component goes, with its compiled form.
/// Tenant files stay, and can be approved with another plugin.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin
    #[arg(value_name = "NAME", value_parser = values::plugin)]
    plugin: PluginName,
    /// Remove without asking, for scripts
    #[arg(long, short)]
    yes: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    plugin: &'a str,
    digest: Option<String>,
    tenants: Vec<Tenant<'a>>,
}

#[derive(Serialize)]
struct Tenant<'a> {
    tenant: &'a str,
    accounts: &'a [String],
    unconfirmed: usize,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let name = &args.plugin;
    let vestibule = session.vestibule(Opens::Nothing)?;
    // Shows that there is something to remove, before anybody is asked about it.
    let tenants = vestibule.tenants_of_plugin(name)?;
    let lines = lines(name, &tenants);
    terminal::agree_to_remove(&format!("the plugin \"{name}\""), &lines, args.yes)?;
    let removed = block_on(session.printer, vestibule.remove_plugin(name))?;
    for (tenant, out) in &removed.tenants {
        logout::tell(session, tenant, out);
    }
    session
        .printer
        .say(&format!("Removed {name}: {}.", outcome(&removed)));
    session.printer.result_if_json(&report(name, &removed))
}

fn lines(name: &PluginName, tenants: &[TenantName]) -> Vec<String> {
    let mut lines = vec![format!(
        "plugin {name}: the component is removed, with its compiled form"
    )];
    if tenants.is_empty() {
        lines.push("no tenant uses it".to_owned());
    }
    lines.extend(tenants.iter().map(|tenant| {
        format!("tenant {tenant}: everybody is signed out, and its approval is forgotten")
    }));
    lines
}

fn outcome(removed: &RemovedPlugin) -> &'static str {
    match (removed.digest.is_some(), removed.of_the_system) {
        (true, false) => "the component is deleted",
        (true, true) => "your component is deleted; that of the system stays",
        (false, true) => "the component belongs to the system and stays",
        (false, false) => "the component was gone already",
    }
}

fn report<'a>(name: &'a PluginName, removed: &'a RemovedPlugin) -> Report<'a> {
    let tenant = |(tenant, out): &'a (TenantName, SignedOut)| Tenant {
        tenant: tenant.as_str(),
        accounts: &out.accounts,
        unconfirmed: out.unconfirmed.len(),
    };
    Report {
        plugin: name.as_str(),
        digest: removed.digest.map(|digest| digest.to_string()),
        tenants: removed.tenants.iter().map(tenant).collect(),
    }
}
