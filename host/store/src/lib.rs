//! What outlives a process: sealed records, the keys that open them, and the locks that keep processes apart.
//!
//! A grant is one file, sealed under a key that only a key store of this machine and user holds (`format`). Files are reached
//! through one directory that was proven private when it was opened (`state_dir`), are replaced whole or not at all (`disk`),
//! and change only under a lock that the kernel releases (`lock`). This crate reads no environment and no clock: both come in
//! as values.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::disallowed_methods
    )
)]

mod audit;
mod cache;
mod disk;
mod erase;
mod format;
#[doc(hidden)]
pub mod fuzzing;
mod installation;
mod key_store;
mod lock;
mod mac;
mod memory_shelf;
mod payload;
mod private;
mod private_folder;
mod random;
mod record_name;
mod state_dir;
mod store;
mod trouble;

pub use cache::{CacheKind, Cached};
pub use format::{FORMAT_VERSION, Generation};
pub use key_store::choose::{Chosen, KeyStores, PassedOver, Preference};
pub use key_store::memory::Memory;
pub use key_store::{KeyName, KeyStore, KeyStoreId, Lifetime, MasterKey, SessionBus, Unusable};
#[cfg(target_os = "linux")]
pub use key_store::{kernel_keyring::KernelKeyring, secret_service::SecretService};
pub use lock::{Guard, LockName};
pub use private_folder::PrivateFolder;
pub use record_name::RecordName;
pub use state_dir::{Places, StateDir};
pub use store::{Held, Replaced, Store, TenantRecords};
pub use trouble::Trouble;
