//! cargo-mutants: a change of the code that no test notices is a test that is missing. `tests/MUTANTS.md` says which are known.

use anyhow::{Context, Result};

use crate::process::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// Puts mistakes into these packages, one at a time, and runs the package's own tests. The report stays in the target folder.
pub(super) fn run(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let mutants = tools::cargo_mutants(workspace)?;
    let report = workspace.target().join("mutants");
    std::fs::create_dir_all(&report)?;
    let mut command = Cmd::new(mutants)
        .args(["mutants", "--timeout", "120", "--output"])
        .arg(&report)
        .dir(&workspace.path(""));
    for package in packages {
        command = command.args(["--package", package]);
    }
    command.args(["--", "--lib"]).run().with_context(|| {
        format!(
            "a mistake went unnoticed, see {}/mutants.out/missed.txt",
            report.display()
        )
    })
}
