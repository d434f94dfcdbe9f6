//! The sandbox: admission, compiled-code cache, instances under limits, and the ABI. The only user of wasmtime, and without its
//! compiler: that is in a separate program, `host/compile`.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod compiler;
pub mod config;

mod abi;
mod admit;
mod artifact;
mod cache;
mod deadline;
mod digest;
#[doc(hidden)]
pub mod fuzzing;
mod instance;
mod limits;
mod plugin;
mod sandbox;
mod ticker;

pub use admit::Admitted;
pub use compiler::CompileBudget;
pub use digest::PluginDigest;
pub use plugin::LoadedPlugin;
pub use sandbox::{Progress, Sandbox, SandboxOptions};
