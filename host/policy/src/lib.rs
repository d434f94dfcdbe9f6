//! What is allowed. Pure: no I/O, no clock, one rule a file, and each refusal says what would allow it.
//!
//! - [`approval`]: what a plugin says of itself, with the issuer's metadata, becomes the pinned [`Permissions`] of a tenant.
//! - [`steps`]: each step of a flow is judged against them, and budgets span the flow.
//! - [`method`]: the host, not the plugin, chooses how to sign in.
//! - [`identity`] and [`step_up`]: who may be signed in, and how they must have authenticated.
//! - [`locks`]: what the system leaves to a tenant file.
//! - [`lifetime`] and [`refresh_token`]: how long a grant lives here, whatever the provider says.
//!
//! [`Permissions`]: vestibule_core::approval::Permissions
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod approval;
pub mod identity;
pub mod lifetime;
pub mod locks;
pub mod method;
pub mod probe;
pub mod refresh_token;
pub mod step_up;
pub mod steps;

#[cfg(test)]
mod testing;

pub use approval::{Discovered, permissions};
pub use method::{
    Chosen, Circumstances, choose_method, is_attended, keeps_refresh_token, safest_method,
    scopes_to_ask,
};
pub use probe::Probe;
pub use refresh_token::{Binding, ClientType, Rotation, keep_refresh_token};
pub use steps::{StepRules, check_audience};
