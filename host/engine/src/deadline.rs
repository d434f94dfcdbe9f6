//! How long one call into a guest may take.

use std::time::{Duration, Instant};

use vestibule_core::limits::{GUEST_CALL, GUEST_CALL_STALLED};
use wasmtime::UpdateDeadline;

use crate::ticker::TICK;

/// Ticks until the deadline is looked at. One more than the time has, since the first tick may come at once.
pub(crate) const TICKS: u64 = (GUEST_CALL.as_millis() / TICK.as_millis()) as u64 + 1;

/// The start of a call, on the wall and on the thread that runs it.
pub(crate) struct Deadline {
    wall: Instant,
    thread: Option<Duration>,
}

impl Deadline {
    /// From now on.
    pub(crate) fn start() -> Self {
        Self {
            wall: Instant::now(),
            thread: thread_time(),
        }
    }

    /// The time on the wall is up. It is over if the guest had its time on a core too; if the machine gave that to others, an
    /// honest plugin shall not be blamed for it.
    pub(crate) fn reached(&self) -> UpdateDeadline {
        let used = match (self.thread, thread_time()) {
            (Some(start), Some(now)) => now.saturating_sub(start),
            _ => self.wall.elapsed(),
        };
        let stalled = self.wall.elapsed() >= GUEST_CALL * GUEST_CALL_STALLED;
        match GUEST_CALL.checked_sub(used) {
            Some(left) if !left.is_zero() && !stalled => {
                let ticks = left.as_millis().div_ceil(TICK.as_millis());
                UpdateDeadline::Continue(u64::try_from(ticks).unwrap_or(1))
            }
            _ => UpdateDeadline::Interrupt,
        }
    }
}

/// Time that this thread has spent on a core, where the system tells.
#[cfg(unix)]
fn thread_time() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).ok()
}

#[cfg(not(unix))]
fn thread_time() -> Option<Duration> {
    None
}
