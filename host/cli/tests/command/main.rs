//! The program as a shell sees it: exit codes, streams, help. What takes a sandbox and a provider is tested end to end elsewhere.
#![cfg(target_os = "linux")]
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
