//! The only place that prints: results on standard output, talk on standard error.

use std::io::{ErrorKind, Write, stderr, stdout};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use vestibule_core::text::is_harmful;
use vestibule_core::{Error, Result};

use crate::cli::{Answer, Global};

/// What prints. Copied freely; it has no state of its own.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    json: bool,
    quiet: bool,
    verbose: bool,
    color: bool,
}

impl Printer {
    /// A printer that looks as the person wants it.
    #[must_use]
    pub fn new(global: &Global, color: bool) -> Self {
        Self {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
            color,
        }
    }

    /// One that knows no more than whether the answer is to be JSON.
    #[must_use]
    pub fn early(json: bool, color: bool) -> Self {
        Self {
            json,
            quiet: false,
            verbose: false,
            color,
        }
    }

    /// Whether results are wanted as JSON.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        self.json
    }

    /// Whether each step is wanted.
    #[must_use]
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// The result: `value` as one JSON document if that is wanted, and otherwise the lines that `text` makes.
    ///
    /// # Errors
    /// If standard output takes nothing more.
    pub fn result<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce() -> Vec<String>,
    ) -> Result<()> {
        if self.json {
            let document = serde_json::to_string_pretty(value)
                .map_err(|_| Error::host("host.json", "the result cannot be written as JSON"))?;
            return self.bytes(format!("{}\n", harmless(&document)).as_bytes());
        }
        self.lines(&text())
    }

    /// A result that people were told already.
    ///
    /// # Errors
    /// If standard output takes nothing more.
    pub fn result_if_json<T: Serialize>(&self, value: &T) -> Result<()> {
        self.result(value, Vec::new)
    }

    /// Lines of a result.
    ///
    /// # Errors
    /// If standard output takes nothing more.
    pub fn lines(&self, lines: &[String]) -> Result<()> {
        let mut text = lines.join("\n");
        if !lines.is_empty() {
            text.push('\n');
        }
        self.bytes(text.as_bytes())
    }

    /// The bytes of a result, as they are, in one piece.
    ///
    /// # Errors
    /// If standard output takes nothing more. A reader who has gone away is no error: whoever closes a pipe has seen enough.
    pub fn bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut channel = stdout().lock();
        match channel.write_all(bytes).and_then(|()| channel.flush()) {
            Err(problem) if problem.kind() != ErrorKind::BrokenPipe => Err(Error::host(
                "output.write",
                format!("standard output cannot be written: {problem}"),
            )),
            _ => Ok(()),
        }
    }

    /// The bytes of a result that must arrive: here a reader who has gone away is an error.
    ///
    /// # Errors
    /// If standard output takes nothing more.
    pub fn deliver(&self, bytes: &[u8]) -> Result<()> {
        let mut channel = stdout().lock();
        let written = channel.write_all(bytes).and_then(|()| channel.flush());
        written.map_err(|problem| {
            Error::host(
                "output.write",
                format!("standard output cannot be written: {problem}"),
            )
        })
    }

    /// Talk that a person may want, and a script that says `--quiet` does not.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.write_talk(text);
        }
    }

    /// Talk that is only wanted with `--verbose`.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.write_talk(text);
        }
    }

    /// What has to be said whatever was asked for: the address to open, a failed browser.
    pub fn insist(&self, text: &str) {
        self.write_talk(text);
    }

    /// What has to be said to programs, on one line of standard error.
    pub fn announce<T: Serialize>(&self, value: &T) {
        // Plain members cannot fail to be written.
        let document = serde_json::to_string(value).unwrap_or_default();
        self.write_talk(&harmless(&document));
    }

    /// A line that the next one will replace. No control code but a carriage return: it erases by blanks.
    pub fn draw_line(&self, text: &str, before: usize) {
        let mut channel = stderr().lock();
        let _ = write!(channel, "\r{text:<before$}").and_then(|()| channel.flush());
    }

    /// Whether people want to read what they could do without.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Ends a line that somebody else began.
    pub fn end_line(&self) {
        if !self.json {
            self.write_talk("");
        }
    }

    /// A warning. `--quiet` does not silence it (POL-09).
    pub fn warn(&self, text: &str) {
        self.labelled("warning", AnsiColor::Yellow, text);
    }

    /// A next thing to do.
    pub fn hint(&self, text: &str) {
        self.labelled("hint", AnsiColor::Cyan, text);
    }

    /// An error, and its exit code.
    #[must_use]
    pub fn error(&self, problem: &Error) -> ExitCode {
        if self.json {
            let document = Document {
                error: Report::of(problem),
            };
            // Five plain members cannot fail to be written.
            let document = serde_json::to_string(&document).unwrap_or_default();
            self.write_talk(&harmless(&document));
        } else {
            self.labelled("error", AnsiColor::Red, problem.message());
            if let Some(hint) = problem.next_step() {
                self.hint(hint);
            }
        }
        ExitCode::from(problem.exit_code())
    }

    /// What the command line itself answers: help, the version, or that it was not understood.
    #[must_use]
    pub fn answer(&self, answer: &Answer) -> ExitCode {
        match answer {
            Answer::Help(text) => match self.bytes(text.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(problem) => self.error(&problem),
            },
            Answer::Usage { error, .. } if self.json => self.error(error),
            Answer::Usage { error, rendered } => {
                self.write_talk(rendered.trim_end());
                ExitCode::from(error.exit_code())
            }
        }
    }

    fn labelled(&self, label: &str, color: AnsiColor, text: &str) {
        let style = if self.color {
            Style::new().bold().fg_color(Some(color.into()))
        } else {
            Style::new()
        };
        self.write_talk(&format!("{style}{label}:{style:#} {text}"));
    }

    /// A standard error that takes nothing is no reason to stop.
    fn write_talk(&self, text: &str) {
        let mut channel = stderr().lock();
        let _ = writeln!(channel, "{text}");
    }
}

/// The same JSON, with every character escaped that could do harm on a terminal (UI-02, UI-03): a program reads the same values.
/// Outside of strings JSON has none of them but its line breaks.
fn harmless(document: &str) -> String {
    let mut escaped = String::with_capacity(document.len());
    for character in document.chars() {
        if character != '\n' && is_harmful(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// An error for programs.
#[derive(Serialize)]
struct Document<'a> {
    error: Report<'a>,
}

#[derive(Serialize)]
struct Report<'a> {
    code: &'a str,
    blame: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
    exit_code: u8,
}

impl<'a> Report<'a> {
    fn of(problem: &'a Error) -> Self {
        Self {
            code: problem.code(),
            blame: problem.blame().as_str(),
            message: problem.message(),
            hint: problem.next_step(),
            exit_code: problem.exit_code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn json_shows_no_character_that_does_harm_and_says_the_same() {
        let hostile = "a\u{9b}2J\u{7f}\u{202e}\u{e0041}\u{1b}\n\"é";
        let document = serde_json::to_string_pretty(&[hostile]).unwrap();
        let shown = harmless(&document);
        assert!(
            shown
                .chars()
                .all(|character| character == '\n' || !vestibule_core::text::is_harmful(character))
        );
        assert!(
            shown.contains("\\u009b2J\\u007f\\u202e\\udb40\\udc41"),
            "{shown}"
        );
        let read: Vec<String> = serde_json::from_str(&shown).unwrap();
        assert_eq!(read, [hostile]);
    }
}
