//! Records in the words of others: OCSF events and OTLP logs. Pure: what is sent where is somebody else's business.
//!
//! Each form carries the line of the record as it stands in the log, so that whoever has the key can still verify it, and its code as an
//! id that tells a record that came twice. Text of others stays a string of JSON in printable ASCII, whatever it says (UI-02).

pub mod ocsf;
pub mod otlp;
#[cfg(test)]
mod testing;

/// The name of the program in what is exported.
const PRODUCT: &str = "Vestibule";

/// Its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A record with its line.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The line, without its line break.
    pub line: String,
    /// What it says.
    pub record: crate::Record,
}

/// One line of JSON in printable ASCII.
fn line(value: &serde_json::Value) -> String {
    crate::line::ascii(&value.to_string())
}
