//! The user keyring of the Linux kernel (user-keyring(7)): no daemon, unswappable, gone with the machine's memory.
//!
//! A key of type "user" carries the permissions that the kernel gives it: everything to a process that *possesses* it, and only
//! the sight of its name to the rest of the user. A process possesses what its session keyring leads to. Usually the login set
//! that up; a service or a container may have a session keyring of its own. Such a process links the user keyring into its
//! thread's keyring and tries again: every process of the user may do that, so it takes no more rights than there were.

use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

use super::{KeyName, KeyStore, KeyStoreId, MasterKey, Unusable};

/// The user keyring (`@u`).
#[derive(Clone, Copy, Debug, Default)]
pub struct KernelKeyring;

impl KeyStore for KernelKeyring {
    fn id(&self) -> KeyStoreId {
        KeyStoreId::KernelKeyring
    }

    fn probe(&self) -> Result<(), Unusable> {
        // Looking for a key that is not there takes the same system calls as for one that is.
        self.find(&KeyName::of("probe".to_owned())).map(drop)
    }

    fn find(&self, name: &KeyName) -> Result<Option<MasterKey>, Unusable> {
        possessing(|| read(&search(name)?))
            .map(Some)
            .or_else(|error| {
                if is_gone(error) {
                    Ok(None)
                } else {
                    Err(unusable(error))
                }
            })
    }

    fn keep(&self, name: &KeyName, key: &MasterKey) -> Result<(), Unusable> {
        possessing(|| {
            user_keyring()?.add_key(&name.to_string(), key.bytes())?;
            // What cannot be read back here would be lost at once.
            read(&search(name)?)
        })
        .map(drop)
        .map_err(unusable)
    }

    fn forget(&self, name: &KeyName) -> Result<(), Unusable> {
        possessing(|| {
            let key = search(name)?;
            user_keyring()?.unlink_key(key)
        })
        .or_else(|error| {
            if is_gone(error) {
                Ok(())
            } else {
                Err(unusable(error))
            }
        })
    }
}

fn user_keyring() -> Result<KeyRing, KeyError> {
    KeyRing::from_special_id(KeyRingIdentifier::User, true)
}

fn search(name: &KeyName) -> Result<Key, KeyError> {
    user_keyring()?.search(&name.to_string())
}

fn read(key: &Key) -> Result<MasterKey, KeyError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    let length = key.read(&mut bytes.as_mut_slice())?;
    if length == bytes.len() {
        Ok(MasterKey::new(bytes))
    } else {
        // Somebody put another thing under our name: no key of ours.
        Err(KeyError::KeyDoesNotExist)
    }
}

/// Does it, and once more as a possessor of the user keyring if the kernel refuses.
fn possessing<T>(work: impl Fn() -> Result<T, KeyError>) -> Result<T, KeyError> {
    match work() {
        Err(KeyError::AccessDenied | KeyError::PermissionDenied) => {
            KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?
                .link_keyring_id(KeyRingIdentifier::User)?;
            work()
        }
        done => done,
    }
}

fn is_gone(error: KeyError) -> bool {
    matches!(
        error,
        KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked
    )
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the causes that a person can tell apart are named; the rest is the kernel's own word"
)]
fn unusable(error: KeyError) -> Unusable {
    let reason = match error {
        KeyError::PermissionDenied | KeyError::AccessDenied => {
            "the system calls are not permitted here, as in many containers".to_owned()
        }
        KeyError::OperationNotSupported => "this kernel has no keyrings".to_owned(),
        KeyError::Unknown(code) => {
            format!("{}", std::io::Error::from_raw_os_error(code))
        }
        KeyError::QuotaExceeded => {
            "your quota of kernel keys is used up (/proc/key-users)".to_owned()
        }
        other => format!("the kernel says: {other:?}"),
    };
    Unusable::new(KeyStoreId::KernelKeyring, reason)
}
