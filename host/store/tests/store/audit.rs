//! What the audit log has of the store.

use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use vestibule_core::record::RecordKind;
use vestibule_store::{
    KeyName, KeyStore, KeyStoreId, KeyStores, MasterKey, StateDir, Store, Unusable,
};

use crate::samples::{MARKER, NOW, Place, label, lock, places, record};

const KEYRING: KeyStoreId = KeyStoreId::KernelKeyring;

fn id(place: &Place, value: &str) -> String {
    let record = record(&label("corp", "ada"), value);
    let ids = place.open().token_ids(KEYRING, &record.parts).unwrap();
    ids["access_token"].clone()
}

#[test]
fn the_key_is_the_same_for_every_process_and_another_one_elsewhere() {
    let (here, there) = (Place::new(), Place::new());
    assert_eq!(
        here.open().audit_key(KEYRING).unwrap(),
        None,
        "none was drawn yet"
    );
    let key = here.open().audit_key_or_new(KEYRING).unwrap().unwrap();
    assert_eq!(here.open().audit_key(KEYRING).unwrap().as_ref(), Some(&key));
    assert_ne!(there.open().audit_key_or_new(KEYRING).unwrap(), Some(key));
    here.open().forget_key(KEYRING).unwrap();
    assert_eq!(here.open().audit_key(KEYRING).unwrap(), None);
}

#[test]
fn memory_that_ends_with_the_process_holds_no_key_of_the_log() {
    let store = Place::new().open();
    assert_eq!(store.audit_key_or_new(KeyStoreId::Memory).unwrap(), None);
    assert_eq!(store.audit_key(KeyStoreId::Memory).unwrap(), None);
}

#[test]
fn a_token_is_known_by_a_digest_that_takes_the_key() {
    let (here, there) = (Place::new(), Place::new());
    assert_eq!(id(&here, MARKER), id(&here, MARKER));
    assert_ne!(id(&here, MARKER), id(&here, "another"));
    assert_ne!(id(&here, MARKER), id(&there, MARKER), "another key");
    let before = id(&here, MARKER);
    here.open().forget_key(KEYRING).unwrap();
    assert_ne!(id(&here, MARKER), before, "another key");
}

#[test]
fn a_session_has_one_id_from_its_sign_in_to_its_end() {
    let store = Place::new().open();
    let grant = label("corp", "ada");
    let mut derived = label("corp", "ada");
    derived.kind = RecordKind::Derived;
    derived.derived_for = "role=3:dev".to_owned();
    assert_eq!(store.session_id(&grant, 7), store.session_id(&derived, 7));
    assert_ne!(store.session_id(&grant, 7), store.session_id(&grant, 8));
    assert_ne!(
        store.session_id(&grant, 7),
        store.session_id(&label("corp", "eve"), 7)
    );
    assert_ne!(
        store.session_id(&grant, 7),
        Place::new().open().session_id(&grant, 7)
    );
    assert_eq!(store.device_id(), store.device_id());
    assert_ne!(store.device_id(), Place::new().open().device_id());
}

#[test]
fn the_folder_is_private_and_nothing_leads_out_of_it() {
    let place = Place::new();
    let store = place.open();
    let folder = store.audit_folder().unwrap();
    folder.replace("head", b"one").unwrap();
    folder.replace_quickly("head", b"two").unwrap();
    folder
        .open_or_create("log")
        .unwrap()
        .write_all(b"x")
        .unwrap();
    let path = place.state().join("audit");
    let mode = |name: &str| {
        let found = std::fs::metadata(path.join(name)).unwrap();
        found.permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("head"), mode("log")), (0o700, 0o600, 0o600));
    assert_eq!(std::fs::read(path.join("head")).unwrap(), b"two");

    let elsewhere = place.home().join("elsewhere");
    std::fs::write(&elsewhere, "foreign").unwrap();
    symlink(&elsewhere, path.join("link")).unwrap();
    std::fs::hard_link(path.join("log"), path.join("second")).unwrap();
    std::fs::set_permissions(path.join("head"), PermissionsExt::from_mode(0o644)).unwrap();
    for name in ["link", "second", "log", "head"] {
        for error in [folder.open(name).err(), folder.open_or_create(name).err()] {
            assert_eq!(error.unwrap().code(), "store.not_private", "{name}");
        }
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(
        store.audit_folder().unwrap_err().code(),
        "store.not_private"
    );
    assert_eq!(std::fs::read(elsewhere).unwrap(), b"foreign");
}

/// A key store that counts how often it is asked for a key.
#[derive(Default)]
struct Slow {
    key: Mutex<Option<MasterKey>>,
    asked: AtomicUsize,
}

impl KeyStore for Slow {
    fn id(&self) -> KeyStoreId {
        KeyStoreId::SecretService
    }
    fn probe(&self) -> Result<(), Unusable> {
        Ok(())
    }
    fn find(&self, _: &KeyName) -> Result<Option<MasterKey>, Unusable> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.key.lock().unwrap().clone())
    }
    fn keep(&self, _: &KeyName, key: &MasterKey) -> Result<(), Unusable> {
        *self.key.lock().unwrap() = Some(key.clone());
        Ok(())
    }
    fn forget(&self, _: &KeyName) -> Result<(), Unusable> {
        *self.key.lock().unwrap() = None;
        Ok(())
    }
}

#[test]
fn a_key_store_that_has_opened_a_record_is_not_asked_again_for_the_log() {
    const SLOW: KeyStoreId = KeyStoreId::SecretService;
    let (place, slow) = (Place::new(), Arc::new(Slow::default()));
    let open = || {
        let key_stores = KeyStores::from_list(vec![Arc::clone(&slow) as Arc<dyn KeyStore>]);
        Store::open(
            StateDir::open(&places(&place.state())).unwrap(),
            key_stores,
            NOW,
        )
        .unwrap()
    };
    let label = label("corp", "ada");
    let store = open();
    let guard = lock(&store, &label);
    store.put(&guard, &record(&label, MARKER), SLOW).unwrap();
    assert_eq!(store.recent_audit_key(SLOW), None, "none was opened");

    let store = open();
    let held = store.load_tenant(&label.tenant).unwrap().held.remove(0);
    let asked = slow.asked.load(Ordering::SeqCst);
    let ids = store.token_ids(SLOW, &held.record.parts).unwrap();
    let key = store.recent_audit_key(SLOW);
    assert_eq!(slow.asked.load(Ordering::SeqCst), asked);
    // They are what the key store would have said.
    assert_eq!(open().token_ids(SLOW, &held.record.parts).unwrap(), ids);
    assert_eq!(open().audit_key(SLOW).unwrap(), key);
    assert!(key.is_some());

    store.forget_key(SLOW).unwrap();
    assert_eq!(store.recent_audit_key(SLOW), None);
}
