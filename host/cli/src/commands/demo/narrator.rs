//! The narration: who does what, one line each. It also remembers every value that entered a plugin, to hold the secrets against it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vestibule_core::Shown;
use vestibule_core::event::{Event, Observer};

use super::audience::{Audience, VISITOR};
use super::words;
use crate::printer::Printer;
use crate::view::{COLUMNS, wrap};

/// Columns of the word that says who.
const ACTOR: usize = 9;

/// The narrator. Clones share what was remembered.
#[derive(Clone)]
pub(super) struct Narrator {
    printer: Printer,
    audience: Audience,
    short: Arc<AtomicBool>,
    seen_by_plugins: Arc<Mutex<Vec<String>>>,
    /// Whether the last line was empty. Two in a row say no more than one.
    gap: Arc<AtomicBool>,
    /// Notices and warnings that were given. Each is given once.
    said: Arc<Mutex<HashSet<String>>>,
}

impl Narrator {
    pub(super) fn new(printer: Printer, audience: Audience) -> Self {
        Self {
            printer,
            audience,
            short: Arc::default(),
            gap: Arc::default(),
            seen_by_plugins: Arc::default(),
            said: Arc::default(),
        }
    }

    /// From here on, what the host does with each request goes without saying.
    pub(super) fn shorten(&self) {
        self.short.store(true, Ordering::Relaxed);
    }

    /// The title of a part.
    pub(super) fn title(&self, title: &str) {
        self.print(vec![
            String::new(),
            title.to_owned(),
            "=".repeat(title.chars().count()),
            String::new(),
        ]);
    }

    /// The title of a scene.
    pub(super) fn scene(&self, title: &str) {
        self.print(vec![
            String::new(),
            title.to_owned(),
            "-".repeat(title.chars().count()),
            String::new(),
        ]);
    }

    /// A paragraph.
    pub(super) fn text(&self, text: &str) {
        let mut lines = vec![String::new()];
        lines.extend(wrap(text, 0));
        lines.push(String::new());
        self.print(lines);
    }

    /// Lines as they are, behind a bar.
    pub(super) fn quote<'a>(&self, lines: impl Iterator<Item = &'a str>) {
        self.print(
            lines
                .map(|line| format!("| {line}").trim_end().to_owned())
                .collect(),
        );
    }

    /// Somebody does something.
    pub(super) fn act(&self, who: &str, what: &str) {
        let mut lines = wrap(what, ACTOR);
        if let Some(first) = lines.first_mut() {
            *first = format!("{who:<ACTOR$}{}", first.trim_start());
        }
        self.print(lines);
    }

    /// How many values have entered plugins, and how many of these secrets were among or within them.
    pub(super) fn compare(&self, secrets: &[vestibule_rehearsal::Secret]) -> (usize, usize) {
        let seen = self
            .seen_by_plugins
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let leaked = secrets
            .iter()
            .filter(|secret| seen.iter().any(|value| value.contains(&secret.value)));
        (seen.len(), leaked.count())
    }

    fn print(&self, mut lines: Vec<String>) {
        let after_gap = self.gap.swap(
            lines.last().is_some_and(String::is_empty),
            Ordering::Relaxed,
        );
        if after_gap && lines.first().is_some_and(String::is_empty) {
            lines.remove(0);
        }
        // A reader who has gone away misses the rest; what was begun is still cleaned up.
        let _ = self.printer.lines(&lines);
    }

    fn saw(&self, value: String) {
        self.seen_by_plugins
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(value);
    }

    /// The browser would not start, and somebody is played who has one.
    pub(super) fn understudy(&self) {
        self.act(
            "browser",
            &format!(
                "would not start; {VISITOR}, who is played, looks at the page instead, and approves"
            ),
        );
    }

    fn once(&self, who: &str, text: &str) {
        if self
            .said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(text.to_owned())
        {
            self.act(who, text);
        }
    }

    fn is_short(&self) -> bool {
        self.short.load(Ordering::Relaxed)
    }

    fn browser(&self, url: &str) {
        match self.audience {
            Audience::Visitor => {
                let whole = format!("{url} ");
                let short: String = whole.chars().take(COLUMNS - ACTOR - 1).collect();
                self.act("host", "opens the browser at");
                self.act("", &format!("{}…", short.trim_end()));
                self.act(
                    "browser",
                    &format!("{VISITOR} looks at the provider's page, and approves"),
                );
            }
            Audience::Person => {
                self.act(
                    "host",
                    "opens your browser at this address, and waits for you there:",
                );
                self.print(vec![String::new(), url.to_owned(), String::new()]);
            }
            Audience::PersonByHand => {
                self.act("host", "waits for you at this address:");
                self.print(vec![String::new(), url.to_owned(), String::new()]);
            }
        }
    }
}

