//! One guest: a store and an instance of its own, under limits from its first instruction on, and dead after its first error.

use std::sync::Arc;

use vestibule_core::limits::{FLOW_RETAINED_BYTES, FLOW_STEPS, GUEST_LIFT_BYTES};
use vestibule_core::{Error, Result};
use wasmtime::{Engine, Store};

use crate::abi::v0_1::{IdentityProviderPre, Provider};
use crate::deadline::{Deadline, TICKS};
use crate::limits::{Limiter, TotalMemory, explain};
use crate::ticker::Ticker;

/// What all guests of a sandbox share.
pub(crate) struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    pub(crate) total: Arc<TotalMemory>,
}

/// What the host keeps beside a guest.
pub(crate) struct Guest {
    limiter: Limiter,
    deadline: Deadline,
}

/// One guest.
pub(crate) struct Instance {
    runtime: Arc<Runtime>,
    /// Gone after an error, and with it everything that the guest had.
    live: Option<Live>,
}

struct Live {
    store: Store<Guest>,
    provider: Provider,
    calls: u32,
    retained: usize,
}

impl Instance {
    /// Makes an instance. A start function runs in it already, so that everything is limited before.
    pub(crate) fn new(runtime: &Arc<Runtime>, plugin: &IdentityProviderPre<Guest>) -> Result<Self> {
        let guest = Guest {
            limiter: Limiter::new(Arc::clone(&runtime.total)),
            deadline: Deadline::start(),
        };
        let mut store = Store::new(&runtime.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_hostcall_fuel(GUEST_LIFT_BYTES);
        store.epoch_deadline_callback(|store| Ok(store.data().deadline.reached()));
        store.set_epoch_deadline(TICKS);

        let running = runtime.ticker.run()?;
        let bindings = plugin
            .instantiate(&mut store)
            .map_err(|error| explain(&error))?;
        drop(running);

        let live = Live {
            provider: bindings.vestibule_idp_provider().clone(),
            store,
            calls: 0,
            retained: 0,
        };
        Ok(Self {
            runtime: Arc::clone(runtime),
            live: Some(live),
        })
    }

    /// Calls a function of the guest and takes its answer in. `weigh` says what keeping the answer costs, `parse` makes it the
    /// core's. Whatever goes wrong is the end of the guest.
    pub(crate) fn call<A, T>(
        &mut self,
        function: impl FnOnce(&Provider, &mut Store<Guest>) -> wasmtime::Result<A>,
        weigh: impl FnOnce(&A) -> usize,
        parse: impl FnOnce(A) -> Result<T>,
    ) -> Result<T> {
        let mut live = self.live.take().ok_or_else(dead)?;
        live.count_call()?;

        live.store.data_mut().deadline = Deadline::start();
        live.store.set_epoch_deadline(TICKS);
        let running = self.runtime.ticker.run()?;
        let answer = function(&live.provider, &mut live.store).map_err(|error| explain(&error))?;
        drop(running);

        live.count_bytes(weigh(&answer))?;
        let answer = parse(answer)?;
        self.live = Some(live);
        Ok(answer)
    }
}

impl Live {
    /// The drive loop counts steps too, and says more when they are too many. This is for a loop that forgot.
    fn count_call(&mut self) -> Result<()> {
        self.calls += 1;
        if self.calls > FLOW_STEPS.saturating_add(1) {
            return Err(Error::plugin(
                "plugin.steps",
                format!("the plugin took more than {FLOW_STEPS} steps"),
            ));
        }
        Ok(())
    }

    fn count_bytes(&mut self, bytes: usize) -> Result<()> {
        self.retained = self.retained.saturating_add(bytes);
        if self.retained > FLOW_RETAINED_BYTES {
            return Err(Error::plugin(
                "plugin.answer_size",
                format!(
                    "the plugin's answers take more than {} MiB together",
                    FLOW_RETAINED_BYTES >> 20
                ),
            ));
        }
        Ok(())
    }
}

fn dead() -> Error {
    Error::plugin(
        "plugin.dead",
        "the plugin failed before, and its flow is over",
    )
}
