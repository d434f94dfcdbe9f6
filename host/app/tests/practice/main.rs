//! The use-cases through the real sandbox and the real plugins, against the practice provider. No terminal, no desktop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    missing_docs
)]

mod house;
mod identity_center;
mod oidc;
mod recorded;
mod tokens;
