//! The program as a person runs it: `vestibule` itself, started as a process with directories of its own, against real providers on
//! loopback, with a real browser that clicks real buttons.
//!
//! What must have been built before: `vestibule` and `vestibule-compile` beside the tests, and the plugins
//! (`cargo xtask test` does all of it in order).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test bench that cannot be set up is a failed test"
)]

pub mod chromium;
pub mod encodings;
pub mod errand;
#[cfg(target_os = "linux")]
pub mod far;
pub mod http;
pub mod kept;
pub mod machine;
pub mod person;
pub mod practice;
pub mod process;
pub mod provider;
pub mod schema;
#[cfg(target_os = "linux")]
pub mod unmarked;
pub mod wait;

pub use errand::{Browser, Decision, Errand, Report};
pub use machine::Machine;
pub use practice::{Practice, PracticePlatform};
pub use process::Outcome;
pub use provider::OidcProvider;
