//! The stack: what functions that have returned left on it. The heap is erased where it is freed; here nobody frees.

use vestibule_core::limits::SPENT_STACK_BYTES;
use zeroize::Zeroize as _;

/// Erases the stack below the caller's frame, as deep as anything here goes. Callees that were compiled into the caller are not below it:
/// whoever calls this does nothing else with a secret.
#[inline(never)]
pub fn erase_below() {
    let mut spent = [0_u8; SPENT_STACK_BYTES];
    // The compiler cannot leave this out, as it could the line above.
    spent.zeroize();
}
