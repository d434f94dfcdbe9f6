//! The formats in which a credential is handed out, one file each.

mod aws;
mod env;
mod header;
mod json;
mod raw;

use clap::ValueEnum;
use vestibule_app::broker::release::Released;
use vestibule_core::{Error, Result};
use zeroize::Zeroizing;

/// A format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The token and a line break; for a credential of one part
    #[default]
    Raw,
    /// Names, values and expiry as JSON
    Json,
    /// An Authorization header for curl -H
    Header,
    /// NAME='VALUE' lines that a shell can evaluate
    Env,
    /// The document of AWS credential_process
    Aws,
}

/// A finished document. Erased when dropped.
pub type Document = Zeroizing<Vec<u8>>;

/// Bytes set aside for a document, so that it does not move and leave copies behind while it grows.
const ROOM: usize = 64 << 10;

impl Format {
    /// Writes a credential. Complete, or an error and nothing.
    ///
    /// # Errors
    /// If the credential does not have what the format needs.
    pub fn document(self, released: &Released) -> Result<Document> {
        let mut document = Zeroizing::new(Vec::with_capacity(ROOM));
        match self {
            Self::Raw => raw::write(released, &mut document),
            Self::Json => json::write(released, &mut document),
            Self::Header => header::write(released, &mut document),
            Self::Env => env::write(released, &mut document),
            Self::Aws => aws::write(released, &mut document),
        }?;
        document.push(b'\n');
        Ok(document)
    }
}

/// The name of the only part; formats for one value take no other credential.
fn only_part(released: &Released) -> Result<&str> {
    let mut names = released.names();
    match (names.next(), names.next()) {
        (Some(only), None) => Ok(only),
        _ => {
            let names: Vec<&str> = released.names().collect();
            Err(Error::user("token.parts", format!("this credential has several parts: {}", names.join(", "))).hint("choose a format that takes them all: --format json"))
        }
    }
}

/// One part, as it is.
fn put_part(released: &Released, name: &str, document: &mut Document) -> Result<()> {
    released.write_part(name, &mut **document).map_err(|_| lacks(name))
}

/// One part as a JSON string.
fn put_json(released: &Released, name: &str, document: &mut Document) -> Result<()> {
    let mut value = Zeroizing::new(Vec::with_capacity(ROOM));
    put_part(released, name, &mut value)?;
    let text = std::str::from_utf8(&value).map_err(|_| lacks(name))?;
    serde_json::to_writer(&mut **document, text).map_err(|_| lacks(name))
}

fn lacks(name: &str) -> Error {
    Error::user("token.format", format!("this credential has no {}, which the format needs", name.replace('_', " "))).hint("choose another format: --format json")
}
