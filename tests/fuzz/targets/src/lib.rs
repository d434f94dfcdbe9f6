//! Every parser of foreign bytes, with what must hold of whatever it accepts: a module is a target, and its `run` takes any bytes.
//!
//! libFuzzer drives them from `tests/fuzz/fuzz_targets`; the tests here replay the seeds and mutate them a little.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what must hold is asserted, and looks at secrets that it made itself"
)]

pub mod admission;
pub mod audit;
pub mod challenge;
pub mod client_key;
pub mod description;
pub mod device_response;
pub mod id_token;
pub mod json;
pub mod jwks;
pub mod listener;
pub mod metadata;
pub mod redirect;
pub mod sealed;
pub mod steps;
pub mod tenant;
pub mod token_reply;

mod words;

/// A target, by its name.
pub struct Target {
    /// As the file in `fuzz_targets` and the folder in `seeds` are called.
    pub name: &'static str,
    /// Takes any bytes, says whether they were accepted, and panics if something does not hold.
    pub run: fn(&[u8]) -> bool,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "admission",
        run: admission::run,
    },
    Target {
        name: "audit",
        run: audit::run,
    },
    Target {
        name: "challenge",
        run: challenge::run,
    },
    Target {
        name: "client_key",
        run: client_key::run,
    },
    Target {
        name: "description",
        run: description::run,
    },
    Target {
        name: "device_response",
        run: device_response::run,
    },
    Target {
        name: "id_token",
        run: id_token::run,
    },
    Target {
        name: "json",
        run: json::run,
    },
    Target {
        name: "jwks",
        run: jwks::run,
    },
    Target {
        name: "listener",
        run: listener::run,
    },
    Target {
        name: "metadata",
        run: metadata::run,
    },
    Target {
        name: "redirect",
        run: redirect::run,
    },
    Target {
        name: "sealed",
        run: sealed::run,
    },
    Target {
        name: "steps",
        run: steps::run,
    },
    Target {
        name: "tenant",
        run: tenant::run,
    },
    Target {
        name: "token_reply",
        run: token_reply::run,
    },
];
