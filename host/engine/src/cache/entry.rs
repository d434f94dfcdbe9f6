//! One entry: an authentication code, and then the compiled code.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use vestibule_core::limits::COMPILED_BYTES;

use super::key::Key;
use crate::artifact::Artifact;
use crate::digest::PluginDigest;

/// What an entry is for. Authenticated with it, so that no entry stands in for another.
pub(crate) struct Label {
    pub(crate) digest: PluginDigest,
    pub(crate) engine: [u8; 32],
}

/// Bytes of an authentication code.
const MAC_BYTES: usize = 32;

/// Bytes of the largest entry.
pub(crate) const MAX_BYTES: u64 = COMPILED_BYTES + MAC_BYTES as u64;

/// Keeps these authentication codes apart from any others that a later version makes under the same key.
const DOMAIN: &[u8] = b"vestibule compiled code 1\0";

/// The authentication code of compiled code under this label. Every part before the code has a fixed length.
pub(crate) fn mac(key: &Key, label: &Label, code: &[u8]) -> [u8; MAC_BYTES] {
    authenticate(key, label, code)
        .finalize()
        .into_bytes()
        .into()
}

/// Opens an entry, if it is authentic. The comparison takes the same time wherever the first difference is.
pub(crate) fn open(key: &Key, label: &Label, entry: Vec<u8>) -> Option<Artifact> {
    let (mac, code) = entry.split_first_chunk::<MAC_BYTES>()?;
    authenticate(key, label, code).verify_slice(mac).ok()?;
    Some(Artifact::verified(entry, MAC_BYTES))
}

fn authenticate(key: &Key, label: &Label, code: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new(key.as_bytes().into())
        .chain_update(DOMAIN)
        .chain_update(label.digest.as_bytes())
        .chain_update(label.engine)
        .chain_update(code)
}
