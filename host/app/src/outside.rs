//! What surrounds the program, and is faked where a test cannot have the real thing: time, browser, terminal, who watches.

use std::sync::{Arc, LazyLock};

use vestibule_broker::browser::Browser;
use vestibule_broker::clock::{Clock, Steady, SteadyClock, SystemClock};
use vestibule_broker::subject_token::{NoVariables, Variables};
use vestibule_core::event::{Observer, Person, Unobserved};
use vestibule_core::{Error, Result};
use vestibule_policy::Probe;
use vestibule_store::SessionBus;

/// A look at the machine that is made once, when it is wanted.
pub type LazyProbe = Arc<LazyLock<Probe, Box<dyn FnOnce() -> Probe + Send>>>;

/// A look that is made later.
#[must_use]
pub fn lazily(look: impl FnOnce() -> Probe + Send + 'static) -> LazyProbe {
    Arc::new(LazyLock::new(Box::new(look)))
}

/// The outside. Shared by everything that one process does.
#[derive(Clone)]
pub struct Outside {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What waits are counted by.
    pub steady: Arc<dyn Steady>,
    /// What opens URLs.
    pub browser: Arc<dyn Browser>,
    /// What this machine is like. Looked at when a sign-in is about to be: a token that is at hand needs none of it.
    pub probe: LazyProbe,
    /// Who can answer questions.
    pub person: Arc<dyn Person>,
    /// Who watches.
    pub observer: Arc<dyn Observer>,
    /// The variables that a workload's sources name.
    pub variables: Arc<dyn Variables>,
    /// What the environment says about the session's bus.
    pub bus: SessionBus,
}

impl Outside {
    /// An outside with the system's clock and a browser that can be used, in which nobody watches and nobody answers.
    #[must_use]
    pub fn unattended(browser: Arc<dyn Browser>) -> Self {
        Self {
            clock: Arc::new(SystemClock),
            steady: Arc::new(SteadyClock::default()),
            browser,
            probe: lazily(Probe::of_an_embedder),
            person: Arc::new(Nobody),
            observer: Arc::new(Unobserved),
            variables: Arc::new(NoVariables),
            bus: SessionBus::default(),
        }
    }
}

/// Nobody is there: every answer is no (UI-06).
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Person for Nobody {
    fn is_present(&self) -> bool {
        false
    }

    fn choose(&self, _question: &vestibule_core::event::Question<'_>) -> Result<usize> {
        Err(Error::user("choice.nobody", "there is nobody to ask"))
    }

    fn consent(&self, _question: &vestibule_core::event::Consent<'_>) -> Result<bool> {
        Ok(false)
    }
}
