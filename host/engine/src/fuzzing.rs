//! Ways for the fuzz targets (`tests/fuzz`) to what is private here: answers of a guest, as they are lifted and before they are
//! parsed.

use vestibule_core::Result;
use vestibule_core::description::Description;
use vestibule_core::step::Step;

use crate::abi::v0_1;

pub use crate::abi::v0_1::bindings::exports::vestibule::idp::types as lifted;

/// What a guest says of itself, parsed.
///
/// # Errors
/// Blames the plugin.
pub fn description(lifted: lifted::Description) -> Result<Description> {
    v0_1::description(lifted)
}

/// What a guest wants done next, parsed.
///
/// # Errors
/// Blames the plugin.
pub fn step(lifted: lifted::Step) -> Result<Step> {
    v0_1::step(lifted)
}
