//! Vestibule's use-cases, one file each, and the drive loop that all of them stand on. The command line is one embedder of this library.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod alerts;
mod approvals;
mod approve;
mod audit;
mod choices;
pub mod config;
mod cursor;
mod derive;
mod describe;
mod doctor;
pub mod explain;
mod export;
mod files;
pub mod flow;
mod granted;
mod grants;
pub mod inspect;
mod judge;
mod known;
mod last_use;
mod lasting;
pub mod locks;
mod memory;
mod operator_secret;
pub mod outside;
pub mod places;
pub mod plugins;
mod protections;
mod refresh;
mod remove;
mod remove_plugin;
mod retire;
mod secret_file;
mod sign_in;
mod sign_out;
mod status;
mod step_up;
mod tally;
pub mod tenants;
mod token;
pub mod trace;
mod vestibule;
mod workload;

pub use approve::Proposal;
pub use doctor::{Finding, Health};
pub use export::{Exports, LineForm, Selection};
pub use outside::{Nobody, Outside};
pub use places::Places;
pub use remove::Removed;
pub use remove_plugin::RemovedPlugin;
pub use sign_in::{SignIn, SignedIn};
pub use sign_out::{SignedOut, Unconfirmed};
pub use status::{Binding, RecordStatus, Standing, TenantStatus};
pub use step_up::StepUp;
pub use token::TokenQuery;
pub use vestibule::Vestibule;

pub use alerts::Alerts;
pub use vestibule_audit::{
    Alert, Break, By, Entry, Event as AuditEvent, Found, Mark, Note, Outcome, Part, Principal,
    Range, Reason, Record, Rule, SCHEMA as AUDIT_SCHEMA, Sent, Verdict,
};
pub use vestibule_broker as broker;
pub use vestibule_core as core;
pub use vestibule_policy::{Chosen, Probe, probe};
pub use vestibule_store::{KeyStoreId, Lifetime, SessionBus};
