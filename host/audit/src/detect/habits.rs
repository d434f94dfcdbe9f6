//! What is usual for each tenant, and how far into the log it was learnt.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_core::Result;
use vestibule_core::limits::{WATCH_BYTES, WATCHED_TENANTS};

use super::device_instead::DeviceInstead;
use super::new_device::NewDevice;
use super::new_method::NewMethod;
use super::plugin_changed::PluginChanged;
use super::refresh_reuse::RefreshReuse;
use super::{ACCEPTED, Seen, Unusual};
use crate::entry::{Entry, Event};
use crate::files;
use crate::folder::Folder;
use crate::key::Key;
use crate::line;
use crate::range::Mark;

/// The file.
pub(crate) const FILE: &str = "habits";

const PURPOSE: &[u8] = b"vestibule audit habits 1";

/// Values of one kind that a tenant can have.
const VALUES: usize = 8;

/// Characters of a tenant's name or a value that are looked at.
const CHARS: usize = 128;

/// What is usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Habits {
    version: u8,
    /// Behind the last record that it was learnt from.
    pub(crate) learnt: Mark,
    tenants: BTreeMap<String, Tenant>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            version: 1,
            learnt: Mark::start(),
            tenants: BTreeMap::new(),
        }
    }
}

/// Of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Tenant {
    /// The last record that was about it.
    seq: u64,
    devices: NewDevice,
    methods: NewMethod,
    by_device: DeviceInstead,
    plugin: PluginChanged,
    sessions: RefreshReuse,
}

impl Habits {
    /// Sees the next record, of this number.
    pub(crate) fn see(&mut self, seq: u64, seen: &Seen<'_>) -> Vec<Unusual> {
        let Some(name) = seen.entry.tenant.as_deref().filter(|_| matters(seen.entry)) else {
            return Vec::new();
        };
        let name: String = name.chars().take(CHARS).collect();
        if !self.tenants.contains_key(&name) && self.tenants.len() >= WATCHED_TENANTS {
            let oldest = self.tenants.iter().min_by_key(|(_, tenant)| tenant.seq);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.tenants.remove(&oldest);
            }
        }
        let tenant = self.tenants.entry(name).or_default();
        tenant.see(seq, seen)
    }

    /// What was learnt before; nothing if that is not there, or was not written here. It is learnt again then.
    pub(crate) fn load(folder: &dyn Folder, key: &Key) -> Result<Self> {
        let text = files::read(folder, FILE, WATCH_BYTES)?;
        Ok(text
            .and_then(|text| Self::read(&text, key))
            .unwrap_or_default())
    }

    fn read(text: &[u8], key: &Key) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
        let (body, code) = line::parts(text)?;
        if !key.verifies(PURPOSE, body.as_bytes(), code) {
            return None;
        }
        let habits: Self = serde_json::from_str(&format!("{body}}}")).ok()?;
        (habits.version == 1).then_some(habits)
    }

    /// As the text of the file.
    pub(crate) fn write(&self, key: &Key) -> Result<String> {
        let (mut text, _) = line::sign(self, PURPOSE, key)?;
        text.push('\n');
        Ok(text)
    }
}

impl Tenant {
    fn see(&mut self, seq: u64, seen: &Seen<'_>) -> Vec<Unusual> {
        let accepts = seen.done() == Some(Event::Policy)
            && seen
                .entry
                .change
                .as_ref()
                .is_some_and(|change| change.what == ACCEPTED || change.what == "removed");
        if accepts {
            *self = Self::default();
        }
        self.seq = seq;
        let found = [
            self.devices.see(seen),
            self.methods.see(seen),
            self.by_device.see(seen),
            self.plugin.see(seen),
            self.sessions.see(seen),
        ];
        found.into_iter().flatten().collect()
    }
}

/// Whether a record can say anything about habits: what is about itself, or a mere question, does not.
fn matters(entry: &Entry) -> bool {
    match entry.event {
        Event::Issuance
        | Event::Refresh
        | Event::Derive
        | Event::Exchange
        | Event::Release
        | Event::Refusal
        | Event::Revocation
        | Event::Policy => true,
        Event::Consent | Event::Plugin | Event::Alert | Event::Log => false,
    }
}

/// Values that were met: the last of them at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Known(Vec<String>);

impl Known {
    /// Learns a value. If others were known and this one was not: those, in words.
    pub(super) fn learn(&mut self, value: &str) -> Option<String> {
        let value: String = value.chars().take(CHARS).collect();
        let known = self.0.iter().position(|known| *known == value);
        let before = (known.is_none() && !self.0.is_empty()).then(|| self.0.join(", "));
        match known {
            Some(at) => drop(self.0.remove(at)),
            None if self.0.len() >= VALUES => drop(self.0.remove(0)),
            None => {}
        }
        self.0.push(value);
        before
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::detect::testing::sign_in;

    #[test]
    fn what_was_learnt_comes_back_under_its_key_alone_and_has_a_bound() {
        let key = Key::new("here", Zeroizing::new([3; 32]));
        let mut habits = Habits::default();
        for at in 0..2 * WATCHED_TENANTS as u64 {
            let mut entry = sign_in(&"m".repeat(1000));
            entry.tenant = Some(format!("{at}-{}", "t".repeat(1000)));
            entry.device = Some("d".repeat(1000));
            entry.plugin_digest = Some("sha256:".to_owned() + &"0".repeat(64));
            let _ = habits.see(at + 1, &Seen::new(at, &entry));
        }
        assert_eq!(habits.tenants.len(), WATCHED_TENANTS);
        let text = habits.write(&key).unwrap();
        assert!((text.len() as u64) < WATCH_BYTES, "{}", text.len());
        assert_eq!(Habits::read(text.as_bytes(), &key), Some(habits));
        let other = Key::new("here", Zeroizing::new([4; 32]));
        assert_eq!(Habits::read(text.as_bytes(), &other), None);
    }
}
