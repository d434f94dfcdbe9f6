//! The tap: everything that enters a guest, everything that a person is shown or asked, and where each secret was put.

use std::collections::HashMap;
use std::sync::Mutex;

use vestibule_core::event::{Consent, Event, Observer, Person, Question};
use vestibule_core::reply::Reply;
use vestibule_core::start::Start;
use vestibule_core::{Reference, Result, SecretKind, Shown};

/// What was recorded.
#[derive(Default)]
pub struct Tape {
    entered: Mutex<Vec<String>>,
    shown: Mutex<Vec<String>>,
    placed: Mutex<Vec<(SecretKind, String, String)>>,
    starts: Mutex<Vec<Start>>,
    replies: Mutex<Vec<Reply>>,
    references: Mutex<Vec<(String, Reference)>>,
    redirects: Mutex<Vec<String>>,
}

impl Tape {
    /// Every value that entered a guest, one text for each time.
    #[must_use]
    pub fn entered(&self) -> Vec<String> {
        self.entered.lock().unwrap().clone()
    }

    /// Every notice, warning and question.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        self.shown.lock().unwrap().clone()
    }

    /// Kind, role and placement of each secret that was sent.
    #[must_use]
    pub fn placed(&self) -> Vec<(SecretKind, String, String)> {
        self.placed.lock().unwrap().clone()
    }

    /// How often a browser was opened.
    #[must_use]
    pub fn browsers(&self) -> usize {
        self.redirects.lock().unwrap().len()
    }

    /// Where each answer was awaited.
    #[must_use]
    pub fn redirects(&self) -> Vec<String> {
        self.redirects.lock().unwrap().clone()
    }

    /// How each flow began.
    #[must_use]
    pub fn starts(&self) -> Vec<Start> {
        self.starts.lock().unwrap().clone()
    }

    /// Every reply.
    #[must_use]
    pub fn replies(&self) -> Vec<Reply> {
        self.replies.lock().unwrap().clone()
    }

    /// Name and value of each reference that a guest was given, in order.
    #[must_use]
    pub fn references(&self) -> Vec<(String, Reference)> {
        self.references.lock().unwrap().clone()
    }

    fn show(&self, text: String) {
        self.shown.lock().unwrap().push(text);
    }
}

impl Observer for Tape {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Began { start } => {
                self.entered.lock().unwrap().push(format!("{start:?}"));
                self.starts.lock().unwrap().push((*start).clone());
            }
            Event::Replied { reply } => {
                self.entered.lock().unwrap().push(format!("{reply:?}"));
                self.replies.lock().unwrap().push((*reply).clone());
            }
            Event::Kept {
                name,
                reference: Some(reference),
                ..
            } => {
                let known = ((*name).to_owned(), *reference);
                self.references.lock().unwrap().push(known);
            }
            Event::Browser { redirect_uri, .. } => {
                self.redirects
                    .lock()
                    .unwrap()
                    .push((*redirect_uri).to_owned());
            }
            Event::Notice { text } | Event::Warning { text } => self.show((*text).to_owned()),
            Event::SigningIn { lines } => self.show(lines.join("\n")),
            Event::BrowserFailed { reason } => self.show((*reason).to_owned()),
            Event::Placed {
                kind,
                role,
                placement,
            } => self.placed.lock().unwrap().push((
                *kind,
                (*role).to_owned(),
                (*placement).to_owned(),
            )),
            Event::Compiling
            | Event::Asked { .. }
            | Event::Allowed { .. }
            | Event::Denied { .. }
            | Event::Requesting { .. }
            | Event::Answered { .. }
            | Event::Kept { .. }
            | Event::Verified { .. }
            | Event::WaitingForLock { .. } => {}
        }
    }
}

/// Texts of what entered, with each reference replaced by the order in which it first appears: references are drawn at random.
#[must_use]
pub fn in_order<'a>(entered: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut order: HashMap<String, usize> = HashMap::new();
    let mut alike = Vec::new();
    for text in entered {
        let mut parts = text.split("ref:");
        let mut written = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_at(part.len().min(8));
            let next = order.len();
            let place = order.entry(name.to_owned()).or_insert(next);
            written.push_str(&format!("ref#{place}{rest}"));
        }
        alike.push(written);
    }
    alike
}

/// Somebody who takes the first option, and agrees to everything.
impl Person for Tape {
    fn is_present(&self) -> bool {
        true
    }

    fn choose(&self, question: &Question<'_>) -> Result<usize> {
        let options: Vec<String> = question
            .options
            .iter()
            .map(|option| Shown::new(option).to_string())
            .collect();
        self.show(format!(
            "{} {}",
            Shown::new(question.what),
            options.join(" ")
        ));
        Ok(0)
    }

    fn consent(&self, question: &Consent<'_>) -> Result<bool> {
        self.show(format!(
            "{} {}",
            question.lines.join("\n"),
            question.question
        ));
        Ok(true)
    }
}
