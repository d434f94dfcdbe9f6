//! Alerts of the audit log (POL-07): raised before something comes from a provider or is handed out, and found again later.
//!
//! An alert is a record of its own and a warning, and where the tenant says so, the end of what raised it. What rules look at, and what
//! they keep, is in [`vestibule_audit::detect`].

use vestibule_audit::detect::ACCEPTED;
use vestibule_audit::{Change, Entry, Event, Found, Outcome, Unusual, Watch};
use vestibule_core::event::Event as Told;
use vestibule_core::tenant::OnAlert;
use vestibule_core::{Error, Result, Shown, TenantName};

use crate::known::Known;
use crate::vestibule::Vestibule;

/// What looking at the log came to.
#[derive(Debug, Default)]
pub struct Alerts {
    /// What is unusual, the oldest first.
    pub found: Vec<Found>,
    /// Lines of the log that are no records.
    pub unreadable: u64,
}

impl Vestibule {
    /// Looks for what is unusual in all of the audit log.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn audit_alerts(&self) -> Result<Alerts> {
        let (mut watch, mut found) = (Watch::default(), Vec::new());
        let unreadable = self.audit_records(&mut |record| found.extend(watch.see(&record)))?;
        Ok(Alerts { found, unreadable })
    }

    /// Takes what is unusual about a tenant for looked at: what is usual is learnt anew. That is recorded.
    ///
    /// # Errors
    /// If there is no such tenant, or it cannot be recorded, for a tenant of high risk alone.
    pub fn accept_alerts(&self, name: &TenantName) -> Result<()> {
        let mut known = Known::of(name);
        known.approved(&self.approved(name)?);
        let change = Change {
            what: ACCEPTED.to_owned(),
            ..Change::default()
        };
        self.record_change(Event::Policy, &known, change)
    }

    /// Before something comes from a provider: whether that would be unusual.
    ///
    /// # Errors
    /// `alert.refused` if it is, and the tenant does not want that; `audit.unwritable` if it cannot be told, for a tenant of high risk.
    pub(crate) fn heed(&self, known: &Known, event: Event) -> Result<()> {
        let unusual = self.unusual(&known.entry(event, Outcome::Done));
        self.raise(known, event, unusual)
    }

    /// Before something is handed out: the same, as far as the head of the log tells. Where an alert would refuse nothing, it is raised
    /// once that is recorded, which has looked at the head in any case.
    ///
    /// # Errors
    /// Those of [`Self::heed`].
    pub(crate) fn heed_release(&self, known: &Known) -> Result<()> {
        match known.on_alert {
            OnAlert::Warn => Ok(()),
            OnAlert::Refuse => {
                let release = known.entry(Event::Release, Outcome::Done);
                self.raise(known, Event::Release, self.unusual_now(&release))
            }
        }
    }

    fn raise(&self, known: &Known, event: Event, unusual: Result<Vec<Unusual>>) -> Result<()> {
        let unusual = match unusual {
            Ok(unusual) => unusual,
            // What follows cannot be recorded either: that ends it here, or is said there.
            Err(problem) => return self.stop_if_high_risk(known.risk, problem),
        };
        if unusual.is_empty() || known.on_alert == OnAlert::Warn {
            self.warn_of(known, event, &unusual);
            return Ok(());
        }
        for unusual in &unusual {
            self.record_or_warn(&alert(known, event, Outcome::Refused, unusual));
        }
        let all: Vec<String> = unusual.iter().map(words).collect();
        Err(Error::policy(
            "alert.refused",
            format!(
                "this is unusual for the tenant \"{}\": {}",
                Shown::new(known.tenant_name()),
                all.join("; ")
            ),
        )
        .hint(format!(
            "run: vestibule audit alerts — if it is right, vestibule audit alerts --accept {}; or the tenant file can say: policy.on_alert = \"warn\"",
            known.tenant_name()
        )))
    }

    /// Raises alerts that refuse nothing.
    pub(crate) fn warn_of(&self, known: &Known, event: Event, unusual: &[Unusual]) {
        for unusual in unusual {
            self.record_or_warn(&alert(known, event, Outcome::Done, unusual));
            let text = format!("unusual: {}", words(unusual));
            self.outside.observer.event(&Told::Warning { text: &text });
        }
    }
}

fn alert(known: &Known, event: Event, outcome: Outcome, unusual: &Unusual) -> Entry {
    Entry {
        alert: Some(unusual.alert(event)),
        ..known.entry(Event::Alert, outcome)
    }
}

fn words(unusual: &Unusual) -> String {
    format!(
        "{} (rule: {}; usual: {})",
        Shown::whole(&unusual.seen),
        unusual.rule.as_str(),
        Shown::whole(&unusual.usual)
    )
}
