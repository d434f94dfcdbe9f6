//! The store as other crates see it, on the real file system and with real key stores.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests stop at the first surprise, and look at the disk and the environment from outside"
)]

mod again;
mod audit;
mod cache;
mod crash;
mod damage;
mod desktop_keyring;
mod erase;
mod kernel_keyring;
mod logout_race;
mod memory_only;
mod newer_format;
mod privacy;
mod samples;
