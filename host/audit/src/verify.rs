//! Verifying the log: every byte of every record, their order, and the end.

use vestibule_core::limits::AUDIT_HEAD_BYTES;
use vestibule_core::{Error, Result};

use crate::code;
use crate::entry::Note;
use crate::files::{self, CURRENT};
use crate::follow::{Before, Owes, follows, is_held, owes};
use crate::head::{self, Head};
use crate::key::{Key, UNKEYED};
use crate::line::{self, Record};
use crate::log::Log;
use crate::tail;

/// Places that are told one by one. Whoever finds more has seen enough.
const BREAKS: usize = 20;

/// Parts and notes that are listed, so that no log takes more memory than another. One that was written here has fewer: each key and
/// each file makes one.
const LISTED: usize = 2_000;

/// What verifying came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many records there are.
    pub records: u64,
    /// The number of the last one.
    pub last: u64,
    /// Its code. Whoever keeps it elsewhere can tell later whether the whole log was exchanged.
    pub last_code: String,
    /// What was verified, and what could not be. A record whose code is wrong is in none of them; the others say what was written,
    /// also behind a place where something is missing.
    pub parts: Vec<Part>,
    /// What the log says about itself, by the number of the record.
    pub notes: Vec<(u64, Note)>,
    /// Parts and notes beyond those, which are not listed.
    pub unlisted: u64,
    /// Where it is not what was written.
    pub breaks: Vec<Break>,
    /// A process was killed after it wrote the last record, and before it wrote the head.
    pub ahead: bool,
    /// Bytes of an unfinished record at the end: a process was killed while it wrote.
    pub unfinished: u64,
}

/// Records that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Whether their codes were verified. They cannot be where the key is gone or nobody held one.
    pub verified: bool,
    /// Whether nobody held a key when they were written.
    pub unkeyed: bool,
}

/// A place where the log is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// The number of the record, if it could be read.
    pub seq: Option<u64>,
    /// What is wrong.
    pub problem: String,
}

impl Verdict {
    /// Whether all is as it was written, as far as that can be told.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.breaks.is_empty()
    }

    /// The error, if there is one.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        let first = self.breaks.first()?;
        let place = match (first.line, first.seq) {
            (0, _) => format!("\"{}\"", first.file),
            (line, None) => format!("\"{}\", line {line}", first.file),
            (line, Some(seq)) => format!("\"{}\", line {line}, record {seq}", first.file),
        };
        let more = match self.breaks.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        Some(
            Error::host(
                "audit.tampered",
                format!("the audit log was altered: {place}: {}{more}", first.problem),
            )
            .hint("keep the folder \"audit\" of the state directory as evidence and move it away; the next command begins a new log"),
        )
    }

    fn found(&mut self, file: &str, line: u64, seq: Option<u64>, problem: impl Into<String>) {
        if self.breaks.len() < BREAKS {
            self.breaks.push(Break {
                file: file.to_owned(),
                line,
                seq,
                problem: problem.into(),
            });
        }
    }
}

