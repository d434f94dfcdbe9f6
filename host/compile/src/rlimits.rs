//! Limits that this process asks the system to hold it to, before it reads a byte of the component.

use std::io;

use vestibule_engine::CompileBudget;

/// Standard streams, and a few for the runtime.
#[cfg(unix)]
const OPEN_FILES: u64 = 16;

/// Between the signal that says that time is up and the one that nobody survives.
#[cfg(unix)]
const GRACE_SECONDS: u64 = 1;

/// Applies the budget. None of it can be raised again.
#[cfg(unix)]
pub(crate) fn apply(budget: &CompileBudget) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let cpu = budget.cpu_seconds;
    for (resource, soft, hard) in [
        (Resource::As, budget.address_space, budget.address_space),
        (Resource::Cpu, cpu, cpu.saturating_add(GRACE_SECONDS)),
        (Resource::Nofile, OPEN_FILES, OPEN_FILES),
        // It writes no files, and leaves no picture of its memory behind.
        (Resource::Fsize, 0, 0),
        (Resource::Core, 0, 0),
    ] {
        // Whoever started us may have been stricter.
        let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit {
            current: Some(soft.min(ceiling)),
            maximum: Some(hard.min(ceiling)),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// Elsewhere the host's wall clock is the only limit.
#[cfg(not(unix))]
pub(crate) fn apply(_budget: &CompileBudget) -> io::Result<()> {
    Ok(())
}
