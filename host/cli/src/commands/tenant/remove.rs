//! `vestibule tenant remove`

use serde::Serialize;
use vestibule_core::{Result, TenantName};

use crate::commands::logout;
use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::terminal;
use crate::values;

/// Remove a tenant: sign everybody out, forget its approval, delete its file
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The tenant
    #[arg(value_parser = values::tenant)]
    tenant: TenantName,
    /// Remove without asking, for scripts
    #[arg(long, short)]
    yes: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    tenant: &'a str,
    accounts: &'a [String],
    unconfirmed: usize,
    file: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let name = &args.tenant;
    let vestibule = session.vestibule(Opens::Nothing)?;
    // Shows that it is there, before anybody is asked about it.
    vestibule.tenant_text(name)?;
    let lines = [format!(
        "tenant {name}: everybody is signed out, and its file is deleted"
    )];
    terminal::agree_to_remove(&format!("the tenant \"{name}\""), &lines, args.yes)?;
    let removed = block_on(session.printer, vestibule.remove_tenant(name))?;
    logout::tell(session, name, &removed.signed_out);
    let file = if removed.file {
        "its file is deleted"
    } else {
        "its file belongs to the system and stays"
    };
    session.printer.say(&format!("Removed {name}: {file}."));
    let out = &removed.signed_out;
    session.printer.result_if_json(&Report {
        tenant: name.as_str(),
        accounts: &out.accounts,
        unconfirmed: out.unconfirmed.len(),
        file: removed.file,
    })
}
