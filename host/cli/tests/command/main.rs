//! The program as a shell sees it: exit codes, streams, help. What takes a sandbox and a provider is tested end to end elsewhere.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test sets a home up, and looks at what became of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod errors;
mod help;
mod home;
mod working_directory;
