#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

#[doc(hidden)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "identity-provider",
        pub_export_macro: true,
        default_bindings_module: "vestibule_plugin::bindings",
        additional_derives: [PartialEq],
    });
}

mod client;
mod endpoint;
mod error;
mod export;
mod flow;
mod grant;
mod provider;
mod readable;
mod reply;
mod secret;
mod server;
pub mod session;
pub mod settings;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod workload;

/// The contract as it is written in `wit/types.wit`: what the host really gets and gives.
pub use bindings::exports::vestibule::idp::types as wit;

pub use client::{Client, Registration};
pub use endpoint::{Endpoint, OutcomeRule, StandardRole};
pub use error::{Error, Problem, Result};
pub use grant::{Derivation, Exchange, Grant, Part, StoredGrant};
pub use provider::{About, IdentityProvider, Plugin};
pub use readable::{Shape, boolean, integer, one_of, rows, text};
pub use reply::{Metadata, Response, Row, Tokens};
pub use secret::{
    AccessToken, AuthorizationCode, DeclaredSecret, IdToken, RefreshToken, Secret, SubjectToken,
};
pub use server::AuthorizationServer;
pub use session::{Method, Session};
pub use workload::{Assertion, Workload, WorkloadGrant};

#[doc(hidden)]
pub use export::{begin, describe, resume};
#[doc(hidden)]
pub use flow::Flow;
