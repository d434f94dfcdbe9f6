//! `vestibule tenant check`: everything that approving and signing in would check, without doing either.

use serde::Serialize;
use vestibule_core::{Result, TenantName};

use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::values;

/// Check a tenant: its file, its plugin, its provider, and what its policy decides
///
/// Nothing is changed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The tenant
    #[arg(value_parser = values::tenant)]
    tenant: TenantName,
}

#[derive(Serialize)]
struct Report<'a> {
    tenant: &'a str,
    issuer: &'a str,
    method: &'a str,
    why: &'a str,
    approved: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let proposal = block_on(session.printer, vestibule.propose(&args.tenant))?;
    let chosen = proposal.method()?;
    let report = Report {
        tenant: args.tenant.as_str(),
        issuer: &proposal.approval.permissions.issuer,
        method: chosen.method.as_str(),
        why: &chosen.why,
        approved: proposal.changes_nothing(),
    };
    session.printer.result(&report, || {
        let state = match (report.approved, proposal.before.is_some()) {
            (true, _) => "as it is".to_owned(),
            (false, true) => format!(
                "something else was; see: vestibule tenant approve {}",
                args.tenant
            ),
            (false, false) => format!("not yet; run: vestibule tenant approve {}", args.tenant),
        };
        vec![
            "file      good".to_owned(),
            format!(
                "plugin    {} {}",
                proposal.approval.plugin, proposal.approval.plugin_version
            ),
            format!("provider  {}", vestibule_core::Shown::new(report.issuer)),
            format!("method    {}: {}", report.method, report.why),
            format!("approved  {state}"),
        ]
    })
}
