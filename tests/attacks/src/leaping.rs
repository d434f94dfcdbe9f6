//! A steady clock on which every wait is over at once, so that minutes of polling take none, and what happens at which moment is the
//! test's to say. The provider's own clock goes along.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use vestibule_app::broker::clock::{Steady, Waiting};
use vestibule_rehearsal::Clock;

/// What somebody does.
pub type Deed = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// The clock.
pub struct Leaping {
    provider: Clock,
    elapsed: Mutex<Duration>,
    exchange: Mutex<Duration>,
    due: Mutex<Vec<(Duration, Deed)>>,
}

impl Leaping {
    /// A clock beside the provider's.
    #[must_use]
    pub fn beside(provider: Clock) -> Self {
        Self {
            provider,
            elapsed: Mutex::default(),
            exchange: Mutex::default(),
            due: Mutex::default(),
        }
    }

    /// Has this done once so much time has been waited, in the middle of a wait.
    pub fn at<F: Future<Output = ()> + Send + 'static>(
        &self,
        seconds: u64,
        deed: impl FnOnce() -> F + Send + 'static,
    ) {
        let deed: Deed = Box::new(move || Box::pin(deed()));
        self.due
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((Duration::from_secs(seconds), deed));
    }

    /// Has each exchange from now on take so long.
    pub fn each_exchange_takes(&self, seconds: u64) {
        *self.exchange.lock().unwrap_or_else(PoisonError::into_inner) =
            Duration::from_secs(seconds);
    }

    /// An exchange is under way.
    pub(crate) fn exchanges(&self) {
        let time = *self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        *self.elapsed.lock().unwrap_or_else(PoisonError::into_inner) += time;
        self.provider.advance(time);
    }

    fn take_due(&self) -> Vec<Deed> {
        let now = self.elapsed();
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let (over, ahead) = due.drain(..).partition(|(at, _)| *at <= now);
        *due = ahead;
        over.into_iter().map(|(_, deed): (_, Deed)| deed).collect()
    }
}

impl Steady for Leaping {
    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, time: Duration) -> Waiting<'_> {
        Box::pin(async move {
            // Whoever drops a wait, does so while it is under way.
            tokio::task::yield_now().await;
            *self.elapsed.lock().unwrap_or_else(PoisonError::into_inner) += time;
            self.provider.advance(time);
            for deed in self.take_due() {
                deed().await;
            }
        })
    }
}
