//! The key of an installation, under which it knows its own compiled code again.

use std::io;

use vestibule_core::{Error, Result};

use super::folder::Folder;

const BYTES: usize = 32;
const FILE: &str = "key";

/// 32 random bytes that only this user can read.
///
/// HMAC keys that are shorter than a block are padded to one; this is that block.
pub(crate) struct Key([u8; 64]);

impl Key {
    /// Reads the key, or draws one where there is none that could be used. Entries under the old one are then rebuilt.
    pub(crate) fn obtain(folder: &Folder) -> Result<Self> {
        if let Some(key) = read(folder) {
            return Ok(key);
        }
        draw(folder).map_err(|error| {
            Error::host(
                "cache.key",
                format!("cannot make a key for the cache of compiled plugins: {error}"),
            )
        })
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut block = [0; 64];
        if bytes.len() != BYTES {
            return None;
        }
        block.get_mut(..BYTES)?.copy_from_slice(bytes);
        Some(Self(block))
    }
}

fn read(folder: &Folder) -> Option<Key> {
    let bytes = folder.read(FILE, BYTES as u64).ok()?;
    Key::from_bytes(&bytes)
}

/// Where several processes draw one at the same time, the last one's is the installation's; what the others compile meanwhile is
/// rebuilt once.
fn draw(folder: &Folder) -> io::Result<Key> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    folder.replace(FILE, &[&bytes])?;
    Key::from_bytes(&bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
}
