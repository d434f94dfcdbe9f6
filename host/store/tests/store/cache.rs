//! The authenticated cache (DISC-10).

use std::path::PathBuf;
use std::time::Duration;

use vestibule_store::{CacheKind, KeyStoreId};

use crate::samples::{NOW, Place};

const ISSUER: &str = "https://idp.example";
const HOUR: Duration = Duration::from_secs(3_600);
const KERNEL: KeyStoreId = KeyStoreId::KernelKeyring;

fn only_file(place: &Place) -> PathBuf {
    let mut files: Vec<PathBuf> = std::fs::read_dir(place.state().join("cache"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[test]
fn an_entry_comes_back_to_another_process_until_it_is_too_old() {
    let place = Place::new();
    place
        .open()
        .cache_put(CacheKind::Metadata, ISSUER, b"{}", NOW, KERNEL)
        .unwrap();
    let get = |now| {
        place
            .open()
            .cache_get(CacheKind::Metadata, ISSUER, now, HOUR)
            .unwrap()
    };
    assert_eq!(get(NOW).unwrap().bytes, b"{}");
    assert_eq!(get(NOW + 3_600).unwrap().stored_at, NOW);
    assert_eq!(get(NOW + 3_601), None);
    assert_eq!(get(NOW - 3_600), None, "an entry from the future");
}

#[test]
fn an_edited_exchanged_or_foreign_entry_is_as_good_as_none() {
    let place = Place::new();
    let store = place.open();
    store
        .cache_put(CacheKind::Metadata, ISSUER, b"{\"a\":1}", NOW, KERNEL)
        .unwrap();
    let file = only_file(&place);
    let original = std::fs::read(&file).unwrap();
    let get = |kind, key| store.cache_get(kind, key, NOW, HOUR).unwrap();
    for bit in 0..original.len() * 8 {
        let mut edited = original.clone();
        edited[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&file, edited).unwrap();
        assert_eq!(get(CacheKind::Metadata, ISSUER), None, "bit {bit}");
    }
    for length in 0..original.len() {
        std::fs::write(&file, &original[..length]).unwrap();
        assert_eq!(get(CacheKind::Metadata, ISSUER), None, "cut to {length}");
    }
    std::fs::write(&file, &original).unwrap();
    assert!(get(CacheKind::Metadata, ISSUER).is_some());

    // Under the name of another issuer, or as another kind.
    for (kind, key) in [
        (CacheKind::Metadata, "https://evil.example"),
        (CacheKind::Jwks, ISSUER),
    ] {
        store.cache_put(kind, key, b"x", NOW, KERNEL).unwrap();
        for entry in std::fs::read_dir(place.state().join("cache")).unwrap() {
            std::fs::write(entry.unwrap().path(), &original).unwrap();
        }
        assert_eq!(get(kind, key), None);
        assert!(get(CacheKind::Metadata, ISSUER).is_some());
    }
}
