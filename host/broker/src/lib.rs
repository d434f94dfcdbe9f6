//! The secret broker: it holds every secret of a flow and does everything that touches one. A plugin gets references.
//!
//! One file for each RFC or step. The way of a secret: a reply is parsed ([`json`]), its secrets go into the [`vault`], what was
//! declared readable crosses to the plugin, past the second [`barrier`]; and a secret leaves only in a request to the one
//! endpoint that the matrix names (`message`).
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]
#![allow(
    clippy::disallowed_methods,
    reason = "exposing secrets to the requests that carry them is what this crate is for"
)]

mod answer;
pub mod authorization_response;
pub mod authorization_url;
mod authorize;
pub mod barrier;
mod broker;
pub mod browser;
pub mod challenge;
mod choose;
mod client;
mod client_assertion;
mod client_key;
pub mod clock;
pub mod collector;
mod device;
mod discover;
pub mod discovery;
pub mod egress;
mod fingerprint;
mod finish;
#[doc(hidden)]
pub mod fuzzing;
mod hash;
pub mod http;
pub mod id_token;
mod introspection;
pub mod json;
pub mod jwks;
pub mod keep;
mod keys;
pub mod loopback;
mod message;
mod outcome;
mod page;
pub mod pkce;
pub mod random;
mod readable;
pub mod redirect;
mod registration;
pub mod release;
mod resource;
mod revocation;
mod session;
pub mod subject_token;
mod token;
mod userinfo;
pub mod vault;

pub use broker::{Broker, Credential, Surroundings};
pub use finish::{Finished, FinishedGrant, Identity};
pub use registration::NewRegistration;
pub use revocation::RevocationResult;
