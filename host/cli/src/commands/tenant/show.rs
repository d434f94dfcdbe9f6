//! `vestibule tenant show`

use serde::Serialize;
use vestibule_app::broker::redirect;
use vestibule_app::{Vestibule, tenants};
use vestibule_core::approval::Approval;
use vestibule_core::{Result, TenantName};

use crate::session::{Opens, Session};
use crate::values;
use crate::view::{permissions, time};

/// Show a tenant: its file, what was approved, and the redirect URI to register
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The tenant
    #[arg(value_parser = values::tenant)]
    tenant: TenantName,
}

#[derive(Serialize)]
struct Report {
    tenant: String,
    file: String,
    approval: Option<Approval>,
    problem: Option<String>,
    redirect_uri: Option<String>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let file = vestibule.tenant_text(&args.tenant)?;
    let approval = vestibule.approval(&args.tenant)?;
    let report = Report {
        tenant: args.tenant.to_string(),
        problem: vestibule
            .safest_method(&args.tenant)
            .err()
            .map(|problem| problem.message().to_owned()),
        redirect_uri: approval
            .as_ref()
            .map(|approval| redirect_uri(&vestibule, &args.tenant, approval))
            .transpose()?,
        file,
        approval,
    };
    session.printer.result(&report, || lines(&report))
}

fn redirect_uri(vestibule: &Vestibule, name: &TenantName, approval: &Approval) -> Result<String> {
    let tenant = tenants::read(vestibule.places(), name)?;
    let redirect = &tenant.tenant().redirect;
    Ok(redirect::target(&approval.permissions.issuer()?, redirect)?.uri_without_port())
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![
        format!("Tenant {}, from its file:", report.tenant),
        String::new(),
    ];
    // Whoever wrote the file chose its line breaks; nothing else in it moves the cursor.
    lines.extend(
        report
            .file
            .lines()
            .map(|line| format!("  {}", vestibule_core::Shown::new(line))),
    );
    if let Some(uri) = &report.redirect_uri {
        lines.push(String::new());
        lines.push("Redirect URI to register at the provider (any port):".to_owned());
        lines.push(format!("  {uri}"));
    }
    lines.push(String::new());
    match &report.approval {
        None => lines.push("Nothing was approved.".to_owned()),
        Some(approval) => {
            lines.push(format!(
                "Approved on {}:",
                time::rfc3339(approval.approved_at)
            ));
            lines.push(String::new());
            lines.extend(permissions::of_approval(approval));
        }
    }
    if let Some(problem) = &report.problem {
        lines.extend([
            String::new(),
            format!("It cannot be used as it is: {problem}."),
        ]);
    }
    lines
}
