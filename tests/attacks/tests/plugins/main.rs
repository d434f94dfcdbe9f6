//! Hostile plugins: each file tries what a plugin could gain something by, in the real sandbox, against the real policy and broker.
//! The provider is honest and sees what got through.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod honest;
