//! `vestibule status`: what is stored here.

use serde::Serialize;
use vestibule_app::{RecordStatus, TenantStatus};
use vestibule_core::record::{Namespace, RecordKind};
use vestibule_core::{Result, Shown};

use crate::session::{Opens, Session};
use crate::view::{table, time};

/// Show who has signed in where, and for how long
///
/// Nobody is asked: this is what lies on this machine. A provider may have revoked it meanwhile.
#[derive(Debug, clap::Args)]
pub struct Args {}

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
    r#for: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    method: &'static str,
    scopes: Vec<String>,
    signed_in_at: String,
    renewed_at: String,
    expires_at: String,
    ends_at: String,
    renewable: bool,
    key_store: &'static str,
    plugin: String,
}

pub(crate) fn run(_args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let tenants = vestibule.status()?;
    let report: Vec<Tenant> = tenants.iter().map(report).collect();
    session.printer.result(&report, || {
        if tenants.is_empty() {
            vec!["No tenant yet.".to_owned()]
        } else {
            lines(&tenants, vestibule.now())
        }
    })
}

fn lines(tenants: &[TenantStatus], now: u64) -> Vec<String> {
    let mut rows = vec![
        ["TENANT", "ACCOUNT", "WHAT", "TOKEN", "SIGN-IN", "KEY STORE"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut notes = Vec::new();
    for tenant in tenants {
        let name = tenant.tenant.to_string();
        if tenant.records.is_empty() {
            rows.push(vec![
                name.clone(),
                "-".to_owned(),
                "not signed in".to_owned(),
            ]);
        }
        rows.extend(tenant.records.iter().map(|record| row(&name, record, now)));
        let troubles = tenant.problem.iter().chain(&tenant.troubles);
        notes.extend(troubles.map(|trouble| format!("{name}: {trouble}")));
    }
    let mut lines = table::aligned(&rows, 0);
    if !notes.is_empty() {
        lines.push(String::new());
        lines.extend(notes);
    }
    lines
}

fn row(tenant: &str, record: &RecordStatus, now: u64) -> Vec<String> {
    let account = record.facts.account.as_deref().unwrap_or(&record.subject);
    let account = if account.is_empty() {
        "-".to_owned()
    } else {
        Shown::new(account).to_string()
    };
    let what = match record.kind {
        RecordKind::Grant => match record.namespace {
            Namespace::Person => record.kind.as_str().to_owned(),
            Namespace::Workload => record.namespace.as_str().to_owned(),
        },
        RecordKind::Registration => record.kind.as_str().to_owned(),
        RecordKind::Derived => format!("for {}", Shown::new(&record.derived_for)),
        RecordKind::Setting => format!("secret {}", Shown::new(&record.derived_for)),
    };
    let what = match &record.facts.actor {
        Some(actor) => format!("{what}, by {}", Shown::new(actor)),
        None => what,
    };
    let mut token = time::span(now, record.facts.expires_at);
    if record.renewable {
        token.push_str(", renewable");
    }
    vec![
        tenant.to_owned(),
        account,
        what,
        token,
        time::span(now, record.facts.ends_at),
        record.key_store.word().to_owned(),
    ]
}

fn report(tenant: &TenantStatus) -> Tenant {
    let record = |record: &RecordStatus| Record {
        kind: record.kind.as_str(),
        namespace: record.namespace.as_str(),
        account: record.facts.account.clone(),
        subject: record.subject.clone(),
        r#for: record.derived_for.clone(),
        actor: record.facts.actor.clone(),
        method: record.facts.method.as_str(),
        scopes: record
            .facts
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        signed_in_at: time::rfc3339(record.facts.signed_in_at),
        renewed_at: time::rfc3339(record.facts.renewed_at),
        expires_at: time::rfc3339(record.facts.expires_at),
        ends_at: time::rfc3339(record.facts.ends_at),
        renewable: record.renewable,
        key_store: record.key_store.word(),
        plugin: record.facts.plugin.clone(),
    };
    Tenant {
        tenant: tenant.tenant.to_string(),
        problem: tenant.problem.clone(),
        records: tenant.records.iter().map(record).collect(),
        unreadable: tenant.troubles.clone(),
    }
}
