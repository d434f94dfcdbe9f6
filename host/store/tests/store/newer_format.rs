//! What a later release wrote (CRASH-10).

use vestibule_core::record::Namespace;
use vestibule_store::{FORMAT_VERSION, KeyStoreId, Trouble};

use crate::samples::{NOW, Place, label, lock, put, record, sealed_files, set_aside_files, tenant};

#[test]
fn an_older_program_neither_reads_nor_replaces_nor_removes_a_newer_record() {
    let place = Place::new();
    let store = place.open();
    let alice = label("corp", "alice");
    put(&store, &alice, "token");
    let loaded = store.load(&alice).unwrap().unwrap();
    let file = sealed_files(&place, "corp")[0].clone();
    let mut newer = std::fs::read(&file).unwrap();
    newer[8..10].copy_from_slice(&(FORMAT_VERSION + 1).to_be_bytes());
    newer.truncate(10); // whatever the later layout is
    std::fs::write(&file, &newer).unwrap();

    assert!(matches!(store.load(&alice), Err(Trouble::Newer { .. })));
    let records = store.load_tenant(&tenant("corp")).unwrap();
    assert!(matches!(records.troubles[..], [Trouble::Newer { .. }]));
    let guard = lock(&store, &alice);
    let renewed = record(&alice, "new");
    for error in [
        store
            .put(&guard, &renewed, KeyStoreId::KernelKeyring)
            .unwrap_err(),
        store.replace(&guard, &loaded, &renewed).unwrap_err(),
        store.remove(&guard, &alice).unwrap_err(),
    ] {
        assert_eq!(error.code(), "store.newer");
        assert!(error.next_step().unwrap().contains("newer release"));
    }
    assert_eq!(std::fs::read(&file).unwrap(), newer);
    assert!(set_aside_files(&place, "corp").is_empty());
}

/// The payload is the serialized form of types of another crate: a change there must raise the version here.
#[test]
fn the_payload_of_this_version_has_these_members() {
    let mut sample = record(&label("corp", "alice"), "token");
    sample.label.environment = "test".to_owned();
    sample.label.namespace = Namespace::Workload;
    sample.facts.actor = Some("another".to_owned());
    sample.facts.judged_by = Some("sha256:0".to_owned());
    let members = |value: &serde_json::Value| {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names.join(" ")
    };
    let facts = serde_json::to_value(&sample.facts).unwrap();
    assert_eq!(FORMAT_VERSION, 2, "a new version needs a new list");
    assert_eq!(
        members(&serde_json::to_value(&sample.label).unwrap()),
        "client_id derived_for environment issuer kind namespace subject tenant"
    );
    assert_eq!(
        members(&facts),
        "account actor approval client_id ends_at expires_at id_token judged_by method plugin primary renewed_at scopes signed_in_at"
    );
    assert_eq!(facts["signed_in_at"], NOW);
}
