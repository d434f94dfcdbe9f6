//! What is proven and what is not, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::catalogue::{Catalogue, Requirement, Severity};

/// The catalogue beside the tests that prove it.
pub(crate) struct Report {
    catalogue: Catalogue,
    proofs: BTreeMap<String, Vec<String>>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Document<'r> {
    requirements: Vec<Row<'r>>,
}

#[derive(Serialize)]
struct Row<'r> {
    id: &'r str,
    severity: Severity,
    proven: bool,
    tests: &'r [String],
}

impl Report {
    pub(crate) fn new(
        catalogue: Catalogue,
        proofs: BTreeMap<String, Vec<String>>,
        problems: Vec<String>,
    ) -> Self {
        Self {
            catalogue,
            proofs,
            problems,
        }
    }

    /// Claims that prove nothing.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// `{"requirements":[{"id","severity","proven","tests"}]}`
    pub(crate) fn json(&self) -> Result<String> {
        let requirements = self
            .catalogue
            .iter()
            .map(|Requirement { id, severity, .. }| {
                let tests = self.tests(id);
                Row {
                    id,
                    severity: *severity,
                    proven: !tests.is_empty(),
                    tests,
                }
            })
            .collect();
        Ok(serde_json::to_string(&Document { requirements })?)
    }

    /// Proven and total, by group and by severity, and what is left.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.section(&mut text, "group", self.groups());
        let severities = Severity::ALL.map(|severity| format!("{severity:?}"));
        self.section(&mut text, "severity", severities.to_vec());
        let unproven: Vec<&Requirement> = self
            .catalogue
            .iter()
            .filter(|one| !self.is_proven(one))
            .collect();
        if !unproven.is_empty() {
            text.push_str("unproven\n");
        }
        for requirement in unproven {
            let Requirement {
                id,
                severity,
                text: words,
            } = requirement;
            let _infallible = writeln!(
                text,
                "  {id:<9} {:<9} {}",
                format!("{severity:?}"),
                shortened(words)
            );
        }
        text + "\n" + &self.total()
    }

    /// One line: how many are proven.
    pub(crate) fn total(&self) -> String {
        let proven = self
            .catalogue
            .iter()
            .filter(|one| self.is_proven(one))
            .count();
        format!(
            "{proven} of {} requirements proven",
            self.catalogue.iter().count()
        )
    }

    fn section(&self, text: &mut String, title: &str, keys: Vec<String>) {
        let _infallible = writeln!(text, "{title}");
        for key in keys {
            let of_key = || {
                self.catalogue
                    .iter()
                    .filter(|one| one.group() == key || format!("{:?}", one.severity) == key)
            };
            let proven = of_key().filter(|one| self.is_proven(one)).count();
            let _infallible = writeln!(text, "  {key:<9} {proven:>3} / {:>3}", of_key().count());
        }
        text.push('\n');
    }

    fn groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = self
            .catalogue
            .iter()
            .map(|one| one.group().to_owned())
            .collect();
        groups.dedup();
        groups
    }

    fn is_proven(&self, requirement: &Requirement) -> bool {
        !self.tests(&requirement.id).is_empty()
    }

    fn tests(&self, id: &str) -> &[String] {
        self.proofs.get(id).map_or(&[], Vec::as_slice)
    }
}

/// The beginning of a requirement; the whole of it is in the catalogue.
fn shortened(text: &str) -> String {
    const WIDTH: usize = 90;
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}
