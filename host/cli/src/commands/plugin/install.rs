//! `vestibule plugin install`

use std::path::PathBuf;

use serde::Serialize;
use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_core::{Result, Shown};

use crate::named_file;
use crate::session::{Opens, Session};

/// Install a plugin from a file
///
/// It is admitted, compiled and asked to describe itself first; nothing is installed that cannot run. Tenants that were approved
/// with another plugin of this name ask again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The component
    file: PathBuf,
}

#[derive(Serialize)]
struct Report {
    plugin: String,
    version: String,
    digest: String,
    replaced: Option<String>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let installed = vestibule.install_plugin(named_file::read(&args.file, COMPONENT_BYTES)?)?;
    let report = Report {
        plugin: installed.name.to_string(),
        version: Shown::new(&installed.version).to_string(),
        digest: installed.digest.to_string(),
        replaced: installed.replaced.map(|digest| digest.to_string()),
    };
    session.printer.result(&report, || {
        let mut lines = vec![
            format!("Installed {} {}", report.plugin, report.version),
            format!("  {}", report.digest),
        ];
        if let Some(replaced) = &report.replaced {
            lines.push(format!("in place of\n  {replaced}"));
            lines.push(
                "Tenants that use it ask for approval again: vestibule tenant approve".to_owned(),
            );
        }
        lines
    })
}
