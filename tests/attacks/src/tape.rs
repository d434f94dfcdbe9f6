//! The tap: everything that enters a guest, everything that a person is shown or asked, and where each secret was put.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vestibule_app::broker::clock::Steady as _;
use vestibule_core::event::{
    Consent, DevicePrompt, Event, Observer, Person, Question, SecretQuestion,
};
use vestibule_core::reply::Reply;
use vestibule_core::start::Start;
use vestibule_core::{Reference, Result, Secret, SecretKind, Shown};

use crate::leaping::Leaping;

/// A device code as it was shown.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Tenant, issuer, plugin and its digest.
    pub who: [String; 4],
    /// The scopes.
    pub access: Vec<String>,
    /// Where the code is entered.
    pub uri: String,
    /// The same with the code.
    pub complete: Option<String>,
    /// The code.
    pub code: String,
    /// How long it is good.
    pub expires_in: Duration,
}

/// What was recorded.
pub struct Tape {
    time: Arc<Leaping>,
    prompts: Mutex<Vec<Prompt>>,
    asked: Mutex<Vec<(String, Duration)>>,
    entered: Mutex<Vec<String>>,
    shown: Mutex<Vec<String>>,
    placed: Mutex<Vec<(SecretKind, String, String)>>,
    starts: Mutex<Vec<Start>>,
    replies: Mutex<Vec<Reply>>,
    references: Mutex<Vec<(String, Reference)>>,
    redirects: Mutex<Vec<String>>,
}

impl Tape {
    /// An empty one, whose times are those of this clock.
    #[must_use]
    pub fn timed(time: Arc<Leaping>) -> Self {
        Self {
            time,
            prompts: Mutex::default(),
            asked: Mutex::default(),
            entered: Mutex::default(),
            shown: Mutex::default(),
            placed: Mutex::default(),
            starts: Mutex::default(),
            replies: Mutex::default(),
            references: Mutex::default(),
            redirects: Mutex::default(),
        }
    }

    /// Every device code that was shown.
    #[must_use]
    pub fn prompts(&self) -> Vec<Prompt> {
        self.prompts.lock().unwrap().clone()
    }

    /// When the endpoint of this role was asked, in seconds of the steady clock.
    #[must_use]
    pub fn asked(&self, role: &str) -> Vec<u64> {
        let asked = self.asked.lock().unwrap();
        let of_role = asked.iter().filter(|(asked, _)| asked == role);
        of_role.map(|(_, at)| at.as_secs()).collect()
    }

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
            Event::DevicePrompt(prompt) => {
                let prompt = Prompt::of(prompt);
                self.show(format!("{prompt:?}"));
                self.prompts.lock().unwrap().push(prompt);
            }
            Event::Requesting { role, .. } => {
                let asked = ((*role).to_owned(), self.time.elapsed());
                self.asked.lock().unwrap().push(asked);
                self.time.exchanges();
            }
            Event::Compiling
            | Event::Asked { .. }
            | Event::Allowed { .. }
            | Event::Denied { .. }
            | Event::DeviceWaiting { .. }
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

impl Prompt {
    fn of(prompt: &DevicePrompt<'_>) -> Self {
        let who = [
            prompt.tenant,
            prompt.issuer,
            prompt.plugin,
            prompt.plugin_digest,
        ];
        Self {
            who: who.map(str::to_owned),
            access: prompt.access.iter().map(ToString::to_string).collect(),
            uri: prompt.verification_uri.to_owned(),
            complete: prompt.verification_uri_complete.map(str::to_owned),
            code: prompt.user_code.to_owned(),
            expires_in: prompt.expires_in,
        }
    }
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

    fn secret(&self, question: &SecretQuestion<'_>) -> Result<Secret> {
        self.show(format!("{}? of {}", question.setting, question.tenant));
        Ok(Secret::new("typed-by-somebody-at-the-tape".to_owned()))
    }
}