impl Log<'_> {
    /// Verifies all of it. What is wrong is in the verdict.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn verify(&self) -> Result<Verdict> {
        let _lock = self.folder.lock()?;
        // A line that nobody held a key for can still be damaged.
        let keys = [self.keys.all(), vec![Key::none()]].concat();
        let mut verdict = Verdict {
            last_code: code::NONE.to_owned(),
            ..Verdict::default()
        };
        let mut before = Before {
            seq: 0,
            code: code::NONE.to_owned(),
            key: None,
            lost: false,
            owes: Owes::Perhaps,
        };
        let mut first = None;
        for name in self.names()? {
            let mut number = 0;
            self.for_each_line(&name, &mut |found| {
                number += 1;
                if !found.whole {
                    if name == CURRENT {
                        verdict.unfinished = found.bytes.len() as u64;
                    } else {
                        verdict.found(&name, number, None, "it was cut off");
                    }
                    return Ok(());
                }
                verdict.records += 1;
                let record = match line::read(&found.bytes) {
                    Ok(record) => record,
                    Err(problem) => {
                        verdict.found(&name, number, None, problem);
                        before.lost = true;
                        return Ok(());
                    }
                };
                first.get_or_insert(record.seq);
                let key = keys.iter().find(|key| key.id() == record.key);
                let owes = owes(&before, &record);
                if key.is_some_and(|key| !line::verifies(&found.bytes, key)) {
                    let problem = "its code is wrong: it was edited";
                    verdict.found(&name, number, Some(record.seq), problem);
                } else {
                    if let Err(problem) = follows(&before, &record, first, &keys) {
                        verdict.found(&name, number, Some(record.seq), problem);
                    }
                    self.take(&mut verdict, &record, key)?;
                }
                before = Before {
                    seq: record.seq,
                    code: record.code.clone(),
                    key: Some(record.key),
                    lost: false,
                    owes,
                };
                verdict.last = record.seq;
                verdict.last_code = record.code;
                Ok(())
            })?;
        }
        check_beginning(&mut verdict, first);
        self.check_end(&mut verdict, &before, &keys)?;
        Ok(verdict)
    }

    /// Counts a record that is where it should be.
    fn take(&self, verdict: &mut Verdict, record: &Record, key: Option<&Key>) -> Result<()> {
        let verified = key.is_some_and(Key::is_keyed);
        let unkeyed = record.key == UNKEYED;
        let listed = verdict.parts.len() < LISTED;
        match verdict.parts.last_mut() {
            Some(part)
                if part.to.checked_add(1) == Some(record.seq)
                    && part.verified == verified
                    && part.unkeyed == unkeyed =>
            {
                part.to = record.seq;
            }
            _ if !listed => verdict.unlisted += 1,
            _ => verdict.parts.push(Part {
                from: record.seq,
                to: record.seq,
                verified,
                unkeyed,
            }),
        }
        let Some(note) = &record.entry.log else {
            return Ok(());
        };
        if let (Note::KeyChanged { sealed, .. }, Some(key)) = (note, key) {
            for (name, code) in sealed {
                // One that is gone shows as records that are missing.
                if let Some(now) = tail::seal_of(self.folder, name, key)?
                    && now != *code
                {
                    let problem = format!("it was altered after record {} sealed it", record.seq);
                    verdict.found(name, 0, None, problem);
                }
            }
        }
        if verdict.notes.len() >= LISTED {
            verdict.unlisted += 1;
        } else {
            verdict.notes.push((record.seq, note.clone()));
        }
        Ok(())
    }

    /// Compares the end with the head.
    fn check_end(&self, verdict: &mut Verdict, before: &Before, keys: &[Key]) -> Result<()> {
        let Some(text) = files::read(self.folder, head::FILE, AUDIT_HEAD_BYTES)? else {
            if verdict.records > 1 {
                verdict.found(head::FILE, 0, None, "it is missing");
            }
            verdict.ahead = verdict.records == 1;
            return Ok(());
        };
        let Some(head) = Head::read(&text) else {
            verdict.found(head::FILE, 0, None, "it cannot be read");
            return Ok(());
        };
        let key = keys.iter().find(|key| key.id() == head.key);
        if key.is_some_and(|key| !Head::verifies(&text, key)) {
            verdict.found(head::FILE, 0, None, "its code is wrong: it was edited");
            return Ok(());
        }
        // It names its key itself. Whoever names one that nobody has could have written it.
        if let Some(last) = before.key.as_ref().filter(|_| !before.lost)
            && *last != head.key
            && (head.before.as_ref() != Some(last) || is_held(last, keys))
        {
            let problem = "it is not under the key of the last record: it was exchanged";
            verdict.found(head::FILE, 0, None, problem);
            return Ok(());
        }
        if let Owes::Key(owed) = &before.owes
            && head.before.as_ref() != Some(owed)
        {
            let problem =
                "its last record has another key than those before it, and does not say why";
            verdict.found(CURRENT, 0, Some(verdict.last), problem);
            return Ok(());
        }
        let same = verdict.last_code == head.last.code;
        let next = verdict.last.checked_add(1);
        // That they are lost was found, and is written down before anything else.
        let said = head.owed.iter().any(|note| {
            matches!(note, Note::Lost { from, to } if Some(*from) == next && *to == head.last.seq)
        });
        if same && (verdict.last == head.last.seq || said) {
            return Ok(());
        }
        if verdict.last < head.last.seq {
            let from = verdict.last.saturating_add(1);
            let mut problem = match head.last.seq {
                to if to == from => format!("record {to} is missing at its end"),
                to => format!("records {from} to {to} are missing at its end"),
            };
            if verdict.last >= head.durable.seq && !head.is_of(self.folder.boot().as_ref()) {
                problem.push_str(
                    "; they say what was handed out, and may be lost if the machine stopped without warning",
                );
            }
            verdict.found(CURRENT, 0, None, problem);
        } else if head.last.seq.checked_add(1) == Some(verdict.last) {
            verdict.ahead = true;
        } else if verdict.last > head.last.seq {
            let problem = format!("more stands in it than up to record {}", head.last.seq);
            verdict.found(CURRENT, 0, None, problem);
        } else {
            verdict.found(
                CURRENT,
                0,
                None,
                "its last record is not the last that was written",
            );
        }
        Ok(())
    }
}

/// Whether what is missing at the beginning was removed by this program.
fn check_beginning(verdict: &mut Verdict, first: Option<u64>) {
    let Some(first) = first.filter(|first| *first > 1) else {
        return;
    };
    let pruned = verdict
        .notes
        .iter()
        .any(|(_, note)| matches!(note, Note::Pruned { to } if *to >= first - 1));
    if !pruned {
        let problem = match first - 1 {
            1 => "record 1 is missing at its beginning".to_owned(),
            last => format!("records 1 to {last} are missing at its beginning"),
        };
        verdict.found("log", 0, None, problem);
        verdict.breaks.rotate_right(1);
    }
}
