//! `vestibule audit export`

use std::path::PathBuf;

use serde::Serialize;
use vestibule_app::config::CollectorConfig;
use vestibule_app::{Exports, LineForm, Selection, Vestibule};
use vestibule_core::{Error, Result, Shown};

use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  vestibule audit export --since 7d > week.jsonl
  vestibule audit export --format ocsf --cursor siem >> /var/spool/siem
  vestibule audit export --format otlp --cursor logs --to https://logs.example/v1/logs

With --cursor each record is exported once, however often and from wherever this
is run. If a request to a collector is never answered, its records are sent
again: metadata.uid (OCSF) and vestibule.code (OTLP) tell those that came twice.";

/// A form of export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The lines of the log as they stand there
    Jsonl,
    /// OCSF 1.8.0 events, one a line
    Ocsf,
    /// OTLP logs, over HTTP to a collector
    Otlp,
}

/// Export records: as lines, as OCSF events, or to a collector
///
/// Lines go to standard output. OTLP goes to the collector that --to or the section audit.collector of config.toml names.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The form
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    /// Only since then: 2026-11-28, 2026-11-28T12:00:00Z, or 90m, 12h, 7d ago
    #[arg(long, value_name = "TIME", value_parser = values::since)]
    since: Option<values::Since>,
    /// Only what was not exported under this name before
    #[arg(long, value_name = "NAME")]
    cursor: Option<String>,
    /// From the beginning, whatever was exported under that name
    #[arg(long, requires = "cursor")]
    restart: bool,
    /// Where the collector is, as https://logs.example/v1/logs
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// A file that only you can read, with the token for --to
    #[arg(long, value_name = "FILE", requires = "to")]
    token_file: Option<PathBuf>,
    /// --to may be plain http to this machine: http://127.0.0.1:4318/v1/logs
    #[arg(long, requires = "to")]
    allow_loopback_http: bool,
    /// --to may have a private address
    #[arg(long, requires = "to")]
    allow_private_address: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    records: u64,
    rejected: u64,
    said: Option<&'a str>,
    last: u64,
    to: &'a str,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let selection = Selection {
        since: args.since.map_or(0, |since| since.at(vestibule.now())),
        cursor: args.cursor.clone(),
        restart: args.restart,
    };
    let form = match args.format {
        Format::Jsonl => LineForm::Plain,
        Format::Ocsf => LineForm::Ocsf,
        Format::Otlp => return send(args, &selection, &vestibule, session),
    };
    if args.to.is_some() {
        return Err(Error::user(
            "usage.to",
            "only --format otlp goes to a collector; lines go to standard output",
        ));
    }
    let printer = session.printer;
    let exports = vestibule.export_lines(&selection, form, &mut |text| {
        printer.deliver(text.as_bytes())
    })?;
    tell_what_is_missing(&exports, session);
    Ok(())
}

fn send(
    args: &Args,
    selection: &Selection,
    vestibule: &Vestibule,
    session: &Session,
) -> Result<()> {
    let collector = collector(args, vestibule)?;
    let exports = block_on(session.printer, vestibule.export_to(selection, &collector))?;
    tell_what_is_missing(&exports, session);
    let report = Report {
        records: exports.records,
        rejected: exports.rejected,
        said: exports.said.as_deref(),
        last: exports.last,
        to: &collector.url,
    };
    session.printer.result(&report, || {
        let to = Shown::whole(&collector.url);
        vec![format!("Sent {} records to {to}.", exports.records)]
    })?;
    let said = exports.said.as_deref().unwrap_or("nothing about why");
    if exports.rejected > 0 {
        return Err(Error::provider(
            "export.rejected",
            format!(
                "the collector has not taken {} of {} records, which must not be sent again; it says {}",
                exports.rejected,
                exports.records,
                Shown::new(said)
            ),
        )
        .hint("they are still in the log: vestibule audit show"));
    }
    if exports.said.is_some() {
        let text = format!("the collector says {}", Shown::new(said));
        session.printer.warn(&text);
    }
    Ok(())
}

/// The collector that was named, or else the configured one. A token goes to the address that it was configured with, and no other.
fn collector(args: &Args, vestibule: &Vestibule) -> Result<CollectorConfig> {
    if let Some(url) = &args.to {
        return Ok(CollectorConfig {
            url: url.clone(),
            token_file: args.token_file.clone(),
            allow_loopback_http: args.allow_loopback_http,
            allow_private_address: args.allow_private_address,
        });
    }
    let configured = vestibule.config().audit.collector.clone();
    configured.ok_or_else(|| {
        Error::user("usage.to", "no collector is named")
            .hint("give --to URL, or write audit.collector.url into config.toml")
    })
}

fn tell_what_is_missing(exports: &Exports, session: &Session) {
    if let Some((first, last)) = exports.gone {
        session.printer.warn(&format!(
            "records {first} to {last} were removed for their age before they were exported; export more often"
        ));
    }
    if exports.unreadable > 0 {
        session.printer.warn(&format!(
            "{} lines of the audit log are no records, and were left out; run: vestibule audit verify",
            exports.unreadable
        ));
    }
}
