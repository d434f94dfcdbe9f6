//! Fills the audit log of a state directory, as the program would in years: `fill-audit-log STATE RECORDS`.
//!
//! The records are those of one person: tokens, some of them renewed, and a sign-in now and then. With `forget` in place of a number, the
//! key that was drawn for it is taken out of the kernel's keyring again.
#![allow(clippy::disallowed_methods, reason = "a helper of the tests")]

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use vestibule_audit::{
    By, Durability, Entry, Event, Folder, Key, Keys, Locked, Log, Outcome, Principal,
};
use vestibule_core::{Error, Result};
use vestibule_store::{KernelKeyring, KeyStoreId, KeyStores, Places, StateDir, Store};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [state, what] = arguments.as_slice() else {
        return ExitCode::from(2);
    };
    let filled = match what.as_str() {
        "forget" => {
            store(Path::new(state)).and_then(|store| store.forget_key(KeyStoreId::KernelKeyring))
        }
        number => match number.parse() {
            Ok(number) => fill(Path::new(state), number),
            Err(_) => return ExitCode::from(2),
        },
    };
    match filled {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn store(state: &Path) -> Result<Store> {
    let places = Places {
        vestibule_state_dir: Some(state.to_owned()),
        ..Places::default()
    };
    let key_stores = KeyStores::from_list(vec![Arc::new(KernelKeyring)]);
    Store::open(StateDir::open(&places)?, key_stores, 1_700_000_000)
}

fn fill(state: &Path, records: u64) -> Result<()> {
    let store = store(state)?;
    // Made as the program makes it.
    drop(store.audit_folder()?);
    let bytes = store
        .audit_key_or_new(KeyStoreId::KernelKeyring)?
        .ok_or_else(|| Error::host("fill.key", "there is no key"))?;
    let key = Key::new(KeyStoreId::KernelKeyring.word(), bytes);
    let (folder, keys) = (Plain(state.join("audit")), One(key));
    let log = Log::new(&folder, &keys).keeping(u64::MAX);
    for at in 0..records {
        log.append(1_600_000_000 + at * 60, &entry(at), Durability::Quick)?;
    }
    Ok(())
}

/// What a person does: a sign-in in a thousand records, a renewal in each hour.
fn entry(at: u64) -> Entry {
    let event = match at {
        _ if at.is_multiple_of(1_000) => Event::Issuance,
        _ if at.is_multiple_of(60) => Event::Refresh,
        _ => Event::Release,
    };
    let text = |text: &str| Some(text.to_owned());
    Entry {
        tenant: text("work"),
        method: text("browser"),
        principal: Some(Principal::Person),
        by: Some(By::Host),
        issuer: text("https://login.example.com/tenants/0f8fad5b"),
        client: text("0oa1b2c3d4e5f6g7h8i9"),
        subject: text("00u1a2b3c4d5e6f7g8h9"),
        device: text(&"d".repeat(32)),
        session: Some(format!("{:032x}", at / 1_000)),
        plugin: text("oidc"),
        plugin_version: text("0.1.0"),
        plugin_digest: Some(format!("sha256:{}", "0".repeat(64))),
        scopes_granted: Some(
            ["openid", "profile", "offline_access"]
                .map(str::to_owned)
                .into(),
        ),
        audience: Some(vec!["0oa1b2c3d4e5f6g7h8i9".to_owned()]),
        acr: text("urn:okta:loa:2fa:any"),
        auth_time: Some(1_600_000_000),
        token_ids: BTreeMap::from([("access_token".to_owned(), format!("{at:032x}"))]),
        ..Entry::new(event, Outcome::Done)
    }
}

/// One key, which is there.
struct One(Key);

impl Keys for One {
    fn find(&self, _keeper: &str, _id: &str) -> Result<Option<Key>> {
        Ok(Some(self.0.clone()))
    }

    fn current(&self) -> Result<Key> {
        Ok(self.0.clone())
    }

    fn all(&self) -> Vec<Key> {
        vec![self.0.clone()]
    }
}

/// A folder that nobody else looks at meanwhile.
struct Plain(PathBuf);

struct Unlocked;

impl Locked for Unlocked {}

fn io<T>(result: std::io::Result<T>) -> Result<T> {
    result.map_err(|problem| Error::host("fill.io", problem.to_string()))
}

impl Folder for Plain {
    fn lock(&self) -> Result<Box<dyn Locked + '_>> {
        Ok(Box::new(Unlocked))
    }

    fn open(&self, name: &str) -> Result<Option<File>> {
        Ok(File::open(self.0.join(name)).ok())
    }

    fn open_or_create(&self, name: &str) -> Result<File> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        io(options.open(self.0.join(name)))
    }

    fn replace(&self, name: &str, bytes: &[u8], _durability: Durability) -> Result<()> {
        let file = self.open_or_create(name)?;
        io(file.set_len(0))?;
        io(std::io::Write::write_all(&mut &file, bytes))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        io(fs::rename(self.0.join(from), self.0.join(to)))
    }

    fn remove(&self, name: &str) -> Result<()> {
        io(fs::remove_file(self.0.join(name)))
    }

    fn boot(&self) -> Option<String> {
        None
    }

    fn names(&self) -> Result<Vec<String>> {
        let entries = io(fs::read_dir(&self.0))?;
        Ok(entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect())
    }
}
