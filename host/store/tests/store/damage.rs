//! Files that are not what was sealed.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use vestibule_core::Kind;
use vestibule_core::record::{Label, Namespace, RecordKind};
use vestibule_store::{Store, Trouble};

use crate::samples::{
    MARKER, Place, all_bytes, holds, label, lock, put, record, sealed_files, set_aside_files,
    tenant, token,
};

/// Replaces a file as somebody else would: whole, and private.
fn overwrite(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(bytes).unwrap();
}

/// Demands that this content in place of Alice's record is found damaged, is set aside, and harms neither Bob nor herself.
fn assert_detected(place: &Place, store: &Store, original: &[u8], bytes: &[u8], what: &str) {
    let alice = label("corp", "alice");
    let file = &sealed_files(place, "corp")[0];
    overwrite(file, bytes);
    match store.load(&alice) {
        Err(Trouble::Damaged(_) | Trouble::KeyLost(_)) => {
            assert_eq!(set_aside_files(place, "corp").len(), 1, "{what}");
            assert!(store.load(&alice).unwrap().is_none(), "{what}");
            std::fs::remove_file(&set_aside_files(place, "corp")[0]).unwrap();
        }
        Err(Trouble::Newer { .. } | Trouble::KeyUnavailable(_)) => {
            // Says that it is of another release, or of a key store that is not here: refused, and left where it is.
            assert_eq!(std::fs::read(file).unwrap(), bytes, "{what}");
        }
        other => panic!("{what}: {other:?}"),
    }
    let bob = store.load_tenant(&tenant("other")).unwrap();
    assert_eq!(token(&bob.held[0].record), "bobs-token", "{what}");
    overwrite(file, original);
}

fn two_tenants() -> (Place, Store, Vec<u8>) {
    let place = Place::new();
    let store = place.open();
    put(&store, &label("corp", "alice"), "alices-token");
    put(&store, &label("other", "bob"), "bobs-token");
    let original = std::fs::read(&sealed_files(&place, "corp")[0]).unwrap();
    (place, store, original)
}

// proves: CRASH-06
#[test]
fn a_record_that_is_cut_short_flipped_or_foreign_is_set_aside_and_harms_no_other() {
    let (place, store, original) = two_tenants();
    for length in 0..original.len() {
        let what = format!("cut to {length}");
        assert_detected(&place, &store, &original, &original[..length], &what);
    }
    for index in 0..original.len() {
        let mut flipped = original.clone();
        flipped[index] ^= 1 << (index % 8);
        let what = format!("bit of byte {index}");
        assert_detected(&place, &store, &original, &flipped, &what);
    }
    let mut longer = original.clone();
    longer.push(0);
    assert_detected(&place, &store, &original, &longer, "one byte more");
    let huge = vec![0; 2 << 20];
    assert_detected(&place, &store, &original, &huge, "too large");

    // Foreign data, with and without our own beginning.
    TestRunner::new(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })
    .run(
        &(
            prop::collection::vec(any::<u8>(), 0..600),
            0..original.len(),
        ),
        |(foreign, kept)| {
            let bytes = [&original[..kept], &foreign].concat();
            if bytes != original {
                assert_detected(&place, &store, &original, &bytes, "foreign");
            }
            Ok(())
        },
    )
    .unwrap();

    // After all this, what was right is right again.
    let alice = store.load(&label("corp", "alice")).unwrap().unwrap();
    assert_eq!(token(&alice.record), "alices-token");
}

#[test]
fn damage_within_a_tenant_leaves_its_other_records_and_asks_for_a_login() {
    let place = Place::new();
    let store = place.open();
    put(&store, &label("corp", "alice"), "alices-token");
    let alices = sealed_files(&place, "corp")[0].clone();
    put(&store, &label("corp", "bob"), "bobs-token");
    overwrite(&alices, b"VSTBLREC");

    let mut records = store.load_tenant(&tenant("corp")).unwrap();
    assert_eq!(records.held.len(), 1);
    assert_eq!(token(&records.held[0].record), "bobs-token");
    let error = records.troubles.remove(0).about(&tenant("corp"));
    assert_eq!(error.kind(), Kind::LoginRequired);
    assert_eq!(error.exit_code(), 2);
    assert_eq!(set_aside_files(&place, "corp").len(), 1);

    // Signing in again works, and signing out takes what was set aside along.
    put(&store, &label("corp", "alice"), "new-token");
    let alice = label("corp", "alice");
    let guard = lock(&store, &alice);
    assert!(store.remove(&guard, &alice).unwrap());
    assert!(set_aside_files(&place, "corp").is_empty());
}

#[test]
fn a_file_on_which_another_process_is_at_work_is_not_moved_from_under_it() {
    let (place, store, original) = two_tenants();
    let file = &sealed_files(&place, "corp")[0];
    overwrite(file, &original[..20]);
    let worker = place.open();
    let _guard = lock(&worker, &label("corp", "alice"));
    assert!(matches!(
        store.load(&label("corp", "alice")),
        Err(Trouble::Damaged(_))
    ));
    assert!(file.exists());
}

