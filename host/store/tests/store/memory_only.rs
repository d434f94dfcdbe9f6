//! No usable key store but memory (LOC-06).

use std::sync::Arc;

use vestibule_store::{
    KeyStoreId, KeyStores, Memory, Preference, SecretService, SessionBus, StateDir, Store,
};

use crate::samples::{
    MARKER, NOW, Place, all_bytes, holds, label, lock, places, put, record, sealed_files, tenant,
    token,
};

fn memory_only(place: &Place) -> Store {
    let stores = KeyStores::from_list(vec![
        Arc::new(SecretService::new(&SessionBus::default())),
        Arc::new(Memory::default()),
    ]);
    Store::open(
        StateDir::open(&places(&place.state())).unwrap(),
        stores,
        NOW,
    )
    .unwrap()
}

#[test]
fn without_a_key_store_nothing_is_written_and_the_reason_is_said() {
    let place = Place::new();
    let store = memory_only(&place);
    let chosen = store.choose(Preference::Best).unwrap();
    assert_eq!(chosen.store, KeyStoreId::Memory);
    assert!(
        chosen
            .lifetime
            .sentence()
            .contains("ends with this command")
    );
    assert!(chosen.passed_over[0].to_string().contains("no session bus"));

    let alice = label("corp", "alice");
    let guard = lock(&store, &alice);
    store
        .put(&guard, &record(&alice, MARKER), chosen.store)
        .unwrap();
    assert_eq!(token(&store.load(&alice).unwrap().unwrap().record), MARKER);
    assert_eq!(store.load_tenant(&tenant("corp")).unwrap().held.len(), 1);

    assert!(sealed_files(&place, "corp").is_empty());
    assert!(!holds(&all_bytes(&place.state()), MARKER));
    assert!(memory_only(&place).load(&alice).unwrap().is_none());

    assert!(store.remove(&guard, &alice).unwrap());
    assert!(store.load(&alice).unwrap().is_none());
}

#[test]
fn a_record_of_a_key_store_that_is_out_of_reach_is_kept_for_later() {
    let place = Place::new();
    let alice = label("corp", "alice");
    put(&place.open(), &alice, "token");
    let trouble = memory_only(&place).load(&alice).unwrap_err();
    assert!(!trouble.is_final(), "{trouble:?}");
    assert_eq!(
        vestibule_core::Error::from(trouble).code(),
        "store.key_store"
    );
    assert!(place.open().load(&alice).unwrap().is_some());
}
