//! The cache of compiled code. Compiled code is machine code: whoever can alter an entry runs code in the host. So an entry counts
//! only if this installation made it, for this component, this engine and these settings (SUP-03), and is read from a private
//! directory into one private buffer that is checked and then used (SUP-04). Anything else is as good as no entry (SUP-05).

mod entry;
mod folder;
mod key;

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use vestibule_core::Result;

use self::entry::Label;
use self::folder::Folder;
use self::key::Key;
use crate::artifact::Artifact;
use crate::config;
use crate::digest::PluginDigest;

/// The cache of one installation.
pub(crate) struct Cache {
    folder: Folder,
    key: Key,
    engine: [u8; 32],
}

impl Cache {
    /// Opens the cache in this directory, and makes both where there is none. A directory that others can write to is refused.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let folder = Folder::open(path)?;
        let key = Key::obtain(&folder)?;
        Ok(Self {
            folder,
            key,
            engine: Sha256::digest(config::fingerprint()).into(),
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

    /// Removes the compiled code of this component; whether there was any.
    pub(crate) fn remove(&self, digest: PluginDigest) -> io::Result<bool> {
        self.folder.erase(&file_name(digest))
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
