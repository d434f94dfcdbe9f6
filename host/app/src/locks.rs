//! What holds for every tenant of this machine: `policy.toml` in the system's directory, which no user's file overrides (POL-08).

use vestibule_core::limits::TENANT_FILE_BYTES;
use vestibule_core::tenant::Locks;
use vestibule_core::{Error, Result};

use crate::files;
use crate::places::Places;

const FILE: &str = "policy.toml";

/// Reads the locks of this machine. None are there on most machines, and that is fine.
///
/// # Errors
/// If the file cannot be read, or a line of it is wrong. Then nothing is done for any tenant: a lock that cannot be read may not open.
pub fn read(places: &Places) -> Result<Locks> {
    for directory in places.system_config() {
        let Some(directory) = files::open_dir(directory)? else {
            continue;
        };
        if let Some(text) = files::read_own_text(&directory, FILE, TENANT_FILE_BYTES)? {
            return Locks::parse(&text);
        }
    }
    Ok(Locks::default())
}

/// A tenant file that goes beyond them.
pub(crate) fn beyond(place: &str, message: &str) -> Error {
    Error::policy("tenant.locked", format!("{place}: {message}")).hint(
        "the system's policy.toml holds for every tenant of this machine; change the tenant file, or ask whoever administers the machine",
    )
}
