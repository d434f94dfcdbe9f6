//! What one instance, and all together, may take of this machine; and which limit an error of the engine means.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vestibule_core::limits::{
    GUEST_CALL, GUEST_INSTANCES, GUEST_LIFT_BYTES, GUEST_MEMORY_BYTES, GUEST_STACK_BYTES,
    GUEST_TABLE_ELEMENTS,
};
use vestibule_core::{Error, Shown};
use wasmtime::{ResourceLimiter, Trap};

/// Linear memory of all instances of a sandbox.
pub(crate) struct TotalMemory {
    used: AtomicUsize,
    limit: usize,
}

impl TotalMemory {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            used: AtomicUsize::new(0),
            limit,
        }
    }

    fn take(&self, bytes: usize) -> Result<(), Exceeded> {
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|sum| *sum <= self.limit)
            })
            .map(drop)
            .map_err(|_| Exceeded::TotalMemory(self.limit))
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Counts what one instance takes, and says no. What was taken is given back when the instance goes.
pub(crate) struct Limiter {
    memory: usize,
    table: usize,
    total: Arc<TotalMemory>,
}

impl Limiter {
    pub(crate) fn new(total: Arc<TotalMemory>) -> Self {
        Self {
            memory: 0,
            table: 0,
            total,
        }
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.total.give_back(self.memory);
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current);
        if self.memory.saturating_add(more) > GUEST_MEMORY_BYTES {
            return Err(Exceeded::Memory.into());
        }
        self.total.take(more)?;
        self.memory += more;
        Ok(true)
    }

    /// Guests get to hear of a full machine as little as of a full allowance: what they would do then, nobody has tested.
    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(Exceeded::Machine.into())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current);
        if self.table.saturating_add(more) > GUEST_TABLE_ELEMENTS {
            return Err(Exceeded::Table.into());
        }
        self.table += more;
        Ok(true)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(Exceeded::Machine.into())
    }

    fn instances(&self) -> usize {
        GUEST_INSTANCES
    }

    fn tables(&self) -> usize {
        GUEST_INSTANCES
    }

    fn memories(&self) -> usize {
        GUEST_INSTANCES
    }
}

/// A limit that the limiter has seen reached.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exceeded {
    Memory,
    TotalMemory(usize),
    Table,
    /// This machine has no more memory.
    Machine,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory of a plugin"),
            Self::TotalMemory(_) => f.write_str("memory of all plugins"),
            Self::Table => f.write_str("tables of a plugin"),
            Self::Machine => f.write_str("memory of this machine"),
        }
    }
}

impl std::error::Error for Exceeded {}

impl From<Exceeded> for Error {
    fn from(exceeded: Exceeded) -> Self {
        match exceeded {
            Exceeded::Memory => Self::plugin(
                "plugin.memory",
                format!(
                    "the plugin needs more than {} MiB of memory",
                    GUEST_MEMORY_BYTES >> 20
                ),
            ),
            Exceeded::TotalMemory(limit) => Self::host(
                "engine.memory",
                format!(
                    "all running plugins together need more than {} MiB of memory",
                    limit >> 20
                ),
            ),
            Exceeded::Table => Self::plugin(
                "plugin.table",
                format!("the plugin needs more than {GUEST_TABLE_ELEMENTS} table elements"),
            ),
            Exceeded::Machine => Self::host(
                "engine.memory",
                "this machine has no memory left for the plugin",
            ),
        }
    }
}

/// What an error of the engine means. Everything that a guest can cause is the plugin's.
pub(crate) fn explain(error: &wasmtime::Error) -> Error {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return (*exceeded).into();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => {
            return Error::plugin(
                "plugin.time",
                format!(
                    "the plugin did not answer within {} ms",
                    GUEST_CALL.as_millis()
                ),
            );
        }
        Some(Trap::StackOverflow) => {
            return Error::plugin(
                "plugin.stack",
                format!(
                    "the plugin needs more than {} KiB of stack",
                    GUEST_STACK_BYTES >> 10
                ),
            );
        }
        Some(trap) => {
            return Error::plugin("plugin.trap", format!("the plugin crashed: {trap}"));
        }
        None => {}
    }
    // Wasmtime has no types for these two. A test holds each text, so that an update of wasmtime cannot change it unseen.
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls has been exhausted") {
        return Error::plugin(
            "plugin.answer_size",
            format!(
                "the plugin's answer takes more than {} KiB",
                GUEST_LIFT_BYTES >> 10
            ),
        );
    }
    if text.contains("resource limit exceeded") {
        return Error::plugin(
            "plugin.instances",
            format!("the plugin consists of more than {GUEST_INSTANCES} instances"),
        );
    }
    Error::plugin(
        "plugin.answer",
        format!("the plugin broke the contract: {}", Shown::new(&text)),
    )
}
