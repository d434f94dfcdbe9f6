//! Where the master key lives. It never stands in a file; the files that it opens never stand in a key store, so that large
//! tokens meet no size limit.

use std::fmt;
use std::path::PathBuf;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::random;
use crate::trouble::Trouble;

pub(crate) mod choose;
#[cfg(target_os = "linux")]
pub(crate) mod kernel_keyring;
pub(crate) mod memory;
#[cfg(target_os = "linux")]
pub(crate) mod secret_service;

/// A key store of this machine and user.
pub trait KeyStore: Send + Sync {
    /// Which one it is.
    fn id(&self) -> KeyStoreId;

    /// Whether it can hold a key now, without asking the person anything.
    fn probe(&self) -> Result<(), Unusable>;

    /// The key of this name; `None` if the key store works and has none.
    fn find(&self, name: &KeyName) -> Result<Option<MasterKey>, Unusable>;

    /// Keeps a key under this name, in place of an earlier one.
    fn keep(&self, name: &KeyName, key: &MasterKey) -> Result<(), Unusable>;

    /// Forgets the key of this name, if there is one: every record that it opens is unreadable from then on.
    fn forget(&self, name: &KeyName) -> Result<(), Unusable>;
}

/// What the environment says about the session's bus. The caller reads it; this crate does not.
#[derive(Clone, Debug, Default)]
pub struct SessionBus {
    /// `$DBUS_SESSION_BUS_ADDRESS`
    pub address: Option<String>,
    /// `$XDG_RUNTIME_DIR`, where the bus of a systemd user session is.
    pub runtime_dir: Option<PathBuf>,
}

/// The key stores there are. A record names the one that holds its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyStoreId {
    /// The Secret Service of a Linux desktop.
    SecretService,
    /// The user keyring of the Linux kernel.
    KernelKeyring,
    /// The memory of this process.
    Memory,
}

impl KeyStoreId {
    /// All of them, the longest-lasting first.
    pub const ALL: [Self; 3] = [Self::SecretService, Self::KernelKeyring, Self::Memory];

    /// Its name in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecretService => "the desktop's keyring (Secret Service)",
            Self::KernelKeyring => "the kernel's user keyring",
            Self::Memory => "the memory of the process that signed in",
        }
    }

    /// The word that stands in configuration and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SecretService => "secret-service",
            Self::KernelKeyring => "kernel-keyring",
            Self::Memory => "memory",
        }
    }

    /// How long what is sealed under its keys can be opened.
    #[must_use]
    pub const fn lifetime(self) -> Lifetime {
        match self {
            Self::SecretService => Lifetime::Lasting,
            Self::KernelKeyring => Lifetime::UntilReboot,
            Self::Memory => Lifetime::ThisProcess,
        }
    }

    /// Whether its keys are in hardware that does not give them away. None of today's is: whoever is this user and can ask it for the
    /// key gets the key.
    #[must_use]
    pub const fn is_hardware(self) -> bool {
        match self {
            Self::SecretService | Self::KernelKeyring | Self::Memory => false,
        }
    }

    /// What usually ends a key there: the first guess when one is gone.
    #[must_use]
    pub const fn how_keys_end(self) -> &'static str {
        match self {
            Self::SecretService => "it was deleted, or the store was copied from elsewhere",
            Self::KernelKeyring => {
                "the machine was restarted, or the store was copied from elsewhere"
            }
            Self::Memory => "that process has ended",
        }
    }

    /// The key store of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.word() == word)
    }

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::SecretService => 1,
            Self::KernelKeyring => 2,
            Self::Memory => 3,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.code() == code)
    }
}

/// How long a stored sign-in can last here, whatever the provider grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetime {
    /// Across restarts.
    Lasting,
    /// Until the machine restarts, or the user's last process ends.
    UntilReboot,
    /// As long as this process.
    ThisProcess,
}

impl Lifetime {
    /// The word that stands in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lasting => "across-restarts",
            Self::UntilReboot => "until-restart",
            Self::ThisProcess => "this-process",
        }
    }

    /// The same for a person, as the end of a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Lasting => "across restarts",
            Self::UntilReboot => "until this machine restarts",
            Self::ThisProcess => "as long as this process",
        }
    }

    /// The sentence for the person, said before the browser opens.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Lasting => "This sign-in is kept on this machine, also across restarts.",
            Self::UntilReboot => {
                "This sign-in is kept on this machine until it restarts, or until your last process on it ends."
            }
            Self::ThisProcess => {
                "This sign-in is kept in memory only and ends with this command: no key store of this machine can be used."
            }
        }
    }
}

/// The name of a master key: it holds the installation's id, so that two state directories never share one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// The name of the key of an installation, whose id is given in hexadecimal.
    pub(crate) fn of(installation: String) -> Self {
        Self(installation)
    }

    /// The installation's id.
    #[must_use]
    pub fn installation(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vestibule:{}", self.0)
    }
}

/// Why a key store cannot be used. Not the same as having no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be used: {reason}", store.as_str())]
pub struct Unusable {
    /// Which one.
    pub store: KeyStoreId,
    /// Why, in words for a person.
    pub reason: String,
    /// What to do, where there is something.
    pub hint: Option<&'static str>,
}

impl Unusable {
    /// Unusable for this reason.
    #[must_use]
    pub fn new(store: KeyStoreId, reason: impl Into<String>) -> Self {
        Self {
            store,
            reason: reason.into(),
            hint: None,
        }
    }
}

/// The key under which an installation's records are sealed. Erased when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Draws a new key.
    pub(crate) fn draw() -> Result<Self, Trouble> {
        let mut key = Zeroizing::new([0; 32]);
        random::fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// Takes in the bytes that a key store kept.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes, for a key store to keep and for the derivation of keys.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What tells this key from another one. Derived, so that it cannot be lost apart from the key, and one-way.
    pub(crate) fn id(&self) -> Result<KeyId, Trouble> {
        self.derive(b"vestibule key id").map(KeyId)
    }

    /// A key for another purpose.
    pub(crate) fn derive<const N: usize>(&self, purpose: &[u8]) -> Result<[u8; N], Trouble> {
        let mut derived = [0; N];
        Hkdf::<Sha256>::new(None, self.bytes())
            .expand(purpose, &mut derived)
            .map_err(|_| Trouble::Host("a key could not be derived".into()))?;
        Ok(derived)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What tells one master key from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyId(pub(crate) [u8; 16]);
