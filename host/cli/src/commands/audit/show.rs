//! `vestibule audit show`

use vestibule_app::{AuditEvent, Outcome, Record};
use vestibule_core::{Error, Result, TenantName};

use crate::session::{Opens, Session};
use crate::values;
use crate::view::audit;

const EXAMPLES: &str = "\
Examples:
  vestibule audit show --since 7d --outcome refused
  vestibule audit show --tenant work --event release --json";

/// Show what was recorded, the oldest first
///
/// With --json every record is there with all its fields; otherwise each is one line.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Only of this tenant
    #[arg(long, value_name = "NAME", value_parser = values::tenant)]
    tenant: Option<TenantName>,
    /// Only of this kind: issuance, refresh, derive, exchange, release,
    /// refusal, revocation, consent, policy, plugin, alert, log
    #[arg(long, value_name = "EVENT", value_parser = event)]
    event: Option<AuditEvent>,
    /// Only since then: 2026-11-28, 2026-11-28T12:00:00Z, or 90m, 12h, 7d ago
    #[arg(long, value_name = "TIME", value_parser = values::since)]
    since: Option<values::Since>,
    /// Only what ended so: done, unconfirmed, refused, failed
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    outcome: Option<Outcome>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let since = args.since.map_or(0, |since| since.at(vestibule.now()));
    let mut records: Vec<Record> = Vec::new();
    let unreadable = vestibule.audit_records(&mut |record| {
        if is_wanted(args, since, &record) {
            records.push(record);
        }
    })?;
    super::warn_of_tampering(&vestibule, unreadable, session)?;
    session.printer.result(&records, || audit::lines(&records))
}

fn is_wanted(args: &Args, since: u64, record: &Record) -> bool {
    let entry = &record.entry;
    let tenant = args.tenant.as_ref();
    record.time >= since
        && tenant.is_none_or(|tenant| entry.tenant.as_deref() == Some(tenant.as_str()))
        && args.event.is_none_or(|event| entry.event == event)
        && args.outcome.is_none_or(|outcome| entry.outcome == outcome)
}

fn event(text: &str) -> Result<AuditEvent> {
    let found = AuditEvent::ALL
        .into_iter()
        .find(|event| event.as_str() == text);
    found.ok_or_else(|| {
        let known = AuditEvent::ALL.map(AuditEvent::as_str).join(", ");
        Error::user("usage.event", format!("there are these: {known}"))
    })
}

fn outcome(text: &str) -> Result<Outcome> {
    let found = Outcome::ALL
        .into_iter()
        .find(|outcome| outcome.as_str() == text);
    found.ok_or_else(|| {
        let known = Outcome::ALL.map(Outcome::as_str).join(", ");
        Error::user("usage.outcome", format!("there are these: {known}"))
    })
}
