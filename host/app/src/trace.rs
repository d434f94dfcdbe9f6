//! The transcript of a flow, for whoever judges it: what the plugin asked, what policy decided, which secret became which reference and
//! went where, with sizes and times. Never a value: of what somebody else has written there is the length, and of a secret there is
//! the beginning of its reference.

mod step;
mod words;

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;
use serde_json::{Map, Value};
use vestibule_core::event::{Event, Observer};
use vestibule_core::{Error, Result, TenantName};

use words::{address, facts};

/// Something that writes down what happens, beside whoever else watches.
pub struct Recorder<O> {
    beside: O,
    began: Instant,
    entries: Mutex<Vec<Entry>>,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
struct Entry {
    /// Milliseconds since the recording began.
    at_ms: u64,
    /// What happened, in one word.
    event: &'static str,
    /// What there is to say of it.
    #[serde(flatten)]
    facts: Map<String, Value>,
}

/// A transcript.
#[derive(Clone, Debug, Serialize)]
pub struct Transcript {
    /// The form of this document.
    format: &'static str,
    tenant: String,
    plugin: String,
    plugin_digest: String,
    issuer: String,
    /// When the recording ended, in Unix seconds.
    ended_at: u64,
    /// The stable code of the error, or `ok`.
    ended: &'static str,
    entries: Vec<Entry>,
}

impl<O: Observer> Recorder<O> {
    /// Begins to record.
    pub fn new(beside: O) -> Self {
        Self {
            beside,
            began: Instant::now(),
            entries: Mutex::default(),
        }
    }

    fn record(&self, event: &'static str, facts: Map<String, Value>) {
        let at_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let entry = Entry {
            at_ms,
            event,
            facts,
        };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry);
    }
}

impl<O: Observer> Observer for Recorder<O> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Compiling => self.record("compiling", Map::new()),
            Event::Began { start } => self.record("begin", step::start(start)),
            Event::Asked { number, step } => self.record("ask", step::asked(*number, step)),
            Event::Allowed { number } => self.record("allow", facts([("step", (*number).into())])),
            Event::Denied { number, rule } => self.record(
                "deny",
                facts([("step", (*number).into()), ("rule", (*rule).into())]),
            ),
            Event::Requesting {
                role,
                method,
                url,
                bytes,
            } => self.record(
                "send",
                facts([
                    ("role", (*role).into()),
                    ("method", (*method).into()),
                    ("url", (*url).into()),
                    ("bytes", (*bytes).into()),
                ]),
            ),
            Event::Placed {
                kind,
                role,
                placement,
            } => self.record(
                "place",
                facts([
                    ("secret", kind.as_str().into()),
                    ("role", (*role).into()),
                    ("where", (*placement).into()),
                ]),
            ),
            Event::Answered {
                role,
                status,
                bytes,
            } => self.record(
                "receive",
                facts([
                    ("role", (*role).into()),
                    ("status", (*status).into()),
                    ("bytes", (*bytes).into()),
                ]),
            ),
            Event::Kept {
                kind,
                name,
                reference,
            } => self.record(
                "keep",
                facts([
                    ("secret", kind.as_str().into()),
                    ("name", (*name).into()),
                    ("reference", reference.map_or(Value::Null, words::reference)),
                ]),
            ),
            Event::Verified { what } => self.record("verify", facts([("what", (*what).into())])),
            Event::Browser {
                url,
                redirect_uri,
                opening,
            } => {
                let (place, parameters) = address(url);
                self.record(
                    "browser",
                    facts([
                        ("url", place),
                        ("parameters", parameters),
                        ("redirect_uri", address(redirect_uri).0),
                        ("opening", (*opening).into()),
                    ]),
                );
            }
            // The host's own words, which may quote others: that there was one is enough.
            Event::SigningIn { .. } => self.record("signing-in", Map::new()),
            Event::Notice { .. } => self.record("notice", Map::new()),
            Event::Warning { .. } => self.record("warning", Map::new()),
            Event::BrowserFailed { .. } => self.record("browser-failed", Map::new()),
            Event::DevicePrompt(prompt) => self.record(
                "device-prompt",
                facts([
                    ("url", address(prompt.verification_uri).0),
                    (
                        "complete",
                        prompt.verification_uri_complete.is_some().into(),
                    ),
                    ("expires_in", prompt.expires_in.as_secs().into()),
                ]),
            ),
            // Each second one: how long it took, the times of the questions say.
            Event::DeviceWaiting { .. } => {}
            Event::WaitingForLock { .. } => self.record("wait-for-lock", Map::new()),
            Event::Replied { reply } => self.record("resume", step::replied(reply)),
        }
        self.beside.event(event);
    }
}

impl crate::Vestibule {
    /// The transcript of what a recorder has heard of a tenant's flow.
    ///
    /// # Errors
    /// If the tenant is not approved, so that there was no flow.
    pub fn transcript<O: Observer>(
        &self,
        recorder: &Recorder<O>,
        tenant: &TenantName,
        ended: std::result::Result<(), &Error>,
    ) -> Result<Transcript> {
        let approved = self.approved(tenant)?;
        let entries = recorder
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(Transcript {
            format: "vestibule-trace/1",
            tenant: tenant.to_string(),
            plugin: approved.approval.plugin.to_string(),
            plugin_digest: approved.approval.plugin_digest.clone(),
            issuer: approved.permissions().issuer.clone(),
            ended_at: self.now(),
            ended: ended.map_or_else(Error::code, |()| "ok"),
            entries: entries.clone(),
        })
    }
}

impl Transcript {
    /// The transcript for people, a line for each thing that happened.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "tenant  {}\nplugin  {} {}\nissuer  {}\n\n",
            self.tenant, self.plugin, self.plugin_digest, self.issuer
        );
        for entry in &self.entries {
            let _infallible = write!(text, "{:>8} ms  {:<14}", entry.at_ms, entry.event);
            for (name, value) in &entry.facts {
                let _infallible = write!(text, " {name}={}", shown(value));
            }
            let line = text.trim_end().len();
            text.truncate(line);
            text.push('\n');
        }
        let _infallible = writeln!(text, "\nended   {}", self.ended);
        text
    }
}

/// A value without the quotation marks of JSON, as long as it has nothing that needs them.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name}:{}", shown(value)))
                .collect();
            format!("{{{}}}", members.join(" "))
        }
        Value::Null => "-".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}
