//! Flows under test: natively, with scripted replies, without a sandbox and without a network.
//!
//! A [`Script`] says what the host will answer, in order, and a [`Run`] is what the plugin asked for. The script keeps to
//! the contract: a reply of the wrong kind, or a member or secret that the description does not declare, is an error of
//! the test. Its functions panic on such errors, as assertions do.
#![expect(clippy::panic, reason = "assertions for tests")]

mod reply;
mod run;
mod script;
mod transcript;

pub use reply::{Reply, row};
pub use run::Run;
pub use script::Script;
