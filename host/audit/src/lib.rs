//! The audit log (law 8): one record for each thing that was issued, handed out, refused, revoked or changed, in a file that shows
//! tampering and holds no secret.
//!
//! A record is a line of JSON with a sequence number, the code of the record before it, and its own code (HMAC-SHA256), which covers
//! every byte of the line ([`mod@line`]). The last code and its number stand in a second file, the [`head`], so that a cut at the end
//! shows as well. What a record says is defined once, by [`Entry`]. The crate knows neither where the files are nor who holds the
//! key: both come in, as a [`Folder`] and as [`Keys`].
//!
//! The order of writing is: the record, then the head. So the log may be exactly one record ahead of its head, which is what a process
//! that was killed in between leaves behind; and the last line may be unfinished. Neither is tampering, and both are put right by the
//! next record ([`Log::append`]). A head that is put right is written before anything is added, with what still has to be said of it.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::disallowed_methods
    )
)]

mod append;
mod code;
pub mod detect;
pub mod entry;
pub mod export;
mod files;
mod folder;
mod follow;
pub mod head;
mod key;
pub mod line;
mod log;
mod notice;
mod prune;
mod range;
mod tail;
#[cfg(test)]
mod tests;
mod verify;

pub use detect::{Found, Rule, Unusual, Watch};
pub use entry::{Alert, By, Change, Entry, Event, Note, Outcome, Principal, Reason, Sent};
pub use folder::{Durability, Folder, Locked};
pub use key::{Key, Keys, UNKEYED};
pub use line::Record;
pub use log::{Appended, Log};
pub use range::{Mark, Range, Spot};
pub use verify::{Break, Part, Verdict};

use vestibule_core::Error;

/// What a line of the log looks like, as a JSON Schema (draft 2020-12): which fields each event has.
pub const SCHEMA: &str = include_str!("../record.schema.json");

/// The log is not what was written.
fn tampered(problem: impl AsRef<str>) -> Error {
    Error::host(
        "audit.tampered",
        format!("the audit log was altered: {}", problem.as_ref()),
    )
    .hint("run: vestibule audit verify")
}

/// The log cannot be read or written.
fn broken(doing: &str, name: &str, problem: &std::io::Error) -> Error {
    Error::host(
        "audit.io",
        format!("\"audit/{name}\" cannot be {doing}: {problem}"),
    )
}
