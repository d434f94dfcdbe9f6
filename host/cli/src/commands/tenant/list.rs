//! `vestibule tenant list`

use serde::Serialize;
use vestibule_app::tenants;
use vestibule_core::{Result, Shown};

use crate::session::{Opens, Session};
use crate::view::table;

/// List the tenants
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Row {
    tenant: String,
    plugin: Option<String>,
    provider: Option<String>,
    problem: Option<String>,
}

pub(super) fn run(_args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let mut rows = Vec::new();
    for name in tenants::list(vestibule.places())? {
        // A file that is wrong is a row that says so, and no reason to hide the others.
        let (plugin, problem) = match tenants::read(vestibule.places(), &name) {
            Ok(tenant) => (
                Some(tenant.tenant().plugin.to_string()),
                vestibule.safest_method(&name).err(),
            ),
            Err(problem) => (None, Some(problem)),
        };
        let provider = vestibule
            .approval(&name)?
            .map(|approval| approval.permissions.issuer);
        rows.push(Row {
            tenant: name.to_string(),
            plugin,
            provider,
            problem: problem.map(|problem| problem.message().to_owned()),
        });
    }
    session.printer.result(&rows, || lines(&rows))
}

fn lines(rows: &[Row]) -> Vec<String> {
    if rows.is_empty() {
        return vec!["No tenant yet. Add one: vestibule tenant add".to_owned()];
    }
    let mut table = vec![
        ["TENANT", "PLUGIN", "PROVIDER", "STATE"]
            .map(str::to_owned)
            .to_vec(),
    ];
    table.extend(rows.iter().map(|row| {
        let shown = |text: &Option<String>| {
            text.as_deref()
                .map_or_else(|| "-".to_owned(), |text| Shown::new(text).to_string())
        };
        vec![
            row.tenant.clone(),
            shown(&row.plugin),
            shown(&row.provider),
            row.problem.clone().unwrap_or_else(|| "approved".to_owned()),
        ]
    }));
    table::aligned(&table, 0)
}
