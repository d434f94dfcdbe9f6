//! What time it is, and waiting. Of the few things that tests fake.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

/// A clock.
pub trait Clock: Send + Sync {
    /// Seconds since 1970.
    fn now(&self) -> u64;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        // A clock before 1970 is broken; the checks that depend on it then fail, as they should.
        #[allow(
            clippy::disallowed_methods,
            reason = "this is the one place that asks the system"
        )]
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs())
    }
}

/// A wait.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A clock that goes forward alone, whatever is done to the time of day (DEV-02), and one can wait by it.
pub trait Steady: Send + Sync {
    /// The time since some moment that never changes.
    fn elapsed(&self) -> Duration;

    /// Waits so long. Dropping the future ends the wait.
    fn wait(&self, time: Duration) -> Waiting<'_>;
}

/// The system's steady clock.
#[derive(Clone, Copy, Debug)]
pub struct SteadyClock {
    began: Instant,
}

impl Default for SteadyClock {
    fn default() -> Self {
        Self {
            began: Instant::now(),
        }
    }
}

impl Steady for SteadyClock {
    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn wait(&self, time: Duration) -> Waiting<'_> {
        Box::pin(tokio::time::sleep(time))
    }
}
