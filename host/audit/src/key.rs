//! The key of the log, and who holds it.

use std::fmt;

use vestibule_core::Result;
use zeroize::Zeroizing;

use crate::code;

/// The keeper of no key: what is written so can be read, and never verified.
pub const UNKEYED: &str = "none";

/// The key of the log. Erased when dropped.
#[derive(Clone)]
pub struct Key {
    keeper: String,
    id: String,
    bytes: Zeroizing<[u8; 32]>,
}

impl Key {
    /// A key that this keeper holds, under the name that it is found by again.
    #[must_use]
    pub fn new(keeper: &str, bytes: Zeroizing<[u8; 32]>) -> Self {
        let mut id = code::of(&bytes, b"vestibule audit key id 1", b"");
        id.truncate(16);
        Self {
            keeper: keeper.to_owned(),
            id,
            bytes,
        }
    }

    /// No key, where no key store outlives the process. The chain is there, and anybody could have made it.
    #[must_use]
    pub fn none() -> Self {
        Self {
            keeper: UNKEYED.to_owned(),
            id: UNKEYED.to_owned(),
            bytes: Zeroizing::new([0; 32]),
        }
    }

    /// Whether what is written under it can be verified later.
    #[must_use]
    pub fn is_keyed(&self) -> bool {
        self.id != UNKEYED
    }

    /// Who holds it.
    #[must_use]
    pub fn keeper(&self) -> &str {
        &self.keeper
    }

    /// What tells it from another one. One-way.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn code(&self, purpose: &[u8], bytes: &[u8]) -> String {
        code::of(&self.bytes, purpose, bytes)
    }

    pub(crate) fn verifies(&self, purpose: &[u8], bytes: &[u8], code: &str) -> bool {
        code::verifies(&self.bytes, purpose, bytes, code)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, {})", self.keeper, self.id)
    }
}

/// Where keys come from.
pub trait Keys {
    /// The key that this keeper holds now, which should have this id; none if it has none any more.
    ///
    /// # Errors
    /// If the keeper cannot be asked. It may again.
    fn find(&self, keeper: &str, id: &str) -> Result<Option<Key>>;

    /// The key for what is new, drawn if there is none. [`Key::none`] where nobody can hold one.
    ///
    /// # Errors
    /// If it cannot be had.
    fn current(&self) -> Result<Key>;

    /// Every key that can be had now, to verify with.
    fn all(&self) -> Vec<Key>;
}