impl Observer for Narrator {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Compiling => self.act(
                "host",
                "compiles the plugin, in a process of its own; this happens once",
            ),
            Event::Began { start } => {
                words::of_start(start, &mut |value| self.saw(value.to_owned()));
                self.act(
                    "plugin",
                    &format!(
                        "begins a {} in a fresh sandbox; it has: {}",
                        start.purpose.as_str(),
                        words::start(start)
                    ),
                );
            }
            Event::Asked { number: _, step } => {
                self.act("plugin", &format!("asks: {}", words::step(step)))
            }
            Event::Requesting { .. }
            | Event::Answered { .. }
            | Event::Kept {
                reference: None, ..
            } if self.is_short() => {}
            Event::Allowed { .. } | Event::Denied { .. } | Event::SigningIn { .. } => {}
            Event::Requesting {
                role, method, url, ..
            } => self.act("host", &format!("{method} {} ({role})", Shown::new(url))),
            Event::Placed {
                kind,
                role,
                placement,
            } => self.act(
                "host",
                &format!(
                    "puts the {} into the {role} request: {placement}",
                    words::kind(*kind)
                ),
            ),
            Event::Answered { status, .. } => self.act("IdP", &format!("answers {status}")),
            Event::Kept {
                kind,
                name,
                reference: Some(reference),
            } => {
                let name = if *name == kind.as_str() {
                    String::new()
                } else {
                    format!(" \"{}\"", Shown::new(name))
                };
                self.act(
                    "host",
                    &format!(
                        "keeps the {}{name}; its reference is {reference:?}",
                        words::kind(*kind)
                    ),
                );
            }
            Event::Kept {
                kind,
                name: _,
                reference: None,
            } => self.act(
                "host",
                &format!("keeps the {} to itself", words::kind(*kind)),
            ),
            Event::Verified { what } => {
                self.act("host", &format!("has verified: {}", Shown::new(what)))
            }
            Event::Browser {
                url,
                redirect_uri,
                opening: _,
            } => {
                self.act("host", &format!("listens at {redirect_uri}"));
                self.browser(url);
            }
            Event::BrowserFailed { reason } => {
                self.act("host", &format!("the browser would not start: {reason}"))
            }
            Event::Notice { text } => self.once("host", text),
            Event::Warning { text } => self.once("warning", text),
            Event::DevicePrompt(prompt) => self.act(
                "host",
                &format!(
                    "asks to enter the code {} at {}",
                    prompt.user_code, prompt.verification_uri
                ),
            ),
            Event::DeviceWaiting { .. } => {}
            Event::WaitingForLock { tenant } => self.act(
                "host",
                &format!("waits for another process at work on {tenant}"),
            ),
            Event::Replied { reply } => {
                reply.for_each_text(&mut |text| self.saw(text.to_owned()));
                reply.for_each_integer(&mut |value| self.saw(value.to_string()));
                self.act("plugin", &format!("sees: {}", words::reply(reply)));
            }
        }
    }
}
