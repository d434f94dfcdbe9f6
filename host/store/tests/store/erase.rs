//! Erasing all of a tenant.

use vestibule_store::{CacheKind, KeyStoreId};

use crate::samples::{
    NOW, Place, label, lock, put, record, sealed_files, set_aside_files, tenant, token,
};

#[tokio::test]
async fn erasing_a_tenant_leaves_nothing_of_it_and_all_of_others() {
    let place = Place::new();
    let store = place.open();
    for subject in ["alice", "bob"] {
        put(&store, &label("corp", subject), "a-token");
    }
    put(&store, &label("other", "carol"), "carols-token");
    // One is set aside, one is of a later release, and one was never finished.
    let files = sealed_files(&place, "corp");
    std::fs::write(&files[0], b"VSTBLREC").unwrap();
    assert_eq!(
        store.load_tenant(&tenant("corp")).unwrap().troubles.len(),
        1
    );
    assert_eq!(set_aside_files(&place, "corp").len(), 1);
    let mut later = std::fs::read(&files[1]).unwrap();
    later[8] = 0xff;
    std::fs::write(&files[1], later).unwrap();
    let unfinished = format!("{}.tmp", files[0].display());
    std::fs::write(unfinished, b"half").unwrap();
    // And one is kept in memory.
    let in_memory = label("corp", "dora");
    let guard = lock(&store, &in_memory);
    store
        .put(
            &guard,
            &record(&in_memory, "doras-token"),
            KeyStoreId::Memory,
        )
        .unwrap();
    drop(guard);

    let erased = store.erase_tenant(&tenant("corp"), || {}).await.unwrap();
    assert_eq!(erased, 3);
    assert!(!place.state().join("grants/corp").exists());
    let left = store.load_tenant(&tenant("corp")).unwrap();
    assert!(left.held.is_empty() && left.troubles.is_empty());
    assert_eq!(store.tenants().unwrap(), [tenant("other")]);
    let other = store.load_tenant(&tenant("other")).unwrap();
    assert_eq!(token(&other.held[0].record), "carols-token");
    assert_eq!(store.erase_tenant(&tenant("corp"), || {}).await.unwrap(), 0);
}

#[tokio::test]
async fn what_another_process_is_at_work_on_is_waited_for() {
    let place = Place::new();
    let store = place.open();
    let alice = label("corp", "alice");
    put(&store, &alice, "a-token");
    let guard = lock(&store, &alice);
    let told = std::sync::Mutex::new(Some(guard));
    // It lets go once it is known that somebody waits.
    let waiting = || drop(told.lock().unwrap().take());
    let erased = store.erase_tenant(&tenant("corp"), waiting).await.unwrap();
    assert_eq!(erased, 1);
    assert!(told.lock().unwrap().is_none(), "nobody waited");
}

#[test]
fn an_entry_that_was_forgotten_is_gone_from_disk_and_memory() {
    let place = Place::new();
    let store = place.open();
    let year = std::time::Duration::from_secs(365 * 86_400);
    for key_store in [KeyStoreId::KernelKeyring, KeyStoreId::Memory] {
        for key in ["corp", "other"] {
            store
                .cache_put(CacheKind::Method, key, b"device", NOW, key_store)
                .unwrap();
        }
        store.cache_remove(CacheKind::Method, "corp").unwrap();
        let get = |key| store.cache_get(CacheKind::Method, key, NOW, year).unwrap();
        assert_eq!(get("corp"), None);
        assert_eq!(get("other").unwrap().bytes, b"device");
        store.cache_remove(CacheKind::Method, "corp").unwrap();
    }
}
