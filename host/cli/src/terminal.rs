//! The person at the controlling terminal (UI-01, UI-06): questions are drawn by the host and asked there, never on standard input or
//! output, which belong to whoever called. The safe answer is the default.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};

use vestibule_core::event::{Consent, Person, Question, SecretQuestion};
use vestibule_core::limits::ANSWER_BYTES;
use vestibule_core::{Error, Result, Secret, Shown};

/// The controlling terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal;

/// Asks whether something may be removed, unless that was answered beforehand. Without a terminal the answer is no (UI-06).
///
/// # Errors
/// `remove.refused` if nobody has agreed; or if the terminal breaks.
pub fn agree_to_remove(what: &str, lines: &[String], yes: bool) -> Result<()> {
    let consent = Consent {
        lines,
        question: "Remove it?",
    };
    if yes || (Terminal.is_present() && Terminal.consent(&consent)?) {
        return Ok(());
    }
    Err(Error::user(
        "remove.refused",
        format!("nobody has agreed to remove {what}"),
    )
    .hint("in a script: --yes"))
}

/// Wrong answers until it is taken for a no.
const ATTEMPTS: usize = 3;

impl Person for Terminal {
    fn is_present(&self) -> bool {
        open().is_some()
    }

    fn choose(&self, question: &Question<'_>) -> Result<usize> {
        let mut terminal = open().ok_or_else(nobody)?;
        let mut text = format!(
            "\nThe plugin \"{}\" asks for tenant \"{}\". Its words, quoted:\n  which \"{}\"?\n\n",
            Shown::new(question.plugin),
            Shown::new(question.tenant),
            Shown::new(question.what)
        );
        for (index, option) in question.options.iter().enumerate() {
            text.push_str(&format!("  {:>3}  \"{}\"\n", index + 1, Shown::new(option)));
        }
        terminal.write_all(text.as_bytes()).map_err(broken)?;
        for _ in 0..ATTEMPTS {
            let answer = ask(
                &terminal,
                &format!(
                    "\nNumber from 1 to {}, or Enter for none: ",
                    question.options.len()
                ),
            )?;
            if answer.is_empty() {
                break;
            }
            match answer.parse::<usize>() {
                Ok(number) if (1..=question.options.len()).contains(&number) => {
                    return Ok(number - 1);
                }
                _ => continue,
            }
        }
        Err(Error::user("choice.none", "nothing was chosen"))
    }

    fn consent(&self, question: &Consent<'_>) -> Result<bool> {
        let mut terminal = open().ok_or_else(nobody)?;
        let mut text = String::from("\n");
        for line in question.lines {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
        terminal.write_all(text.as_bytes()).map_err(broken)?;
        let answer = ask(&terminal, &format!("\n{} [y/N] ", question.question))?;
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    fn secret(&self, question: &SecretQuestion<'_>) -> Result<Secret> {
        let mut terminal = open().ok_or_else(nobody)?;
        let text = format!(
            "\nTenant {} needs its secret \"{}\", for {} alone. What you type is not shown.\n",
            Shown::new(question.tenant),
            Shown::new(question.setting),
            question.issuer
        );
        terminal.write_all(text.as_bytes()).map_err(broken)?;
        // It takes Ctrl-C itself, to leave a terminal that shows again what is typed.
        rpassword::prompt_password(format!("{}: ", Shown::new(question.setting)))
            .map(Secret::new)
            .map_err(|problem| {
                if problem.kind() == ErrorKind::Interrupted {
                    Error::cancelled()
                } else {
                    broken(problem)
                }
            })
    }
}

/// Asks, and reads one line. The end of input is an empty one.
fn ask(mut terminal: &File, prompt: &str) -> Result<String> {
    terminal
        .write_all(prompt.as_bytes())
        .and_then(|()| terminal.flush())
        .map_err(broken)?;
    let mut line = String::new();
    BufReader::new(terminal)
        .take(ANSWER_BYTES)
        .read_line(&mut line)
        .map_err(broken)?;
    Ok(line.trim().to_owned())
}

/// The terminal, if this process has one.
fn open() -> Option<File> {
    OpenOptions::new().read(true).write(true).open(PATH).ok()
}

#[cfg(not(windows))]
const PATH: &str = "/dev/tty";
#[cfg(windows)]
const PATH: &str = "CON";

fn nobody() -> Error {
    Error::user("terminal.none", "there is no terminal to ask on")
}

fn broken(problem: std::io::Error) -> Error {
    Error::host(
        "terminal.broken",
        format!("the terminal does not answer: {problem}"),
    )
}
