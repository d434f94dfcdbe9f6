//! Signing out while others renew (CRASH-09).

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};

use vestibule_store::{Guard, KeyStoreId, Replaced, Store};

use crate::samples::{Place, label, lock, put, record, sealed_files, token};

fn wait_for_lock(store: &Store) -> Guard {
    let name = store.lock_name(&label("corp", "alice"));
    loop {
        if let Some(guard) = store.try_lock(&name).unwrap() {
            return guard;
        }
        std::thread::yield_now();
    }
}

#[test]
fn what_was_loaded_before_a_sign_out_or_another_sign_in_is_not_stored_afterwards() {
    let place = Place::new();
    let store = place.open();
    let alice = label("corp", "alice");
    put(&store, &alice, "first");
    let loaded = store.load(&alice).unwrap().unwrap();
    let renewed = record(&alice, "renewed");

    // Somebody signed in again.
    put(&store, &alice, "second");
    let guard = lock(&store, &alice);
    assert_eq!(
        store.replace(&guard, &loaded, &renewed).unwrap(),
        Replaced::Superseded
    );
    assert_eq!(
        token(&store.load(&alice).unwrap().unwrap().record),
        "second"
    );

    // Somebody signed out.
    let loaded = store.load(&alice).unwrap().unwrap();
    assert!(store.remove(&guard, &alice).unwrap());
    assert!(!store.remove(&guard, &alice).unwrap());
    assert_eq!(
        store.replace(&guard, &loaded, &renewed).unwrap(),
        Replaced::Superseded
    );
    assert!(store.load(&alice).unwrap().is_none());

    // Nobody did anything.
    put_under(&guard, &store, "third");
    let loaded = store.load(&alice).unwrap().unwrap();
    assert!(matches!(
        store.replace(&guard, &loaded, &renewed).unwrap(),
        Replaced::Stored(_)
    ));
    // And what was renewed once cannot be renewed from the same old copy again.
    assert_eq!(
        store.replace(&guard, &loaded, &renewed).unwrap(),
        Replaced::Superseded
    );
}

fn put_under(guard: &Guard, store: &Store, token: &str) {
    let alice = label("corp", "alice");
    store
        .put(guard, &record(&alice, token), KeyStoreId::KernelKeyring)
        .unwrap();
}

#[test]
fn a_record_is_changed_only_under_its_own_lock() {
    let place = Place::new();
    let store = place.open();
    let (alice, bob) = (label("corp", "alice"), label("corp", "bob"));
    let guard = lock(&store, &bob);
    let error = store
        .put(&guard, &record(&alice, "t"), KeyStoreId::KernelKeyring)
        .unwrap_err();
    assert_eq!(error.code(), "store.guard");
    assert!(store.remove(&guard, &alice).is_err());
}

#[test]
fn twenty_that_renew_never_bring_back_what_was_signed_out() {
    let place = Place::new();
    let alice = label("corp", "alice");
    for round in 0..50 {
        put(&place.open(), &alice, "token");
        let start = Barrier::new(21);
        let stored = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    // As one process each: its own store, its own open lock file. Loaded before the lock, on purpose.
                    let store = place.open();
                    let stale = store.load(&alice).unwrap();
                    start.wait();
                    let guard = wait_for_lock(&store);
                    if let Some(stale) = stale
                        && let Replaced::Stored(_) = store
                            .replace(&guard, &stale, &record(&alice, "renewed"))
                            .unwrap()
                    {
                        stored.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            scope.spawn(|| {
                let store = place.open();
                start.wait();
                let guard = wait_for_lock(&store);
                assert!(store.remove(&guard, &alice).unwrap());
            });
        });
        assert!(stored.load(Ordering::Relaxed) <= 1, "round {round}");
        assert!(sealed_files(&place, "corp").is_empty(), "round {round}");
        assert!(place.open().load(&alice).unwrap().is_none());
    }
}
