//! SHA-2 (FIPS 180-4), also of secrets: by the library that erases what it worked with, so that no piece of what was hashed stays behind
//! on the stack.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};

/// SHA-256.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    let mut hash = [0; 32];
    // Both have 32 bytes.
    for (to, from) in hash.iter_mut().zip(of(&SHA256, bytes)) {
        *to = from;
    }
    hash
}

/// SHA-384.
pub(crate) fn sha384(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    of(&SHA384, bytes)
}

/// SHA-512.
pub(crate) fn sha512(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    of(&SHA512, bytes)
}

fn of(algorithm: &'static Algorithm, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    digest(algorithm, bytes.as_ref()).as_ref().to_vec()
}
