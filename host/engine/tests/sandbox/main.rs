//! The sandbox as its users meet it: real components, the real compiling program, a real cache on disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod admission;
mod cache;
mod compiling;
mod flow;
mod limits;
mod support;
