//! HMAC-SHA256 (RFC 2104) over lists of fields that cannot be read two ways.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// The authentication code of these fields in this order, for this purpose.
pub(crate) fn of<const N: usize>(key: &[u8; N], purpose: &[u8], fields: &[&[u8]]) -> [u8; 32] {
    keyed(key, purpose, fields).finalize().into_bytes().into()
}

/// Whether this is their code. Takes the same time for every wrong code.
pub(crate) fn verifies<const N: usize>(
    key: &[u8; N],
    purpose: &[u8],
    fields: &[&[u8]],
    code: &[u8],
) -> bool {
    keyed(key, purpose, fields).verify_slice(code).is_ok()
}

fn keyed<const N: usize>(key: &[u8; N], purpose: &[u8], fields: &[&[u8]]) -> Hmac<Sha256> {
    const { assert!(N <= 64, "a longer key would be cut") };
    // A key of the block's length needs no fallible constructor; padding with zeros is what HMAC itself does.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block);
    block.as_mut_slice().zeroize();

    mac.update(purpose);
    for field in fields {
        // Each field with its length, so that no two lists of fields read alike.
        mac.update(&(field.len() as u64).to_be_bytes());
        mac.update(field);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_into_each_other() {
        let key = [7; 32];
        assert_ne!(
            of(&key, b"p", &[b"ab", b"c"]),
            of(&key, b"p", &[b"a", b"bc"])
        );
        assert_ne!(of(&key, b"p", &[b"ab"]), of(&key, b"q", &[b"ab"]));
    }

    #[test]
    fn a_code_of_another_key_or_length_does_not_verify() {
        let code = of(&[7; 32], b"p", &[b"ab"]);
        assert!(verifies(&[7; 32], b"p", &[b"ab"], &code));
        assert!(!verifies(&[8; 32], b"p", &[b"ab"], &code));
        assert!(!verifies(&[7; 32], b"p", &[b"ab"], &code[..31]));
    }
}
