//! The catalogue: `tests/requirements.tsv`, one requirement a line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

/// How bad it would be if a requirement did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

impl Severity {
    pub(crate) const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    fn parse(word: &str) -> Result<Self> {
        Ok(match word {
            "Critical" => Self::Critical,
            "High" => Self::High,
            "Medium" => Self::Medium,
            "Low" => Self::Low,
            other => bail!("`{other}` is no severity"),
        })
    }
}

/// One line of the catalogue.
#[derive(Debug)]
pub(crate) struct Requirement {
    /// `GROUP-NN`.
    pub(crate) id: String,
    pub(crate) severity: Severity,
    /// What must hold, in words.
    pub(crate) text: String,
}

impl Requirement {
    /// `LOOP` of `LOOP-01`.
    pub(crate) fn group(&self) -> &str {
        self.id
            .split_once('-')
            .map_or(self.id.as_str(), |(group, _)| group)
    }
}

/// All requirements, in the order of the file.
pub(crate) struct Catalogue {
    requirements: Vec<Requirement>,
    ids: BTreeSet<String>,
}

impl Catalogue {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("could not read {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not as expected", file.display()))
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        ensure!(
            lines.next() == Some("id\tlevel\tseverity\trequirement"),
            "the first line does not name the columns id, level, severity, requirement"
        );
        let mut catalogue = Self {
            requirements: Vec::new(),
            ids: BTreeSet::new(),
        };
        for line in lines {
            let columns: Vec<&str> = line.split('\t').collect();
            let [id, _level, severity, text] = columns.as_slice() else {
                bail!("not four columns: {line}");
            };
            ensure!(catalogue.ids.insert((*id).to_owned()), "{id} stands twice");
            let severity = Severity::parse(severity)?;
            catalogue.requirements.push(Requirement {
                id: (*id).into(),
                severity,
                text: (*text).into(),
            });
        }
        Ok(catalogue)
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter()
    }
}
