//! `vestibule tenant check`: everything that approving and signing in would check, without doing either; what the policy comes to, and what
//! it would decide.

use std::path::PathBuf;

use serde::Serialize;
use vestibule_app::explain::{Outlook, PolicyLine, Source};
use vestibule_app::probe::Example;
use vestibule_app::{Proposal, Vestibule};
use vestibule_core::limits::TENANT_FILE_BYTES;
use vestibule_core::record::Method;
use vestibule_core::{Error, Result, Scope, Shown, TenantName};

use crate::named_file;
use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::values;
use crate::view::{probe, table, time};

const EXAMPLES: &str = "\
Examples:
  vestibule tenant check work                    as it is here and now
  vestibule tenant check work --at ci            and on a build machine
  vestibule tenant check work --method device    and if somebody asks for a code
  vestibule tenant check work --claims ada.json  and for a person of whom the
                                                 provider says this";

/// Check a tenant: its file, its plugin, its provider, and what its policy decides
///
/// Shows each key of the policy with the line that says it, and what a sign-in would be: which way, which scopes, for how long, who is
/// asked. Nothing is changed, and nobody is signed in.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The tenant
    #[arg(value_parser = values::tenant)]
    tenant: TenantName,
    /// Decide as if this way had been asked for: browser, device
    #[arg(long, value_name = "METHOD", value_parser = values::method)]
    method: Option<Method>,
    /// Decide as on another machine: laptop, ssh, container, ci
    #[arg(long, value_name = "MACHINE", value_parser = values::machine)]
    at: Option<Example>,
    /// Judge a person by these claims of an ID token: a file with a JSON object, or - for standard input
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report<'a> {
    tenant: &'a str,
    issuer: &'a str,
    approved: bool,
    policy: Vec<Line<'a>>,
    method: Option<&'a str>,
    why: &'a str,
    scopes: Vec<&'a str>,
    acr_values: &'a [String],
    max_age: Option<u64>,
    session_seconds: Option<u64>,
    token_seconds: Option<u64>,
    person: Option<Verdict>,
}

#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    value: &'a str,
    source: &'static str,
    line: Option<usize>,
}

/// What the policy says of the person of `--claims`.
#[derive(Serialize)]
struct Verdict {
    allowed: bool,
    reason: Option<String>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let claims = args.claims.as_deref().map(text_of).transpose()?;
    let proposal = block_on(session.printer, vestibule.propose(&args.tenant))?;
    let example = args.at.map(Example::probe);
    let seen = example.as_ref().unwrap_or_else(|| vestibule.probe());
    // That no way is left is what one wants to see, with everything else.
    let outlook = vestibule.outlook(&proposal, args.method, seen);
    let person = claims
        .map(|claims| verdict(proposal.judge_example(&claims, vestibule.now())))
        .transpose()?;
    let policy = proposal.policy();
    let report = report(args, &proposal, &policy, &outlook, person);
    session.printer.result(&report, || {
        let mut lines = state(args, &proposal);
        lines.push(String::new());
        lines.extend(policy_lines(&policy));
        lines.push(String::new());
        lines.extend(decision(args, &vestibule, &proposal, &outlook, seen));
        lines.extend(report.person.iter().map(person_line));
        lines
    })?;
    // A script asks whether a sign-in would be possible, and the exit code says it.
    let person = report.person;
    outlook?;
    match person {
        Some(Verdict {
            allowed: false,
            reason,
        }) => Err(Error::policy(
            "check.denied",
            format!(
                "the policy does not let this person sign in: {}",
                reason.unwrap_or_default()
            ),
        )),
        Some(Verdict { allowed: true, .. }) | None => Ok(()),
    }
}

fn text_of(path: &std::path::Path) -> Result<String> {
    String::from_utf8(named_file::read(path, TENANT_FILE_BYTES)?)
        .map_err(|_| Error::user("check.claims", "the claims are not UTF-8 text"))
}

fn verdict(judged: Result<()>) -> Result<Verdict> {
    match judged {
        Ok(()) => Ok(Verdict {
            allowed: true,
            reason: None,
        }),
        Err(problem) if problem.code() == "policy.denied" => Ok(Verdict {
            allowed: false,
            reason: Some(problem.message().to_owned()),
        }),
        Err(problem) => Err(problem),
    }
}

