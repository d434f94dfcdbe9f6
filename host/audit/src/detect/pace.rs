//! What the head of the log keeps for the rules that look at time: a few numbers, whatever is in the log.

use serde::{Deserialize, Serialize};

use super::burst::Bursts;
use super::clock_step::ClockStep;
use super::many_tenants::ManyTenants;
use super::{Seen, Unusual};

/// Of the installation as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    clock: ClockStep,
    bursts: Bursts,
    tenants: ManyTenants,
}

impl Pace {
    /// Sees the next record.
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Vec<Unusual> {
        let found = [
            self.clock.see(seen),
            self.bursts.see(seen),
            self.tenants.see(seen),
        ];
        found.into_iter().flatten().collect()
    }
}
