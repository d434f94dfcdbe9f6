//! The sealed file.
//!
//! ```text
//! magic        8   "VSTBLREC"
//! version      2   big-endian; stays in this place for ever, so that every program can refuse what is newer (CRASH-10)
//! key store    1   which key store holds the key, so that no other one is asked
//! key id      16   derived from the key: tells a lost key from a damaged file
//! kind         1   grant, registration, derived
//! generation  16   drawn on every write: tells whether what was loaded is still what is there (CRASH-09)
//! nonce       24   random
//! tenant    1 + n  its length and name; the folder says it as well
//! ciphertext  ..   XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) of the payload, with its tag
//! ```
//!
//! How it is bound to its label (LOC-04). Whoever lists a tenant does not know the labels before opening, and issuer, client and
//! subject shall not stand in the clear. So the file is bound to the *digest* of its whole label, which is its file name
//! (`record_name`):
//!
//! - key = HKDF-SHA256(master key, info = purpose, version, file name): a file under another name has another key;
//! - associated data = header, file name: no field of the header can be changed;
//! - the label stands in the payload as well, and after opening its digest must be the file name, its kind and tenant those of
//!   the header, its tenant that of the folder.
//!
//! The digest is collision-resistant, so a ciphertext opens under one label only. Nonces are 192 random bits: no counter that a
//! restored backup could set back. The length is not hidden.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use vestibule_core::TenantName;
use vestibule_core::record::RecordKind;
use zeroize::Zeroizing;

use crate::key_store::{KeyId, KeyStoreId, MasterKey};
use crate::random;
use crate::record_name::RecordName;
use crate::trouble::Trouble;

/// The version of the format that this program writes, and the newest that it reads. It grows with every change of the layout,
/// of the payload, or of a type of `vestibule_core::record` that stands in the payload.
pub const FORMAT_VERSION: u16 = 2;

/// The oldest that it reads. Its labels have no environment.
const OLDEST_VERSION: u16 = 1;

const MAGIC: &[u8; 8] = b"VSTBLREC";
const NONCE: usize = 24;
const TAG: usize = 16;

/// Which writing of a record it is: random, drawn on every write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generation(pub(crate) [u8; 16]);

/// What stands in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) key_store: KeyStoreId,
    pub(crate) key_id: KeyId,
    pub(crate) kind: RecordKind,
    pub(crate) generation: Generation,
    pub(crate) tenant: TenantName,
}

/// A file whose header was read. Nothing in it is trusted before `open`.
#[derive(Debug)]
pub(crate) struct SealedFile {
    pub(crate) header: Header,
    version: u16,
    nonce: [u8; NONCE],
    head: Vec<u8>,
    ciphertext: Vec<u8>,
}

/// Seals a payload into the bytes of a file.
pub(crate) fn seal(
    header: &Header,
    name: &RecordName,
    master: &MasterKey,
    payload: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>, Trouble> {
    seal_as(FORMAT_VERSION, header, name, master, payload)
}

fn seal_as(
    version: u16,
    header: &Header,
    name: &RecordName,
    master: &MasterKey,
    mut payload: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>, Trouble> {
    let nonce: [u8; NONCE] = random::bytes()?;
    let mut file = head(version, header, &nonce);
    // The ciphertext takes the place of the plaintext; room for the tag, so that nothing is moved and left behind.
    payload.reserve_exact(TAG);
    cipher(version, master, name)?
        .encrypt_in_place(
            &XNonce::from(nonce),
            &associated(&file, name),
            &mut *payload,
        )
        .map_err(|_| Trouble::Host("the record is too large to seal".into()))?;
    file.extend_from_slice(&payload);
    Ok(file)
}

impl SealedFile {
    /// Reads the header of a file.
    pub(crate) fn parse(mut file: Vec<u8>) -> Result<Self, Trouble> {
        let mut reader = Reader(&file);
        if reader.array::<8>()? != *MAGIC {
            return Err(Trouble::Damaged("it is no sealed record"));
        }
        let found = u16::from_be_bytes(reader.array()?);
        if found > FORMAT_VERSION {
            return Err(Trouble::Newer {
                found,
                known: FORMAT_VERSION,
            });
        }
        if found < OLDEST_VERSION {
            return Err(Trouble::Damaged("it has an unknown format"));
        }
        let key_store = KeyStoreId::from_code(reader.byte()?)
            .ok_or(Trouble::Damaged("it names an unknown key store"))?;
        let key_id = KeyId(reader.array()?);
        let kind =
            kind_of(reader.byte()?).ok_or(Trouble::Damaged("it names an unknown record kind"))?;
        let generation = Generation(reader.array()?);
        let nonce = reader.array()?;
        let length = usize::from(reader.byte()?);
        let tenant = std::str::from_utf8(reader.take(length)?)
            .ok()
            .and_then(|text| TenantName::parse(text).ok())
            .ok_or(Trouble::Damaged("it names no tenant"))?;

        let rest = reader.0.len();
        let ciphertext = file.split_off(file.len() - rest);
        Ok(Self {
            header: Header {
                key_store,
                key_id,
                kind,
                generation,
                tenant,
            },
            version: found,
            nonce,
            head: file,
            ciphertext,
        })
    }

    /// The file as it would be written with what was read.
    pub(crate) fn rewritten(&self) -> Vec<u8> {
        let mut file = head(self.version, &self.header, &self.nonce);
        file.extend_from_slice(&self.ciphertext);
        file
    }

    /// Opens the file. The caller compares the label in the payload with the name.
    pub(crate) fn open(
        self,
        name: &RecordName,
        master: &MasterKey,
    ) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let mut payload = Zeroizing::new(self.ciphertext);
        cipher(self.version, master, name)?
            .decrypt_in_place(
                &XNonce::from(self.nonce),
                &associated(&self.head, name),
                &mut *payload,
            )
            .map_err(|_| Trouble::Damaged("its seal is broken"))?;
        Ok(payload)
    }
}

fn head(version: u16, header: &Header, nonce: &[u8; NONCE]) -> Vec<u8> {
    let tenant = header.tenant.as_str().as_bytes();
    let mut head = Vec::new();
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&version.to_be_bytes());
    head.push(header.key_store.code());
    head.extend_from_slice(&header.key_id.0);
    head.push(code_of(header.kind));
    head.extend_from_slice(&header.generation.0);
    head.extend_from_slice(nonce);
    // A tenant name has at most 64 characters (`limits::NAME_CHARS`).
    head.push(u8::try_from(tenant.len()).unwrap_or(u8::MAX));
    head.extend_from_slice(tenant);
    head
}

