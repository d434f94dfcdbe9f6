//! The practice provider over real HTTP, read by a client and a JWT verifier that share no code with it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod callback_twists;
mod code_flow;
mod device_flow;
mod faults;
mod grant_twists;
mod id_token_twists;
mod identity_center;
mod kit;
mod metadata;
mod token_life;
mod visits;
