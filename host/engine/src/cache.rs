//! The cache of compiled code. Compiled code is machine code: whoever can alter an entry runs code in the host. So an entry counts
//! only if this installation made it, for this component, this engine and these settings (SUP-03), and is read from a private
//! directory into one private buffer that is checked and then used (SUP-04). Anything else is as good as no entry (SUP-05).

mod entry;
mod folder;
mod key;

use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use vestibule_core::Result;
use wasmtime::Engine;

use self::entry::Label;
use self::folder::Folder;
use self::key::Key;
use crate::artifact::Artifact;
use crate::digest::PluginDigest;

/// The cache of one installation.
pub(crate) struct Cache {
    folder: Folder,
    key: Key,
    engine: [u8; 32],
}

impl Cache {
    /// Opens the cache in this directory, and makes both where there is none. A directory that others can write to is refused.
    pub(crate) fn open(path: &Path, engine: &Engine) -> Result<Self> {
        let folder = Folder::open(path)?;
        let key = Key::obtain(&folder)?;
        Ok(Self {
            folder,
            key,
            engine: fingerprint(engine),
        })
    }

    /// The compiled code of this component, if there is any that can be trusted.
    pub(crate) fn get(&self, digest: PluginDigest) -> Option<Artifact> {
        let bytes = self
            .folder
            .read(&file_name(digest), entry::MAX_BYTES)
            .ok()?;
        entry::open(&self.key, &self.label(digest), bytes)
    }

    /// Keeps compiled code. An error means that it will be compiled again, and nothing worse.
    pub(crate) fn put(&self, digest: PluginDigest, artifact: &Artifact) -> io::Result<()> {
        let mac = entry::mac(&self.key, &self.label(digest), artifact.bytes());
        self.folder
            .replace(&file_name(digest), &[&mac, artifact.bytes()])
    }

    fn label(&self, digest: PluginDigest) -> Label {
        Label {
            digest,
            engine: self.engine,
        }
    }
}

/// One entry a component. That of another engine gives way to ours, so that an update leaves nothing behind.
fn file_name(digest: PluginDigest) -> String {
    let digest = digest.to_string();
    let digits = digest.rsplit(':').next().unwrap_or_default();
    format!("{digits}.code")
}

/// All that decides whether this engine can run what another compiled: wasmtime's version, target and settings.
fn fingerprint(engine: &Engine) -> [u8; 32] {
    let mut hasher = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// Lends SHA-256 to `Hash`: the 64 bits of an ordinary hasher would be few for something that decides what code runs.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest
            .first_chunk::<8>()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}
