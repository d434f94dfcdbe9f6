//! Guests for tests: honest ones, and ones that try to take more than they may. They are assembled from a few lines of WebAssembly
//! text each, so that what a guest does stands in the test that runs it, and no compiler for guests is needed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a guest that cannot be assembled is a broken test"
)]

pub mod behaviour;
pub mod bomb;
pub mod entrance;
pub mod program;

mod assemble;

pub use assemble::{Guest, core_module, plain_component};
pub use entrance::cleared;
