//! Progress that survives a log file: one line when a phase starts, one with its time when it ends.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Numbers the phases of a longer job and times them.
pub(crate) struct Progress {
    total: usize,
    done: usize,
    started: Instant,
}

impl Progress {
    /// A job of `total` phases that starts now.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            done: 0,
            started: Instant::now(),
        }
    }

    /// Runs one phase between its two lines.
    pub(crate) fn phase<T>(&mut self, what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.done += 1;
        let width = self.total.to_string().len();
        let label = format!("[{:>width$}/{}] {what}", self.done, self.total);
        eprintln!("{label} …");
        let started = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "" } else { " FAILED after" };
        eprintln!("{label} …{outcome} {}", elapsed(started.elapsed()));
        result
    }

    /// The time since the job started.
    pub(crate) fn total_time(&self) -> String {
        elapsed(self.started.elapsed())
    }
}

/// A duration as a person reads it: `0.4 s`, `42 s`, `3 min 07 s`.
pub(crate) fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f32()),
        10..60 => format!("{seconds} s"),
        60.. => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_a_clock() {
        let read = |millis| elapsed(Duration::from_millis(millis));
        assert_eq!(read(420), "0.4 s");
        assert_eq!(read(42_900), "42 s");
        assert_eq!(read(187_000), "3 min 07 s");
    }
}
