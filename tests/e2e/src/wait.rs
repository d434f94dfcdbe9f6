//! Waiting for something that another process does, within a limit.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often is looked. Short beside what is waited for, long beside what a look costs.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks until there is something, for `limit` at most.
pub fn wait_for<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= deadline {
            return None;
        }
        sleep(PAUSE);
    }
}