fn associated(head: &[u8], name: &RecordName) -> Vec<u8> {
    [head, &name.0].concat()
}

fn cipher(
    version: u16,
    master: &MasterKey,
    name: &RecordName,
) -> Result<XChaCha20Poly1305, Trouble> {
    let mut key = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(None, master.bytes())
        .expand_multi_info(
            &[b"vestibule record key", &version.to_be_bytes(), &name.0],
            key.as_mut_slice(),
        )
        .map_err(|_| Trouble::Host("a record key could not be derived".into()))?;
    XChaCha20Poly1305::new_from_slice(key.as_slice())
        .map_err(|_| Trouble::Host("a record key has the wrong length".into()))
}

const fn code_of(kind: RecordKind) -> u8 {
    match kind {
        RecordKind::Grant => 1,
        RecordKind::Registration => 2,
        RecordKind::Derived => 3,
        RecordKind::Setting => 4,
    }
}

fn kind_of(code: u8) -> Option<RecordKind> {
    [
        RecordKind::Grant,
        RecordKind::Registration,
        RecordKind::Derived,
        RecordKind::Setting,
    ]
    .into_iter()
    .find(|kind| code_of(*kind) == code)
}

/// Takes bytes from the front, or finds the file cut short.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Trouble> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(Trouble::Damaged("it is cut short"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Trouble> {
        let (taken, rest) = self
            .0
            .split_first_chunk()
            .ok_or(Trouble::Damaged("it is cut short"))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Trouble> {
        self.array::<1>().map(|[byte]| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_since_the_oldest_opens_and_none_as_another() {
        let header = Header {
            key_store: KeyStoreId::Memory,
            key_id: KeyId([1; 16]),
            kind: RecordKind::Grant,
            generation: Generation([2; 16]),
            tenant: TenantName::parse("corp").unwrap(),
        };
        let (name, master) = (RecordName([4; 32]), MasterKey::new(Zeroizing::new([3; 32])));
        let sealed = |version| {
            let payload = Zeroizing::new(b"payload".to_vec());
            seal_as(version, &header, &name, &master, payload).unwrap()
        };
        for version in OLDEST_VERSION..=FORMAT_VERSION {
            let file = sealed(version);
            let opened = SealedFile::parse(file.clone()).unwrap();
            assert_eq!(opened.rewritten(), file);
            assert_eq!(*opened.open(&name, &master).unwrap(), b"payload");
            let mut relabelled = file;
            let other = FORMAT_VERSION + OLDEST_VERSION - version;
            relabelled.splice(8..10, other.to_be_bytes());
            let opened = SealedFile::parse(relabelled).unwrap().open(&name, &master);
            assert!(matches!(opened, Err(Trouble::Damaged(_))));
        }
        for version in [0, FORMAT_VERSION + 1] {
            assert!(SealedFile::parse(sealed(version)).is_err());
        }
    }
}
