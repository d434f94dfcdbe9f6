//! Scripted histories, and what the rules say of them.

use super::{ACCEPTED, Habits, Pace, Rule, Seen, Unusual};
use crate::entry::{Change, Entry, Event, Outcome};

/// A history: what happened, and when.
#[derive(Default)]
pub(crate) struct Story(Vec<(u64, Entry)>);

impl Story {
    /// Something of the tenant `corp` at this time.
    pub(crate) fn at(self, time: u64, event: Event) -> Self {
        self.of("corp", time, event)
    }

    /// Something of a tenant at this time.
    pub(crate) fn of(mut self, tenant: &str, time: u64, event: Event) -> Self {
        let entry = Entry {
            tenant: Some(tenant.to_owned()),
            ..Entry::new(event, Outcome::Done)
        };
        self.0.push((time, entry));
        self
    }

    /// This, a minute after what was before.
    pub(crate) fn entry(self, entry: Entry) -> Self {
        self.after(60, entry)
    }

    /// This, so many seconds after what was before.
    pub(crate) fn after(mut self, seconds: u64, entry: Entry) -> Self {
        let last = self.0.last().map_or(1_000_000, |(time, _)| *time);
        self.0.push((last + seconds, entry));
        self
    }

    /// What is said of it: of which record, from 1, and by which rule.
    pub(crate) fn told<J: Judge>(&self, judge: impl FnOnce() -> J) -> Vec<(u64, Rule)> {
        let mut judge = judge();
        let mut told = Vec::new();
        for ((time, entry), seq) in self.0.iter().zip(1..) {
            let unusual = judge.judge(seq, &Seen::new(*time, entry));
            told.extend(unusual.into_iter().map(|unusual| (seq, unusual.rule)));
        }
        told
    }
}

/// Some of the rules.
pub(crate) trait Judge {
    fn judge(&mut self, seq: u64, seen: &Seen<'_>) -> Vec<Unusual>;
}

/// Those of time.
pub(crate) fn pace() -> Pace {
    Pace::default()
}

impl Judge for Pace {
    fn judge(&mut self, _seq: u64, seen: &Seen<'_>) -> Vec<Unusual> {
        self.see(seen)
    }
}

/// Those of tenants.
pub(crate) fn habits() -> Habits {
    Habits::default()
}

impl Judge for Habits {
    fn judge(&mut self, seq: u64, seen: &Seen<'_>) -> Vec<Unusual> {
        self.see(seq, seen)
    }
}

/// One of those of tenants.
pub(crate) fn only(rule: Rule) -> impl FnOnce() -> Only {
    move || Only(rule, habits())
}

pub(crate) struct Only(Rule, Habits);

impl Judge for Only {
    fn judge(&mut self, seq: u64, seen: &Seen<'_>) -> Vec<Unusual> {
        let mut all = self.1.judge(seq, seen);
        all.retain(|unusual| unusual.rule == self.0);
        all
    }
}

/// A sign-in to the tenant `corp`.
pub(crate) fn sign_in(method: &str) -> Entry {
    Entry {
        tenant: Some("corp".to_owned()),
        method: Some(method.to_owned()),
        device: Some("d0".to_owned()),
        ..Entry::new(Event::Issuance, Outcome::Done)
    }
}

/// An approval of it.
pub(crate) fn approved() -> Entry {
    changed("approved")
}

/// An operator accepts what was said about it.
pub(crate) fn accepted() -> Entry {
    changed(ACCEPTED)
}

fn changed(what: &str) -> Entry {
    Entry {
        change: Some(Change {
            what: what.to_owned(),
            ..Change::default()
        }),
        event: Event::Policy,
        ..sign_in("browser")
    }
}
