//! What is left of secrets when a flow has ended, however it ended: the memory of the program itself is searched, at its last moment.
//!
//! Freed memory counts as much as memory in use: whoever can read one reads the other (a debugger, a core dump, a swap file). The
//! program is traced from its start (`watched`), stopped when it has left `main` and before the system takes its memory away, and every
//! page that it has is searched (`memory`) for every secret that the flow knew, in every form (`wanted`).
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

mod cancelled;
mod house;
mod live;
mod memory;
mod renewals;
mod sign_ins;
mod too_late;
mod wanted;
mod watched;
