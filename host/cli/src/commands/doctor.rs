//! `vestibule doctor`: what works here, what does not, and what to do about it.

use std::process::ExitCode;

use serde::Serialize;
use vestibule_app::probe::Reach;
use vestibule_app::{Finding, Health, Probe};
use vestibule_core::{Blame, Result, TenantName};

use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::values;
use crate::view::wrap;

/// Look at this machine: directories, key stores, sandbox, plugins, tenants
///
/// With a tenant, its provider is asked too, and each source of a workload's assertions. Exit code 4 if something will not work.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at this tenant thoroughly
    #[arg(value_parser = values::tenant)]
    tenant: Option<TenantName>,
}

#[derive(Serialize)]
struct Report {
    subject: String,
    health: &'static str,
    text: String,
    hint: Option<String>,
}

pub(crate) fn run(args: Args, session: &Session) -> Result<ExitCode> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let mut findings = block_on(session.printer, vestibule.doctor(args.tenant.as_ref()))?;
    findings.push(browser(vestibule.probe()));
    let bad = findings.iter().any(|finding| finding.health == Health::Bad);
    let reports: Vec<Report> = findings.into_iter().map(report).collect();
    session
        .printer
        .result(&reports, || reports.iter().flat_map(lines).collect())?;
    Ok(if bad {
        ExitCode::from(Blame::Config.exit_code())
    } else {
        ExitCode::SUCCESS
    })
}

/// Where this runs, and whose browser gets here.
fn browser(probe: &Probe) -> Finding {
    let text = format!(
        "this runs {}; a browser here {}",
        probe.place, probe.browser
    );
    let (health, hint) = match probe.reach {
        Reach::Here | Reach::ForwardedByEditor => (Health::Good, None),
        Reach::Forwarded => (
            Health::Good,
            Some("login prints the ssh line that brings your own browser here"),
        ),
        Reach::Not if probe.has_local_browser() => (
            Health::Weak,
            Some(
                "without a terminal nobody is there: no sign-in of a person begins, but for a tenant with interactive = \"window\"",
            ),
        ),
        Reach::Not => (
            Health::Weak,
            Some(
                "login prints the address, to be opened by hand; or name a program: [browser] command = [\"/path/to/it\"] in config.toml",
            ),
        ),
    };
    let seen: Vec<String> = probe
        .evidence
        .iter()
        .map(|one| format!("{}: {}", one.seen, one.says))
        .collect();
    Finding {
        subject: "browser".to_owned(),
        health,
        text: format!("{text} ({})", seen.join("; ")),
        hint: hint.map(str::to_owned),
    }
}

fn report(finding: Finding) -> Report {
    let Finding {
        subject,
        health,
        text,
        hint,
    } = finding;
    Report {
        subject,
        health: word(health),
        text,
        hint,
    }
}

fn word(health: Health) -> &'static str {
    match health {
        Health::Good => "ok",
        Health::Weak => "weak",
        Health::Bad => "bad",
    }
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![format!("[{:^4}] {}", report.health, report.subject)];
    lines.extend(wrap(&report.text, 7));
    if let Some(hint) = &report.hint {
        lines.extend(wrap(&format!("-> {hint}"), 7));
    }
    lines
}