fn report<'a>(
    args: &'a Args,
    proposal: &'a Proposal,
    policy: &'a [PolicyLine],
    outlook: &'a Result<Outlook>,
    person: Option<Verdict>,
) -> Report<'a> {
    let outlook = outlook.as_ref();
    Report {
        tenant: args.tenant.as_str(),
        issuer: &proposal.approval.permissions.issuer,
        approved: proposal.changes_nothing(),
        policy: policy
            .iter()
            .map(|line| Line {
                key: &line.key,
                value: &line.value,
                source: match line.source {
                    Source::File(_) => "file",
                    Source::System => "system",
                    Source::Default => "default",
                },
                line: match line.source {
                    Source::File(line) => Some(line),
                    Source::System | Source::Default => None,
                },
            })
            .collect(),
        method: outlook.map(|outlook| outlook.chosen.method.as_str()).ok(),
        why: match outlook {
            Ok(outlook) => &outlook.chosen.why,
            Err(problem) => problem.message(),
        },
        scopes: outlook.map_or_else(
            |_| Vec::new(),
            |outlook| outlook.scopes.iter().map(Scope::as_str).collect(),
        ),
        acr_values: outlook.map_or(&[], |outlook| outlook.demand.acr_values.as_slice()),
        max_age: outlook.ok().and_then(|outlook| outlook.demand.max_age),
        session_seconds: outlook.map(|outlook| outlook.session).ok(),
        token_seconds: outlook.map(|outlook| outlook.token).ok(),
        person,
    }
}

fn state(args: &Args, proposal: &Proposal) -> Vec<String> {
    let approved = match (proposal.changes_nothing(), proposal.before.is_some()) {
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
        format!(
            "provider  {}",
            Shown::new(&proposal.approval.permissions.issuer)
        ),
        format!("approved  {approved}"),
    ]
}

fn policy_lines(policy: &[PolicyLine]) -> Vec<String> {
    let rows: Vec<Vec<String>> = policy
        .iter()
        .map(|line| {
            let source = match line.source {
                Source::File(number) => format!("line {number}"),
                Source::System => "this machine's policy.toml".to_owned(),
                Source::Default => "default".to_owned(),
            };
            vec![
                line.key.clone(),
                Shown::new(&line.value).to_string(),
                source,
            ]
        })
        .collect();
    let mut lines = vec!["Policy:".to_owned()];
    lines.extend(table::aligned(&rows, 2));
    lines
}

fn decision(
    args: &Args,
    vestibule: &Vestibule,
    proposal: &Proposal,
    outlook: &Result<Outlook>,
    seen: &vestibule_app::Probe,
) -> Vec<String> {
    let place = args.at.map_or("here", |example| match example {
        Example::Laptop => "on a laptop",
        Example::Ssh => "over SSH",
        Example::Container => "in a container",
        Example::Ci => "in an automatic build",
    });
    let mut lines = match outlook {
        Err(problem) => {
            let mut lines = vec![format!(
                "A sign-in {place} would not be: {}.",
                problem.message()
            )];
            lines.extend(problem.next_step().map(|hint| format!("  {hint}")));
            lines
        }
        Ok(outlook) => {
            let scopes: Vec<&str> = outlook.scopes.iter().map(Scope::as_str).collect();
            let now = vestibule.now();
            let mut lines = vec![
                format!("A sign-in {place} would"),
                format!(
                    "  go      by {}: {}",
                    outlook.chosen.method.as_str(),
                    outlook.chosen.why
                ),
                format!("  ask     for {}", Shown::whole(&scopes.join(" "))),
                format!(
                    "  last    {} at most, with tokens of {} at most",
                    time::span(now, now.saturating_add(outlook.session)),
                    time::span(now, now.saturating_add(outlook.token)),
                ),
            ];
            lines.push(match proposal.tenant.policy.consent() {
                vestibule_core::tenant::Consent::Approval => {
                    "  consent once, when the tenant is approved".to_owned()
                }
                vestibule_core::tenant::Consent::EachSignIn => {
                    "  consent each time, at a terminal".to_owned()
                }
            });
            lines.extend(
                outlook
                    .demand
                    .lines()
                    .iter()
                    .map(|line| format!("  demand  {line}")),
            );
            lines
        }
    };
    lines.push("What decided:".to_owned());
    lines.extend(probe::lines(seen).iter().map(|line| format!("  {line}")));
    lines
}

fn person_line(verdict: &Verdict) -> String {
    match &verdict.reason {
        None => "This person may sign in.".to_owned(),
        Some(reason) => format!("This person may not sign in: {reason}."),
    }
}