/// Labels that differ from Alice's in one member each.
fn neighbours() -> Vec<Label> {
    let alice = label("corp", "alice");
    let with = |change: fn(&mut Label)| {
        let mut other = alice.clone();
        change(&mut other);
        other
    };
    vec![
        with(|l| l.tenant = tenant("other")),
        with(|l| l.issuer = "https://idp.example/".to_owned()),
        with(|l| l.client_id = "client2".to_owned()),
        with(|l| l.subject = "bob".to_owned()),
        with(|l| l.environment = "test".to_owned()),
        with(|l| l.namespace = Namespace::Workload),
        with(|l| l.environment = "workload".to_owned()),
        with(|l| l.kind = RecordKind::Registration),
        with(|l| {
            l.kind = RecordKind::Derived;
            l.derived_for = "role=admin".to_owned();
        }),
        // The same letters, divided otherwise.
        with(|l| {
            l.client_id = "clienta".to_owned();
            l.subject = "lice".to_owned();
        }),
        with(|l| {
            l.derived_for = "test".to_owned();
            l.environment = "test".to_owned();
        }),
    ]
}

// proves: LOC-04
#[test]
fn records_cannot_be_exchanged_relabelled_or_altered() {
    for other in neighbours() {
        let place = Place::new();
        let store = place.open();
        let alice = label("corp", "alice");
        put(&store, &alice, "alices-token");
        let alices_file = sealed_files(&place, "corp")[0].clone();
        put(&store, &other, "others-token");
        let others_file = sealed_files(&place, other.tenant.as_str())
            .into_iter()
            .find(|file| *file != alices_file)
            .unwrap();
        let alices = std::fs::read(&alices_file).unwrap();
        let others = std::fs::read(&others_file).unwrap();

        // Swap the two files.
        overwrite(&alices_file, &others);
        overwrite(&others_file, &alices);
        for swapped in [&alice, &other] {
            let found = store.load(swapped);
            assert!(matches!(found, Err(Trouble::Damaged(_))), "{found:?}");
        }

        // Swap the ciphertexts, each under the other one's header. Tenants of different length have headers of different length.
        let header = |label: &Label| 8 + 2 + 1 + 16 + 1 + 16 + 24 + 1 + label.tenant.as_str().len();
        let exchanged = [&alices[..header(&alice)], &others[header(&other)..]].concat();
        overwrite(&alices_file, &exchanged);
        let found = store.load(&alice);
        assert!(matches!(found, Err(Trouble::Damaged(_))), "{found:?}");
    }

    // Change what the header says, and the format version with it, in every bit.
    let (place, store, original) = two_tenants();
    let alice = label("corp", "alice");
    let file = sealed_files(&place, "corp")[0].clone();
    for bit in 0..original.len() * 8 {
        let mut altered = original.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        overwrite(&file, &altered);
        assert!(store.load(&alice).is_err(), "bit {bit}");
        for aside in set_aside_files(&place, "corp") {
            std::fs::remove_file(aside).unwrap();
        }
    }
}

#[test]
fn nothing_of_a_record_but_tenant_and_kind_stands_in_the_clear() {
    let place = Place::new();
    let store = place.open();
    put(&store, &label("corp", "alice-subject"), MARKER);
    let bytes = all_bytes(&place.state());
    for hidden in [
        MARKER,
        "alice-subject",
        "alice@example",
        "idp.example",
        "client",
    ] {
        assert!(!holds(&bytes, hidden), "{hidden}");
    }
    let names = format!("{:?}", sealed_files(&place, "corp"));
    assert!(!names.contains("alice"), "{names}");
}

#[test]
fn a_record_comes_back_as_it_was_with_twenty_kilobyte_tokens() {
    let place = Place::new();
    let store = place.open();
    let alice = label("corp", "alice");
    let large = "x".repeat(20_000);
    put(&store, &alice, &large);
    let held = place.open().load(&alice).unwrap().unwrap();
    let expected = record(&alice, &large);
    assert_eq!(held.record.label, expected.label);
    assert_eq!(held.record.facts, expected.facts);
    assert_eq!(
        held.record.part("refresh_token").unwrap().secret.expose(),
        expected.part("refresh_token").unwrap().secret.expose()
    );
    assert_eq!(token(&held.record), large);
}

#[test]
fn a_damaged_installation_id_is_reported_and_not_replaced() {
    let place = Place::new();
    drop(place.open());
    let file = place.state().join("installation");
    let original = std::fs::read(&file).unwrap();
    overwrite(&file, b"vestibule-installation 2 0011");
    let error = crate::samples::open(&place.state()).unwrap_err();
    assert_eq!(error.code(), "store.installation");
    assert_eq!(
        std::fs::read(&file).unwrap(),
        b"vestibule-installation 2 0011"
    );
    overwrite(&file, &original);
}
