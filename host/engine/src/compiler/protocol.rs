//! What the host and the compiling program say to each other: the component on standard input, the compiled code on standard output,
//! the budget as arguments, and the outcome as an exit status.

use std::process::ExitStatus;

use super::CompileBudget;

/// The component cannot be compiled. Standard error has the reason, on one line.
pub const REFUSED: u8 = 10;

/// The program itself failed. Standard error has the reason, on one line.
pub const FAILED: u8 = 11;

/// The program's arguments: seconds of processor time, and bytes of address space.
#[must_use]
pub fn arguments(budget: &CompileBudget) -> [String; 2] {
    [
        budget.cpu_seconds.to_string(),
        budget.address_space.to_string(),
    ]
}

/// Reads the arguments, without the program's name. A program that is started by hand has the default budget.
#[must_use]
pub fn budget(mut arguments: impl Iterator<Item = String>) -> CompileBudget {
    let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
    let default = CompileBudget::default();
    CompileBudget {
        cpu_seconds: number().unwrap_or(default.cpu_seconds),
        address_space: number().unwrap_or(default.address_space),
        ..default
    }
}

/// How the program ended, other than well.
pub(super) enum End {
    Refused,
    OutOfTime,
    OutOfMemory,
    Crashed,
    Failed,
}

impl End {
    pub(super) fn of(status: ExitStatus) -> Self {
        match status.code() {
            Some(code) if code == i32::from(REFUSED) => Self::Refused,
            Some(_) => Self::Failed,
            None => Self::of_signal(status),
        }
    }

    #[cfg(unix)]
    fn of_signal(status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;

        use rustix::process::Signal;

        match status.signal().and_then(Signal::from_named_raw) {
            // The soft limit on processor time; the hard one, a second later, kills.
            Some(Signal::XCPU | Signal::KILL) => Self::OutOfTime,
            // How a Rust program ends when it gets no memory.
            Some(Signal::ABORT) => Self::OutOfMemory,
            _ => Self::Crashed,
        }
    }

    #[cfg(not(unix))]
    fn of_signal(_status: ExitStatus) -> Self {
        Self::Crashed
    }
}
