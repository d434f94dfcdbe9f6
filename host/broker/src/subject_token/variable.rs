//! Assertions in variables: those that GitLab fills (`id_tokens` of a job), and those that an operator fills.

use vestibule_core::Result;
use vestibule_core::tenant::workload::VariableName;

use super::{Asked, Fetched};

/// GitLab CI: a variable named below `id_tokens` of the job, whose `aud` the job says.
pub(super) fn gitlab(asked: &Asked<'_>, variable: &VariableName) -> Result<Fetched> {
    read(
        asked,
        variable,
        &format!(
            "name it in the job: id_tokens: {{ {variable}: {{ aud: {} }} }}",
            asked.source.audience
        ),
    )
}

/// A variable of the operator's.
pub(super) fn named(asked: &Asked<'_>, variable: &VariableName) -> Result<Fetched> {
    read(
        asked,
        variable,
        "set it for this process, or name another source in the tenant file",
    )
}

fn read(asked: &Asked<'_>, variable: &VariableName, hint: &str) -> Result<Fetched> {
    let token = asked.platform.variables.read(variable.as_str());
    let token = token.ok_or_else(|| {
        asked
            .config(format!("the variable {variable} is not set, or is empty"))
            .hint(hint)
    })?;
    Ok(Fetched::fresh(token))
}
