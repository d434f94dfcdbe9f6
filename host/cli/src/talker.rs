//! What is said while something goes on: the address to open, what weakens a protection, and with `--verbose` each exchange.

use vestibule_app::Probe;
use vestibule_app::probe::Reach;
use vestibule_core::Shown;
use vestibule_core::event::{Event, Observer};

use crate::environment::Environment;
use crate::forward::Forward;
use crate::printer::Printer;
use crate::progress::Progress;
use crate::session::Opens;
use crate::view::device;

/// Tells a person what they need to know, and no more. Clones share the line that is being drawn.
#[derive(Clone, Debug)]
pub struct Talker {
    printer: Printer,
    opens: Opens,
    /// If the person's browser is at the other end of an SSH session: how it gets here.
    forward: Option<Forward>,
    progress: Progress,
}

impl Talker {
    /// Talks through a printer.
    #[must_use]
    pub fn new(printer: Printer, opens: Opens) -> Self {
        Self {
            printer,
            opens,
            forward: None,
            progress: Progress::new(printer, Environment::canvas()),
        }
    }

    /// To somebody whose browser is wherever this was found to run.
    #[must_use]
    pub fn about(mut self, probe: &Probe) -> Self {
        self.forward = (probe.reach == Reach::Forwarded).then(Forward::of_this_session);
        self
    }

    /// Takes away a line that would be replaced by the next one, once there is no next one.
    pub fn settle(&self) {
        self.progress.clear();
    }
}

impl Observer for Talker {
    fn event(&self, event: &Event<'_>) {
        let printer = self.printer;
        if !matches!(event, Event::DeviceWaiting { .. }) {
            self.settle();
        }
        match event {
            Event::DevicePrompt(prompt) if printer.wants_json() => {
                printer.announce(&device::document(prompt));
            }
            Event::DevicePrompt(prompt) => {
                printer.insist(&device::prompt(prompt, Environment::canvas()));
            }
            Event::DeviceWaiting { left } => self.progress.waiting(*left),
            Event::Compiling => printer.say("Compiling the plugin; this happens once."),
            Event::Browser {
                url,
                redirect_uri,
                opening: _,
            } => {
                let line = self.forward.as_ref().and_then(|way| way.line(redirect_uri));
                if let Some(line) = &line {
                    printer.insist(&format!(
                        "On the machine that you sit at, run this line and leave it running:\n\n  {line}\n"
                    ));
                }
                printer.insist(&format!("Sign in at this address:\n\n  {}\n", address(url)));
                printer.say(match (line, self.opens) {
                    (Some(_), _) => {
                        "Open it in the browser of that machine. Waiting; Ctrl-C ends it."
                    }
                    (None, Opens::Browser) => {
                        "Opening your browser. Waiting for you there; Ctrl-C ends it."
                    }
                    (None, Opens::Nothing) => {
                        "Open it in a browser on this machine. Waiting; Ctrl-C ends it."
                    }
                });
                printer.detail(&format!("the answer is awaited at {redirect_uri}"));
            }
            Event::BrowserFailed { reason } => {
                printer.warn(&format!(
                    "{reason}; open the address above in a browser on this machine"
                ));
            }
            Event::SigningIn { lines } => {
                let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
                printer.say(&lines.join("\n"));
            }
            Event::Notice { text } => printer.say(text),
            Event::Warning { text } => printer.warn(text),
            Event::WaitingForLock { tenant } => printer.say(&format!(
                "Another process is busy with tenant \"{tenant}\"; waiting for it."
            )),
            Event::Asked { number, step } => printer.detail(&format!(
                "step {number}: the plugin asks: {}",
                step.as_str()
            )),
            Event::Requesting {
                role, method, url, ..
            } => printer.detail(&format!("{role}: {method} {}", Shown::whole(url))),
            Event::Answered { role, status, .. } => printer.detail(&format!("{role}: {status}")),
            Event::Verified { what } => printer.detail(&format!("verified: {what}")),
            Event::Placed {
                kind,
                role,
                placement,
            } => printer.detail(&format!("{role}: {} goes into: {placement}", kind.as_str())),
            Event::Kept { kind, .. } => printer.detail(&format!("kept: {}", kind.as_str())),
            Event::Began { .. }
            | Event::Allowed { .. }
            | Event::Denied { .. }
            | Event::Replied { .. } => {}
        }
    }
}

/// An address to be opened. The host built it, and it has no character that a terminal would act on; cutting it would break it.
fn address(url: &str) -> String {
    url.chars()
        .filter(|character| !vestibule_core::text::is_harmful(*character))
        .collect()
}
