//! `vestibule status`: the inventory of what is stored here (WKL-09).

use serde::Serialize;
use vestibule_app::{RecordStatus, Standing, TenantStatus};
use vestibule_core::{Result, TenantName};

use crate::session::{Opens, Session};
use crate::values;
use crate::view::{inventory, time};

/// Show who has signed in where, how, since when and for how long
///
/// Nobody is asked: this is what lies on this machine. A provider may have revoked it meanwhile.
///
/// AGE is since the sign-in, USED since a token was last handed out, ENDS until the sign-in is over in any case. STATE is good; expired,
/// if the token is and cannot be renewed; over or idle, by the tenant's policy; or stale, if the tenant has changed since.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// This one only, with all that is known of it
    #[arg(value_parser = values::tenant)]
    tenant: Option<TenantName>,
    /// All that is known of each, for all tenants
    #[arg(long)]
    long: bool,
}

#[derive(Serialize)]
struct Tenant {
    tenant: String,
    problem: Option<String>,
    records: Vec<Record>,
    unreadable: Vec<String>,
}

#[derive(Serialize)]
struct Record {
    kind: &'static str,
    namespace: &'static str,
    account: Option<String>,
    subject: String,
    issuer: String,
    environment: Option<String>,
    r#for: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    method: &'static str,
    scopes: Vec<String>,
    signed_in_at: String,
    age_seconds: u64,
    last_used_at: Option<String>,
    renewed_at: String,
    expires_at: String,
    ends_at: String,
    renewable: bool,
    binding: &'static str,
    key_store: &'static str,
    key_lasts: &'static str,
    key_in_hardware: bool,
    plugin: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason: Option<String>,
}

pub(crate) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let tenants = match &args.tenant {
        None => vestibule.status()?,
        Some(name) => {
            let status = vestibule.status_of(name.clone())?;
            if status.records.is_empty() && status.troubles.is_empty() {
                // A name that was mistyped is no tenant that nobody has signed in to.
                vestibule.tenant_text(name)?;
            }
            vec![status]
        }
    };
    let now = vestibule.now();
    let report: Vec<Tenant> = tenants.iter().map(|tenant| report(tenant, now)).collect();
    session.printer.result(&report, || {
        if tenants.is_empty() {
            vec!["No tenant yet.".to_owned()]
        } else if args.long || args.tenant.is_some() {
            inventory::long(&tenants, now)
        } else {
            inventory::short(&tenants, now)
        }
    })
}

fn report(tenant: &TenantStatus, now: u64) -> Tenant {
    Tenant {
        tenant: tenant.tenant.to_string(),
        problem: tenant.problem.clone(),
        records: tenant
            .records
            .iter()
            .map(|record| self::record(record, now))
            .collect(),
        unreadable: tenant.troubles.clone(),
    }
}

fn record(record: &RecordStatus, now: u64) -> Record {
    let facts = &record.facts;
    Record {
        kind: record.kind.as_str(),
        namespace: record.namespace.as_str(),
        account: facts.account.clone(),
        subject: record.subject.clone(),
        issuer: record.issuer.clone(),
        environment: (!record.environment.is_empty()).then(|| record.environment.clone()),
        r#for: record.derived_for.clone(),
        actor: facts.actor.clone(),
        method: facts.method.as_str(),
        scopes: facts
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        signed_in_at: time::rfc3339(facts.signed_in_at),
        age_seconds: now.saturating_sub(facts.signed_in_at),
        last_used_at: record.last_use.map(time::rfc3339),
        renewed_at: time::rfc3339(facts.renewed_at),
        expires_at: time::rfc3339(facts.expires_at),
        ends_at: time::rfc3339(facts.ends_at),
        renewable: record.renewable,
        binding: record.binding.as_str(),
        key_store: record.key_store.word(),
        key_lasts: record.key_store.lifetime().word(),
        key_in_hardware: record.key_store.is_hardware(),
        plugin: facts.plugin.clone(),
        state: record.standing.as_str(),
        state_reason: match &record.standing {
            Standing::Stale(why) => Some(why.clone()),
            Standing::Good | Standing::Expired | Standing::Over | Standing::Idle => None,
        },
    }
}
