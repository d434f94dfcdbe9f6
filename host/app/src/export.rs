//! Exporting the audit log: as lines, or to a collector. With a cursor, each record once.
//!
//! Records are read in batches, and the log is not locked while a batch is on its way. What was delivered is written down after each, so
//! that nothing is lost when a collector fails, and nothing is sent twice but what a request held that was never answered.

use std::ops::ControlFlow;

use vestibule_audit::Mark;
use vestibule_audit::export::otlp::Answer;
use vestibule_audit::export::{Exported, ocsf, otlp};
use vestibule_broker::collector;
use vestibule_core::event::Event;
use vestibule_core::limits::{EXPORT_BYTES, EXPORT_RECORDS};
use vestibule_core::tenant::NetworkExceptions;
use vestibule_core::{Error, ProviderUrl, Result, Secret, Shown};

use crate::config::CollectorConfig;
use crate::cursor::Cursor;
use crate::secret_file;
use crate::vestibule::Vestibule;

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Since this time, in Unix seconds.
    pub since: u64,
    /// Behind what was exported under this name before. None: from the beginning.
    pub cursor: Option<String>,
    /// From the beginning, whatever was exported under that name.
    pub restart: bool,
}

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineForm {
    /// As it stands in the log: JSON Lines, with the codes that verify it.
    Plain,
    /// An OCSF event.
    Ocsf,
}

/// What exporting came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exports {
    /// Records that were delivered.
    pub records: u64,
    /// Of these, records that the collector did not take.
    pub rejected: u64,
    /// What it said of them, or a warning.
    pub said: Option<String>,
    /// The number of the last record that was looked at; 0 if there was none.
    pub last: u64,
    /// The first and last record of those that were removed for their age before they were exported.
    pub gone: Option<(u64, u64)>,
    /// Lines of the log that are no records, and were left out.
    pub unreadable: u64,
}

impl Vestibule {
    /// Exports records as lines, in the order of the log. `write` gets some at a time, each with its line break.
    ///
    /// # Errors
    /// Those of `write`, and if the log or the cursor cannot be read or written.
    pub fn export_lines(
        &self,
        selection: &Selection,
        form: LineForm,
        write: &mut dyn FnMut(&str) -> Result<()>,
    ) -> Result<Exports> {
        let mut export = self.begin(selection)?;
        while let Some(batch) = export.next(self)? {
            let mut text = String::new();
            for one in &batch {
                match form {
                    LineForm::Plain => text.push_str(&one.line),
                    LineForm::Ocsf => text.push_str(&ocsf::event(one)),
                }
                text.push('\n');
            }
            write(&text)?;
            export.delivered(&Answer::default(), batch.len())?;
        }
        Ok(export.ended())
    }

    /// Sends records to a collector.
    ///
    /// # Errors
    /// Those of [`collector::send`]; `export.reply` if it answers what is no answer. What was taken before stays delivered.
    pub async fn export_to(
        &self,
        selection: &Selection,
        collector: &CollectorConfig,
    ) -> Result<Exports> {
        let url = ProviderUrl::parse(&collector.url)
            .map_err(|problem| problem.in_config("the address of the collector", &collector.url))?;
        let token = collector.token_file.as_deref();
        let token: Option<Secret> = token
            .map(|file| secret_file::read(file, "the collector's token"))
            .transpose()?;
        let exceptions = NetworkExceptions {
            allow_loopback_http: collector.allow_loopback_http,
            private_hosts: if collector.allow_private_address {
                vec![url.host().to_owned()]
            } else {
                Vec::new()
            },
        };
        self.tell_exceptions(collector);
        let client = self.http_to(std::iter::once(&url), &[], &exceptions)?;
        let mut export = self.begin(selection)?;
        while let Some(batch) = export.next(self)? {
            let body = otlp::request(&batch, self.now());
            let answer = collector::send(&client, &url, body, token.as_ref()).await?;
            let answer = Answer::read(&answer).ok_or_else(|| {
                Error::provider(
                    "export.reply",
                    format!(
                        "{} answers what is no answer of a collector",
                        Shown::new(url.host())
                    ),
                )
                .hint("the address usually ends in /v1/logs")
            })?;
            export.delivered(&answer, batch.len())?;
        }
        Ok(export.ended())
    }

    /// Exceptions of the network are said on each run (POL-09).
    fn tell_exceptions(&self, collector: &CollectorConfig) {
        for (holds, text) in [
            (
                collector.allow_loopback_http,
                "plain http to a collector on this machine is allowed",
            ),
            (
                collector.allow_private_address,
                "a collector with a private address is allowed",
            ),
        ] {
            if holds {
                self.outside.observer.event(&Event::Warning { text });
            }
        }
    }

    fn begin(&self, selection: &Selection) -> Result<Export> {
        let folder = self.audit_shelf()?.folder;
        let cursor = selection
            .cursor
            .as_deref()
            .map(|name| Cursor::take(folder, name))
            .transpose()?;
        let kept = match (&cursor, selection.restart) {
            (Some(cursor), false) => cursor.read()?,
            (Some(_), true) | (None, _) => None,
        };
        Ok(Export {
            cursor,
            since: selection.since,
            from: kept.unwrap_or_else(Mark::start),
            more: true,
            so_far: Exports::default(),
        })
    }
}

/// An export under way.
struct Export {
    cursor: Option<Cursor>,
    since: u64,
    /// Up to where everything was delivered, once the batch is.
    from: Mark,
    more: bool,
    so_far: Exports,
}

impl Export {
    /// The next records; none at the end of the log.
    fn next(&mut self, vestibule: &Vestibule) -> Result<Option<Vec<Exported>>> {
        if !self.more {
            return Ok(None);
        }
        let (mut batch, mut bytes) = (Vec::new(), 0_usize);
        let range = vestibule.audit_records_behind(&self.from, &mut |line, record| {
            if record.time >= self.since {
                bytes += line.len();
                let line = line.to_owned();
                batch.push(Exported { line, record });
            }
            if batch.len() < EXPORT_RECORDS && bytes < EXPORT_BYTES {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        let range = range.map_err(|problem| match problem.code() {
            "audit.another_log" => problem.hint(
                "run: vestibule audit verify — if it is a new log, export all of it: --restart",
            ),
            _ => problem,
        })?;
        self.more = range.more;
        self.so_far.gone = self.so_far.gone.or(range.gone);
        self.so_far.unreadable += range.unreadable;
        self.so_far.last = range.to.seq;
        self.from = range.to;
        if batch.is_empty() {
            self.keep()?;
            return Ok(None);
        }
        Ok(Some(batch))
    }

    /// What was given out last has arrived.
    fn delivered(&mut self, answer: &Answer, records: usize) -> Result<()> {
        self.so_far.records += records as u64;
        self.so_far.rejected += answer.rejected.min(records as u64);
        if !answer.message.is_empty() {
            self.so_far.said = Some(answer.message.clone());
        }
        self.keep()
    }

    fn keep(&self) -> Result<()> {
        match &self.cursor {
            Some(cursor) => cursor.write(&self.from),
            None => Ok(()),
        }
    }

    fn ended(self) -> Exports {
        self.so_far
    }
}
