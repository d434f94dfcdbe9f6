//! `vestibule tenant approve`: shows what a plugin may do for a tenant, asks, and pins it.

use vestibule_app::{Proposal, Vestibule};
use vestibule_core::event::{Consent, Person as _};
use vestibule_core::{Error, Result, TenantName};

use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::terminal::Terminal;
use crate::values;
use crate::view::proposal;

/// Approve what a tenant's plugin may do
///
/// Shows the endpoints, the origins that receive secrets, and what may be read; if something was approved before, also what is
/// different now. What is approved is pinned: whatever differs later asks again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The tenant
    #[arg(value_parser = values::tenant)]
    tenant: TenantName,
    /// Approve without asking, for scripts
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let proposal = block_on(session.printer, vestibule.propose(&args.tenant))?;
    let agreed = ask(&proposal, args.yes, session)?;
    settle(&vestibule, &proposal, agreed, session)
}

/// Shows a proposal and asks, unless that was answered or there is nothing to ask. Without a terminal the answer is no (UI-06).
///
/// # Errors
/// If the terminal breaks.
pub(super) fn ask(proposal: &Proposal, yes: bool, session: &Session) -> Result<bool> {
    if proposal.changes_nothing() {
        return Ok(true);
    }
    let lines = proposal::lines(proposal);
    if yes || !Terminal.is_present() {
        session.printer.say(&lines.join("\n"));
        return Ok(yes);
    }
    Terminal.consent(&Consent {
        lines: &lines,
        question: &question(proposal),
    })
}

/// Pins a proposal that somebody has agreed to.
///
/// # Errors
/// If nobody has, or it cannot be written.
pub(super) fn settle(
    vestibule: &Vestibule,
    proposal: &Proposal,
    agreed: bool,
    session: &Session,
) -> Result<()> {
    let name = &proposal.approval.tenant;
    if !agreed {
        vestibule.declined(proposal)?;
        return Err(Error::user(
            "approval.refused",
            format!("nobody has approved the tenant \"{name}\"; nothing is done for it"),
        )
        .hint(format!(
            "run: vestibule tenant approve {name} — in a script, with --yes"
        )));
    }
    let said = if proposal.changes_nothing() {
        format!("Tenant {name} is approved as it is.")
    } else {
        vestibule.approve(proposal)?;
        format!("Approved. Sign in: vestibule login {name}")
    };
    session.printer.say(&said);
    session
        .printer
        .result_if_json(&proposal::report(proposal, true))
}

fn question(proposal: &Proposal) -> String {
    let name = &proposal.approval.tenant;
    if !proposal.weakened.is_empty() {
        return format!("Approve sign-ins with less protection for tenant {name}?");
    }
    match (&proposal.before, proposal.changes_permissions()) {
        (None, _) => format!("Approve this for tenant {name}?"),
        (Some(_), true) => format!("Approve the change for tenant {name}?"),
        (Some(_), false) => format!("Approve this plugin and tenant file for {name}?"),
    }
}
