//! What `vestibule token` asks of the store: open it, and load the records of one tenant.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use vestibule_core::record::{Facts, Label, Method, Part, Primary, Record, RecordKind};
use vestibule_core::{Secret, SecretKind, SecretName, TenantName};
use vestibule_store::{KernelKeyring, KeyStoreId, KeyStores, Places, StateDir, Store};

fn open(places: &Places) -> Store {
    let stores = KeyStores::from_list(vec![Arc::new(KernelKeyring)]);
    Store::open(StateDir::open(places).unwrap(), stores, 0).unwrap()
}

fn record() -> Record {
    Record {
        label: Label {
            kind: RecordKind::Grant,
            tenant: TenantName::parse("corp").unwrap(),
            issuer: "https://idp.example".to_owned(),
            environment: String::new(),
            client_id: "client".to_owned(),
            subject: "alice".to_owned(),
            derived_for: String::new(),
            namespace: vestibule_core::record::Namespace::Person,
        },
        facts: Facts {
            primary: Primary::Oauth,
            method: Method::Browser,
            account: None,
            scopes: Vec::new(),
            signed_in_at: 0,
            renewed_at: 0,
            expires_at: 0,
            ends_at: 0,
            plugin: String::new(),
            approval: String::new(),
            id_token: None,
            judged_by: None,
            client_id: None,
            actor: None,
        },
        parts: vec![Part {
            name: SecretName::parse("access_token").unwrap(),
            kind: SecretKind::AccessToken,
            secret: Secret::new("x".repeat(2_000)),
        }],
    }
}

fn load_one_record(criterion: &mut Criterion) {
    let home = tempfile::tempdir().unwrap();
    let places = Places {
        vestibule_state_dir: Some(home.path().join("state")),
        ..Places::default()
    };
    let store = open(&places);
    let record = record();
    let guard = store
        .try_lock(&store.lock_name(&record.label))
        .unwrap()
        .unwrap();
    store
        .put(&guard, &record, KeyStoreId::KernelKeyring)
        .unwrap();

    criterion.bench_function("open the store, load one record", |bencher| {
        bencher.iter(|| {
            let records = open(&places).load_tenant(&record.label.tenant).unwrap();
            black_box(records.held.len())
        });
    });
    store.forget_key(KeyStoreId::KernelKeyring).unwrap();
}

criterion_group!(benches, load_one_record);
criterion_main!(benches);
