//! Detection over the records, one rule a file (POL-07): what is unusual, and what it is compared with.
//!
//! A rule is a fold: it sees each record once, in order, keeps a little, and says what is unusual about the next one. So the same rule
//! serves twice: over a whole log ([`Watch`]), and just before something is recorded ([`crate::Log::unusual`]). What rules keep has a
//! bound, whatever is in the log. Two kinds of it are kept in two places:
//!
//! - `Pace`: of the installation as a whole, a few numbers, in the head of the log. It costs a token nothing to look at it.
//! - `Habits`: of each tenant, in a file of its own, which follows the log whenever something new is about to come from a provider.
//!
//! An operator who has looked at what a rule says can accept it: then what is usual for that tenant is learnt anew.

use serde::{Deserialize, Serialize};

use crate::entry::{Alert, Entry, Event, Outcome};
use crate::line::Record;

mod burst;
mod clock_step;
mod device_instead;
mod habits;
mod many_tenants;
mod new_device;
mod new_method;
mod pace;
mod plugin_changed;
mod refresh_reuse;
#[cfg(test)]
mod testing;

pub(crate) use habits::{FILE, Habits};
pub(crate) use pace::Pace;

/// What an operator's acceptance is called in a record ([`crate::Change::what`]).
pub const ACCEPTED: &str = "alerts accepted";

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A sign-in on another installation than those before.
    NewDevice,
    /// A sign-in in a way that nobody has used for this tenant.
    NewMethod,
    /// Many sign-ins, renewals or tokens within a short time.
    Burst,
    /// Credentials of many tenants within a short time.
    ManyTenants,
    /// A sign-in by device where people used the browser.
    DeviceInstead,
    /// A refresh token was used that had been replaced, or was spent by somebody else.
    RefreshReuse,
    /// The machine's clock went back.
    ClockStep,
    /// Another plugin than the one that was approved or used before.
    PluginChanged,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NewDevice,
        Self::NewMethod,
        Self::Burst,
        Self::ManyTenants,
        Self::DeviceInstead,
        Self::RefreshReuse,
        Self::ClockStep,
        Self::PluginChanged,
    ];

    /// The word that stands in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewDevice => "new-device",
            Self::NewMethod => "new-method",
            Self::Burst => "burst",
            Self::ManyTenants => "many-tenants",
            Self::DeviceInstead => "device-instead",
            Self::RefreshReuse => "refresh-reuse",
            Self::ClockStep => "clock-step",
            Self::PluginChanged => "plugin-changed",
        }
    }
}

/// A record, or what is about to become one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// When, in Unix seconds.
    pub(crate) time: u64,
    /// What.
    pub(crate) entry: &'a Entry,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(time: u64, entry: &'a Entry) -> Self {
        Self { time, entry }
    }

    /// The event, if it was done. Nothing is learnt from what was refused: whoever is refused often would become usual.
    pub(crate) fn done(&self) -> Option<Event> {
        (self.entry.outcome == Outcome::Done).then_some(self.entry.event)
    }

    /// Whether it is a sign-in that brought a grant.
    pub(crate) fn is_sign_in(&self) -> bool {
        self.done() == Some(Event::Issuance)
    }

    /// Whether credentials came or went.
    pub(crate) fn has_credentials(&self) -> bool {
        self.done()
            .is_some_and(|event| event.brings_tokens() || event == Event::Release)
    }
}

/// What one rule says of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusual {
    /// The rule.
    pub rule: Rule,
    /// What was seen.
    pub seen: String,
    /// What is usual.
    pub usual: String,
}

impl Unusual {
    pub(crate) fn new(rule: Rule, seen: impl Into<String>, usual: impl Into<String>) -> Self {
        Self {
            rule,
            seen: seen.into(),
            usual: usual.into(),
        }
    }

    /// As a record has it.
    #[must_use]
    pub fn alert(&self, about: Event) -> Alert {
        Alert {
            rule: self.rule.as_str().to_owned(),
            about,
            seen: self.seen.clone(),
            usual: self.usual.clone(),
        }
    }
}

/// Something unusual in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number of the record.
    pub seq: u64,
    /// When, in Unix seconds.
    pub time: u64,
    /// The tenant, where it is about one.
    pub tenant: Option<String>,
    /// What is unusual.
    pub alert: Alert,
    /// What came of it when it happened: it was warned of, or it was refused. None if it was found later, by looking at the log.
    pub told: Option<Outcome>,
}

/// All rules over a log, record by record.
#[derive(Debug, Default)]
pub struct Watch {
    pace: Pace,
    habits: Habits,
    /// What was told when it happened, and will be met once more in the record that it was about.
    told: Vec<(String, Option<String>)>,
}

/// What is told and not met again is forgotten, beyond so many.
const TOLD: usize = 64;

impl Watch {
    /// Sees the next record.
    #[must_use]
    pub fn see(&mut self, record: &Record) -> Vec<Found> {
        let entry = &record.entry;
        let found = |alert, told| Found {
            seq: record.seq,
            time: record.time,
            tenant: entry.tenant.clone(),
            alert,
            told,
        };
        let seen = Seen::new(record.time, entry);
        let mut all = Vec::new();
        if let Some(alert) = entry.alert.clone().filter(|_| entry.event == Event::Alert) {
            if self.told.len() >= TOLD {
                self.told.remove(0);
            }
            if entry.outcome == Outcome::Done {
                self.told.push((alert.rule.clone(), entry.tenant.clone()));
            }
            all.push(found(alert, Some(entry.outcome)));
        }
        let mut unusual = self.pace.see(&seen);
        unusual.extend(self.habits.see(record.seq, &seen));
        for unusual in unusual {
            let told = self.told.iter().position(|(rule, tenant)| {
                *rule == unusual.rule.as_str() && *tenant == entry.tenant
            });
            match told {
                Some(at) => drop(self.told.remove(at)),
                None => all.push(found(unusual.alert(entry.event), None)),
            }
        }
        all
    }
}
