//! A store in a directory of its own, and records to put into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vestibule_core::record::{Facts, Label, Method, Part, Primary, Record, RecordKind};
use vestibule_core::{Scope, Secret, SecretKind, SecretName, TenantName};
use vestibule_store::{
    Guard, KernelKeyring, KeyStoreId, KeyStores, Memory, Places, StateDir, Store,
};

/// The time at which all this happens.
pub(crate) const NOW: u64 = 1_800_000_000;

/// What no file may hold in the clear.
pub(crate) const MARKER: &str = "marker-4f9c2e71-secret";

/// A state directory that ends with the test, and so does its key.
pub(crate) struct Place {
    home: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    pub(crate) fn open(&self) -> Store {
        open(&self.state()).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(store) = open(&self.state()) {
            let _ = store.forget_key(KeyStoreId::KernelKeyring);
        }
    }
}

pub(crate) fn places(state: &Path) -> Places {
    Places {
        vestibule_state_dir: Some(state.to_owned()),
        ..Places::default()
    }
}

/// The store in this directory, with the kernel's keyring and memory.
pub(crate) fn open(state: &Path) -> vestibule_core::Result<Store> {
    let key_stores =
        KeyStores::from_list(vec![Arc::new(KernelKeyring), Arc::new(Memory::default())]);
    Store::open(StateDir::open(&places(state))?, key_stores, NOW)
}

pub(crate) fn tenant(name: &str) -> TenantName {
    TenantName::parse(name).unwrap()
}

pub(crate) fn label(tenant_name: &str, subject: &str) -> Label {
    Label {
        kind: RecordKind::Grant,
        tenant: tenant(tenant_name),
        issuer: "https://idp.example".to_owned(),
        environment: String::new(),
        client_id: "client".to_owned(),
        subject: subject.to_owned(),
        derived_for: String::new(),
        namespace: vestibule_core::record::Namespace::Person,
    }
}

pub(crate) fn record(label: &Label, token: &str) -> Record {
    let part = |name: &str, kind, value: String| Part {
        name: SecretName::parse(name).unwrap(),
        kind,
        secret: Secret::new(value),
    };
    Record {
        label: label.clone(),
        facts: Facts {
            primary: Primary::Oauth,
            method: Method::Browser,
            account: Some("alice@example".to_owned()),
            scopes: vec![Scope::parse("openid").unwrap()],
            signed_in_at: NOW,
            renewed_at: NOW,
            expires_at: NOW + 300,
            ends_at: NOW + 86_400,
            plugin: "sha256:00".to_owned(),
            approval: "sha256:11".to_owned(),
            id_token: None,
            judged_by: None,
            client_id: None,
            actor: None,
        },
        parts: vec![
            part("access_token", SecretKind::AccessToken, token.to_owned()),
            part(
                "refresh_token",
                SecretKind::RefreshToken,
                format!("{token}\"\\\u{e9}"),
            ),
        ],
    }
}

/// The value of a stored access token.
pub(crate) fn token(record: &Record) -> &str {
    record.part("access_token").unwrap().secret.expose()
}

pub(crate) fn lock(store: &Store, label: &Label) -> Guard {
    store.try_lock(&store.lock_name(label)).unwrap().unwrap()
}

/// Stores a record under its lock, in the kernel's keyring.
pub(crate) fn put(store: &Store, label: &Label, token: &str) {
    let guard = lock(store, label);
    store
        .put(&guard, &record(label, token), KeyStoreId::KernelKeyring)
        .unwrap();
}

/// The sealed files of a tenant.
pub(crate) fn sealed_files(place: &Place, tenant: &str) -> Vec<PathBuf> {
    files_ending(place, tenant, ".sealed")
}

/// The files of a tenant that were set aside.
pub(crate) fn set_aside_files(place: &Place, tenant: &str) -> Vec<PathBuf> {
    files_ending(place, tenant, &format!(".unreadable-{NOW}"))
}

fn files_ending(place: &Place, tenant: &str, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place.state().join("grants").join(tenant)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(end))
        .collect();
    files.sort();
    files
}

/// Every byte of every file below a directory.
pub(crate) fn all_bytes(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(all_bytes(&path));
        } else {
            bytes.extend(std::fs::read(&path).unwrap());
        }
    }
    bytes
}

pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}
