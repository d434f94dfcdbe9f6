//! `cargo xtask requirements`: which requirements of `tests/requirements.tsv` a test proves.
//!
//! A test says so in a comment directly above its attributes: `// proves: LOOP-01, LOOP-04`. A claim counts only if
//! it stands on a test that runs and that can fail; every other claim is an error, so that the numbers can be
//! believed.

mod assertions;
mod catalogue;
mod claims;
mod lexer;
mod report;
mod sources;
mod syntax;

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Result, bail};

use self::catalogue::Catalogue;
use self::claims::{Finding, claims};
use self::report::Report;
pub(crate) use self::sources::Source;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print nothing but one JSON document
    #[arg(long)]
    json: bool,
}

/// Prints the report; fails if a claim proves nothing.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let report = collect(workspace)?;
    println!(
        "{}",
        if args.json {
            report.json()?
        } else {
            report.text()
        }
    );
    for problem in report.problems() {
        eprintln!("error: {problem}");
    }
    Ok(if report.problems().is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Fails if a claim proves nothing; prints only the totals.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let report = collect(workspace)?;
    eprintln!("    {}", report.total());
    if !report.problems().is_empty() {
        bail!(
            "claims that prove nothing:\n  {}",
            report.problems().join("\n  ")
        );
    }
    Ok(())
}

/// Every Rust source in which claims may stand.
pub(crate) fn sources(workspace: &Workspace) -> Result<Vec<Source>> {
    sources::read(&workspace.path(""))
}

/// Each test that proves something, with what it proves.
pub(crate) fn by_test(sources: &[Source]) -> Vec<(String, String)> {
    let proofs = claims(sources)
        .into_iter()
        .filter_map(|finding| match finding {
            Finding::Proof { id, test, .. } => Some((test, id)),
            Finding::Problem { .. } => None,
        });
    proofs.collect()
}

fn collect(workspace: &Workspace) -> Result<Report> {
    let catalogue = Catalogue::read(&workspace.path("tests/requirements.tsv"))?;
    Ok(judge(catalogue, &sources::read(&workspace.path(""))?))
}

fn judge(catalogue: Catalogue, sources: &[Source]) -> Report {
    let mut proofs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut problems = Vec::new();
    for finding in claims(sources) {
        match finding {
            Finding::Proof { id, test, .. } if catalogue.contains(&id) => {
                proofs.entry(id).or_default().push(test);
            }
            Finding::Proof { id, place, .. } => {
                problems.push(format!("{place}: `{id}` is no requirement"))
            }
            Finding::Problem { .. } => problems.push(finding.to_string()),
        }
    }
    Report::new(catalogue, proofs, problems)
}

#[cfg(test)]
mod tests;
