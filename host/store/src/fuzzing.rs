//! Ways for the fuzz targets (`tests/fuzz`) to what is private here, with a key and a record name that never change.

use vestibule_core::TenantName;
use vestibule_core::record::RecordKind;
use zeroize::Zeroizing;

use crate::format::{self, Generation, Header, SealedFile};
use crate::key_store::{KeyId, KeyStoreId, MasterKey};
use crate::payload;
use crate::record_name::RecordName;
use crate::trouble::Trouble;

/// The file that the header of this file, once read, would be written as.
///
/// # Errors
/// If it is no sealed file.
pub fn rewritten(file: &[u8]) -> Result<Vec<u8>, Trouble> {
    SealedFile::parse(file.to_vec()).map(|sealed| sealed.rewritten())
}

/// Seals a payload.
///
/// # Errors
/// As for a record that is put into the store.
pub fn sealed(tenant: TenantName, payload: &[u8]) -> Result<Vec<u8>, Trouble> {
    let header = Header {
        key_store: KeyStoreId::Memory,
        key_id: KeyId([1; 16]),
        kind: RecordKind::Grant,
        generation: Generation([2; 16]),
        tenant,
    };
    let payload = Zeroizing::new(payload.to_vec());
    format::seal(&header, &name(), &key(), payload)
}

/// What is sealed in a file.
///
/// # Errors
/// If it is no sealed file, or the seal is broken.
pub fn opened(file: &[u8]) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    SealedFile::parse(file.to_vec())?.open(&name(), &key())
}

/// The payload that the record of this payload, once read, would be written as.
///
/// # Errors
/// If it is no payload.
pub fn payload_rewritten(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    payload::write(&payload::read(bytes)?)
}

fn key() -> MasterKey {
    MasterKey::new(Zeroizing::new([3; 32]))
}

const fn name() -> RecordName {
    RecordName([4; 32])
}
