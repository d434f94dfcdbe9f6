//! Attacks on a workload's assertions: where they are read, for whom they are, and where they go. The provider, which sees what is sent,
//! is honest, and so is the platform that makes the assertions, unless it says otherwise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod a_lasting_secret;
mod a_link_out_of_the_directory;
mod a_platform_that_lies;
mod another_audience;
mod another_environment;
mod another_place;
mod another_token_service;
mod support;
mod the_metadata_service;
