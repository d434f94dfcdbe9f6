//! What is played: read from JSON, one step at a time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::bindings::exports::vestibule::idp::types::{
    NamedReference, Profile, Purpose, Reference, Reply, Setting, SettingProblem, Start, Step,
};
use crate::{fail, release};

/// A description, and a list of steps for each purpose.
#[derive(Default, Deserialize)]
pub(crate) struct Program {
    #[serde(default)]
    profile: Value,
    /// What the description says from the second time on, if one instance is ever asked twice.
    #[serde(default)]
    profile_later: Option<Value>,
    /// In place of the puppet's own words.
    #[serde(default)]
    pub(crate) version: Option<String>,
    #[serde(default)]
    pub(crate) summary: Option<String>,
    /// Name and message: what is wrong with the settings, in place of a profile.
    #[serde(default)]
    problems: Vec<(String, String)>,
    #[serde(default)]
    steps: BTreeMap<String, Vec<Value>>,
}

impl Program {
    pub(crate) fn read(settings: &[Setting]) -> Result<Self, String> {
        serde_json::from_str(&crate::program_text(settings)).map_err(|problem| problem.to_string())
    }

    pub(crate) fn profile(self, again: bool) -> Result<Profile, Vec<SettingProblem>> {
        if !self.problems.is_empty() {
            let problem = |(name, message)| SettingProblem { name, message };
            return Err(self.problems.into_iter().map(problem).collect());
        }
        let mut profile = match self.profile_later {
            Some(later) if again => later,
            Some(_) | None => self.profile,
        };
        release::add_to(&mut profile);
        serde_json::from_value(profile).map_err(|problem| as_setting_problem(problem.to_string()))
    }

    /// The next step. After the last one all is done.
    pub(crate) fn next(&self, memory: &mut Memory) -> Step {
        let steps = self.steps.get(&memory.purpose);
        let step = steps.and_then(|steps| steps.get(memory.taken)).cloned();
        memory.taken += 1;
        let step = match step {
            None => json!({"Finish": "Done"}),
            Some(Value::String(word)) if word == "Trap" => trap(),
            Some(Value::String(word)) if word == "Loop" => spin(),
            Some(step) => memory.filled(step),
        };
        serde_json::from_value(step).unwrap_or_else(|problem| fail(&problem.to_string()))
    }
}

fn count(what: &Value) -> usize {
    what.as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or_default()
}

fn option(number: usize) -> Value {
    json!({"id": number.to_string(), "label": number.to_string()})
}

fn trap() -> ! {
    std::process::abort()
}

fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

pub(crate) fn as_setting_problem(message: String) -> Vec<SettingProblem> {
    vec![SettingProblem {
        name: "program".to_owned(),
        message,
    }]
}

/// What of its knowledge the guest repeats at once: well within the bounds of a text and of a flow.
const TOLD_BYTES: usize = 900;

/// Left out of every text of a step. What has it inside, the guest knows, and nobody who reads its settings sees.
const FILLER: char = '\u{a6}';

/// What this instance knows.
#[derive(Default)]
pub(crate) struct Memory {
    purpose: String,
    taken: usize,
    flows: u32,
    known: BTreeMap<String, Reference>,
    told: String,
}

impl Memory {
    pub(crate) fn begins(&mut self, start: &Start) {
        self.flows += 1;
        self.taken = 0;
        let (purpose, grant) = match &start.purpose {
            Purpose::SignIn(_) => ("sign-in", None),
            Purpose::Refresh(grant) => ("refresh", Some(grant)),
            Purpose::Revoke(grant) => ("revoke", Some(grant)),
            Purpose::Exchange(exchange) => {
                self.all([&exchange.subject]);
                ("exchange", None)
            }
            Purpose::Derive(derivation) => ("derive", Some(&derivation.grant)),
            Purpose::StepUp(grant) => ("step-up", Some(grant)),
        };
        purpose.clone_into(&mut self.purpose);
        self.all(grant.into_iter().flat_map(|grant| &grant.parts));
        // The program itself is no news.
        let _infallible = write!(
            self.told,
            "{:?}{:?}{:?}",
            start.purpose, start.scopes, start.registered
        );
    }

    pub(crate) fn learns(&mut self, reply: &Reply) {
        match reply {
            Reply::Authorized(authorized) => self.one("code", authorized.code),
            Reply::Tokens(tokens) => {
                self.one("access_token", tokens.access_token);
                for (name, token) in [
                    ("refresh_token", tokens.refresh_token),
                    ("id_token", tokens.id_token),
                ] {
                    if let Some(token) = token {
                        self.one(name, token);
                    }
                }
                self.all(&tokens.secrets);
            }
            Reply::Response(response) => self.all(&response.secrets),
            Reply::SubjectToken(reference) => {
                if let Some(earlier) = self.known.get("subject_token").copied() {
                    self.one("earlier_subject_token", earlier);
                }
                self.one("subject_token", *reference);
            }
            Reply::Discovered(_) | Reply::Chosen(_) | Reply::Failed(_) => {}
        }
        let _infallible = write!(self.told, "{reply:?}");
    }

    fn one(&mut self, name: &str, reference: Reference) {
        self.known.insert(name.to_owned(), reference);
    }

    fn all<'a>(&mut self, references: impl IntoIterator<Item = &'a NamedReference>) {
        for named in references {
            self.one(&named.name, named.reference);
        }
    }

    /// A step with what this instance knows in place of the objects that stand for it.
    fn filled(&self, value: Value) -> Value {
        match value {
            Value::Array(list) => list.into_iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => {
                if let [(name, what)] = members.iter().collect::<Vec<_>>().as_slice()
                    && let Some(known) = self.looked_up(name, what)
                {
                    return known;
                }
                let members = members.into_iter();
                members
                    .map(|(name, value)| (name, self.filled(value)))
                    .collect()
            }
            Value::String(text) => text.replace(FILLER, "").into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }

    /// Where in what was told the recent part begins.
    fn recent(&self) -> usize {
        let start = self.told.len().saturating_sub(TOLD_BYTES);
        let boundary = |at: &usize| self.told.is_char_boundary(*at);
        (start..=self.told.len()).find(boundary).unwrap_or(0)
    }

    fn looked_up(&self, name: &str, what: &Value) -> Option<Value> {
        let reference = || self.known.get(what.as_str().unwrap_or_default()).copied();
        let written = |Reference { high, low }| json!({"high": high, "low": low});
        // A name that is not known is a guess from nothing.
        let guess = Reference { high: 1, low: 2 };
        match name {
            "$ref" => Some(written(reference().unwrap_or(guess))),
            "$half" => {
                let Reference { high, low } = reference().unwrap_or(guess);
                Some(written(Reference { high, low: !low }))
            }
            "$told" => Some(json!(self.told.get(self.recent()..))),
            "$long" => Some(json!("x".repeat(count(what)))),
            "$options" => Some((0..count(what)).map(option).collect()),
            "$flows" => Some(json!(self.flows.to_string())),
            _ => None,
        }
    }
}
