//! The clock that ends guests which do not return.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use vestibule_core::{Error, Result};
use wasmtime::Engine;

/// Time between two ticks of the epoch.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// One thread that advances the engine's epoch while a guest runs, and sleeps while none does, so that a process in which a
/// thousand flows wait for people costs nothing. It is started by the first call, and ends with the ticker.
pub(crate) struct Ticker {
    engine: Engine,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    thread: ThreadState,
    /// Guests that are running now.
    running: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ThreadState {
    NotStarted,
    /// Waits to be told that a guest runs.
    Idle,
    /// Sleeps from tick to tick, and looks at the count after each.
    Ticking,
    /// The ticker is gone, and the thread shall go.
    Closing,
}

impl Ticker {
    pub(crate) fn new(engine: Engine) -> Self {
        let state = State {
            thread: ThreadState::NotStarted,
            running: 0,
        };
        let shared = Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        };
        Self {
            engine,
            shared: Arc::new(shared),
        }
    }

    /// Ticks until the guard is dropped. Fails if there is no thread to be had: without a clock no guest runs.
    pub(crate) fn run(&self) -> Result<Running<'_>> {
        let mut state = self.shared.lock();
        match state.thread {
            ThreadState::NotStarted => {
                self.start().map_err(|error| {
                    Error::host(
                        "engine.thread",
                        format!("cannot start the clock for plugins: {error}"),
                    )
                })?;
                state.thread = ThreadState::Ticking;
            }
            ThreadState::Idle => {
                state.thread = ThreadState::Ticking;
                self.shared.changed.notify_one();
            }
            ThreadState::Ticking | ThreadState::Closing => {}
        }
        state.running = state.running.saturating_add(1);
        Ok(Running(&self.shared))
    }

    fn start(&self) -> std::io::Result<()> {
        let engine = self.engine.clone();
        let shared = Arc::clone(&self.shared);
        thread::Builder::new()
            .name("vestibule-ticker".into())
            .stack_size(64 << 10)
            .spawn(move || shared.tick(&engine))
            .map(drop)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().thread = ThreadState::Closing;
        self.shared.changed.notify_one();
    }
}

/// A guest is running.
pub(crate) struct Running<'a>(&'a Shared);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running = state.running.saturating_sub(1);
    }
}

impl Shared {
    /// Nothing panics while it holds the lock, and the state would be whole even then.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self, engine: &Engine) {
        loop {
            thread::sleep(TICK);
            engine.increment_epoch();
            let mut state = self.lock();
            if state.running == 0 && state.thread == ThreadState::Ticking {
                state.thread = ThreadState::Idle;
                state = self
                    .changed
                    .wait_while(state, |state| state.thread == ThreadState::Idle)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.thread == ThreadState::Closing {
                return;
            }
        }
    }
}
