//! `vestibule audit alerts`

use std::process::ExitCode;

use serde::Serialize;
use vestibule_app::{AuditEvent, Found, Rule};
use vestibule_core::{Error, Result, TenantName};

use crate::session::{Opens, Session};
use crate::values;
use crate::view::audit;

/// The exit code that says that something unusual was found.
const FOUND: u8 = 10;

const EXAMPLES: &str = "\
Examples:
  vestibule audit alerts --since 1d || mail -s 'look at this' ops
  vestibule audit alerts --rule refresh-reuse --json
  vestibule audit alerts --accept work";

/// Show what is unusual: new devices and methods, bursts, reuse, clocks
///
/// All rules look at all of the log. Exit code 0 says that nothing was found, 10 that something was.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Only of this tenant
    #[arg(long, value_name = "NAME", value_parser = values::tenant)]
    tenant: Option<TenantName>,
    /// Only since then: 2026-11-28, 2026-11-28T12:00:00Z, or 90m, 12h, 7d ago
    #[arg(long, value_name = "TIME", value_parser = values::since)]
    since: Option<values::Since>,
    /// Only of this rule: new-device, new-method, burst, many-tenants,
    /// device-instead, refresh-reuse, clock-step, plugin-changed
    #[arg(long, value_name = "RULE", value_parser = rule)]
    rule: Option<Rule>,
    /// You have looked at them, and it was all right: what is usual for
    /// this tenant is learnt anew
    #[arg(long, value_name = "TENANT", value_parser = values::tenant, conflicts_with_all = ["tenant", "since", "rule"])]
    accept: Option<TenantName>,
}

#[derive(Serialize)]
struct Report<'a> {
    record: u64,
    time: u64,
    tenant: Option<&'a str>,
    rule: &'a str,
    about: AuditEvent,
    seen: &'a str,
    usual: &'a str,
    /// `warned`, `refused`, or `later`: nobody was told when it happened.
    told: &'static str,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    if let Some(name) = &args.accept {
        vestibule.accept_alerts(name)?;
        let said = format!("What is usual for tenant {name} is learnt anew.");
        session.printer.say(&said);
        return Ok(ExitCode::SUCCESS);
    }
    let since = args.since.map_or(0, |since| since.at(vestibule.now()));
    let mut alerts = vestibule.audit_alerts()?;
    super::warn_of_tampering(&vestibule, alerts.unreadable, session)?;
    alerts.found.retain(|found| is_wanted(args, since, found));
    let reports: Vec<Report<'_>> = alerts.found.iter().map(report).collect();
    session
        .printer
        .result(&reports, || audit::alerts(&alerts.found))?;
    Ok(if alerts.found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FOUND)
    })
}

fn is_wanted(args: &Args, since: u64, found: &Found) -> bool {
    let tenant = args.tenant.as_ref();
    found.time >= since
        && tenant.is_none_or(|tenant| found.tenant.as_deref() == Some(tenant.as_str()))
        && args
            .rule
            .is_none_or(|rule| found.alert.rule == rule.as_str())
}

fn report(found: &Found) -> Report<'_> {
    Report {
        record: found.seq,
        time: found.time,
        tenant: found.tenant.as_deref(),
        rule: &found.alert.rule,
        about: found.alert.about,
        seen: &found.alert.seen,
        usual: &found.alert.usual,
        told: audit::told(found.told),
    }
}

fn rule(text: &str) -> Result<Rule> {
    let found = Rule::ALL.into_iter().find(|rule| rule.as_str() == text);
    found.ok_or_else(|| {
        let known = Rule::ALL.map(Rule::as_str).join(", ");
        Error::user("usage.rule", format!("there are these: {known}"))
    })
}
