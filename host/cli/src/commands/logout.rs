//! `vestibule logout`: erased here in any case, and told what the provider has confirmed and what it has not (REV-01, REV-02).

use std::process::ExitCode;

use serde::Serialize;
use vestibule_app::{SignedOut, Vestibule};
use vestibule_core::{Blame, Result, Shown, TenantName};

use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::values;

/// Sign out: revoke at the provider, erase here
///
/// What is stored here is erased in any case. Exit code 8 means that the provider did not confirm a revocation: what was handed out
/// may be good until it expires.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The tenant; not needed if there is only one
    #[arg(value_parser = values::tenant)]
    tenant: Option<TenantName>,
    /// Every tenant
    #[arg(long, conflicts_with_all = ["tenant", "account"])]
    all: bool,
    /// One account only
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
}

#[derive(Serialize)]
struct Report {
    tenant: String,
    accounts: Vec<String>,
    confirmed: Vec<&'static str>,
    unconfirmed: Vec<Left>,
}

#[derive(Serialize)]
struct Left {
    what: String,
    reason: String,
}

pub(crate) fn run(args: Args, session: &Session) -> Result<ExitCode> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let tenants = if args.all {
        signed_in_tenants(&vestibule)?
    } else {
        vec![session.tenant(args.tenant)?]
    };
    let mut reports = Vec::new();
    for tenant in tenants {
        let out = block_on(
            session.printer,
            vestibule.sign_out(&tenant, args.account.as_deref()),
        )?;
        if out.accounts.is_empty() && !args.all {
            // A name that was mistyped is no success.
            vestibule.tenant_text(&tenant)?;
        }
        if !session.printer.wants_json() {
            tell(session, &tenant, &out);
        }
        reports.push(report(&tenant, out));
    }
    if session.printer.wants_json() {
        session.printer.result(&reports, Vec::new)?;
    }
    let all_confirmed = reports.iter().all(|report| report.unconfirmed.is_empty());
    Ok(if all_confirmed {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(Blame::Network.exit_code())
    })
}

fn signed_in_tenants(vestibule: &Vestibule) -> Result<Vec<TenantName>> {
    let status = vestibule.status()?;
    Ok(status
        .into_iter()
        .filter(|tenant| !tenant.records.is_empty())
        .map(|tenant| tenant.tenant)
        .collect())
}

/// One line for what is certain, one warning for each thing that is not.
pub(crate) fn tell(session: &Session, tenant: &TenantName, out: &SignedOut) {
    if out.accounts.is_empty() {
        if out.unconfirmed.is_empty() {
            let nobody = format!("Nobody had signed in to {tenant}.");
            session.printer.say(&nobody);
        }
    } else {
        session.printer.say(&signed_out(tenant, out));
    }
    for left in &out.unconfirmed {
        session.printer.warn(&format!(
            "not confirmed: {}: {}; it may be good until it expires",
            left.what,
            Shown::new(&left.reason)
        ));
    }
}

fn signed_out(tenant: &TenantName, out: &SignedOut) -> String {
    let confirmed: Vec<&str> = out.confirmed.iter().map(|kind| kind.as_str()).collect();
    let revoked = if confirmed.is_empty() {
        "the provider has confirmed nothing".to_owned()
    } else {
        format!(
            "the provider has confirmed: {} revoked",
            confirmed.join(", ").replace('_', " ")
        )
    };
    format!("Signed out of {tenant}: erased here; {revoked}.")
}

fn report(tenant: &TenantName, out: SignedOut) -> Report {
    Report {
        tenant: tenant.to_string(),
        accounts: out.accounts,
        confirmed: out.confirmed.iter().map(|kind| kind.as_str()).collect(),
        unconfirmed: out
            .unconfirmed
            .into_iter()
            .map(|left| Left {
                what: left.what,
                reason: Shown::new(&left.reason).to_string(),
            })
            .collect(),
    }
}
