//! Sealed files and what is in them: bytes that somebody may have put where the store looks.

use vestibule_core::TenantName;
use vestibule_store::fuzzing::{opened, payload_rewritten, rewritten, sealed};

/// A header that was read is written as the same bytes; nothing opens that was not sealed here, and what was sealed opens unless a
/// single bit of it has changed; a record that was read is written as itself.
pub fn run(bytes: &[u8]) -> bool {
    let header = rewritten(bytes);
    if let Ok(again) = &header {
        assert_eq!(again, bytes);
    }
    assert!(opened(bytes).is_err());
    let payload = payload_rewritten(bytes);
    if let Ok(once) = &payload {
        let twice = payload_rewritten(once).expect("what was written can be read");
        assert_eq!(*once, twice);
    }

    let mut file = sealed(TenantName::parse("work").unwrap(), bytes).expect("bytes can be sealed");
    assert_eq!(
        opened(&file)
            .expect("what was sealed can be opened")
            .as_slice(),
        bytes
    );
    let at = bytes.iter().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    let at = at % (8 * file.len());
    file[at / 8] ^= 1 << (at % 8);
    assert!(opened(&file).is_err(), "bit {at}");
    header.is_ok() || payload.is_ok()
}
