//! `vestibule plugin list`

use serde::Serialize;
use vestibule_app::plugins;
use vestibule_core::Result;

use crate::session::{Opens, Session};
use crate::view::table;

/// List the installed plugins
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Row {
    plugin: String,
    digest: String,
    size: usize,
}

pub(super) fn run(_args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let mut rows = Vec::new();
    for name in plugins::list(vestibule.places())? {
        let bytes = plugins::read(vestibule.places(), &name)?;
        rows.push(Row {
            plugin: name.to_string(),
            digest: plugins::digest(&bytes),
            size: bytes.len(),
        });
    }
    session.printer.result(&rows, || {
        if rows.is_empty() {
            return vec![
                "No plugin is installed. Install one: vestibule plugin install FILE".to_owned(),
            ];
        }
        // The whole digest is wider than the page; the table has as much of it as tells two apart.
        let short = |digest: &str| digest.chars().take("sha256:".len() + 16).collect();
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                vec![
                    row.plugin.clone(),
                    short(&row.digest),
                    format!("{} KB", row.size.div_ceil(1000)),
                ]
            })
            .collect();
        table::aligned(&rows, 0)
    })
}
