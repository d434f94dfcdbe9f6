//! A real Secret Service: gnome-keyring on a session bus of its own.

use std::sync::Arc;

use vestibule_store::{
    KernelKeyring, KeyStoreId, KeyStores, Memory, Preference, SecretService, SessionBus, StateDir,
    Store, Trouble,
};

use crate::again;
use crate::samples::{NOW, Place, label, lock, places, record, tenant, token};

/// A session bus with an unlocked keyring, and nothing of the real home. Needs the packages dbus and gnome-keyring.
const DESKTOP: [&str; 5] = [
    "dbus-run-session",
    "--",
    "sh",
    "-c",
    "export HOME=\"$VESTIBULE_STORE_TEST_INSIDE/home\" XDG_RUNTIME_DIR=\"$VESTIBULE_STORE_TEST_INSIDE\"; \
     unset XDG_DATA_HOME; mkdir -m 700 \"$HOME\"; \
     printf 'password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 9; \
     exec \"$0\" \"$@\"",
];

fn bus() -> SessionBus {
    SessionBus {
        address: Some(std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap()),
        runtime_dir: None,
    }
}

fn open(state: &std::path::Path) -> Store {
    Store::open(
        StateDir::open(&places(state)).unwrap(),
        KeyStores::of_this_machine(&bus()),
        NOW,
    )
    .unwrap()
}

fn call(words: &[&str]) {
    let done = std::process::Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
        ])
        .args(words)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn a_desktop_that_answers_keeps_the_key_until_it_is_locked() {
    let Some(home) = again::inside() else {
        let home = tempfile::tempdir().unwrap();
        again::run(
            &DESKTOP,
            "desktop_keyring::a_desktop_that_answers_keeps_the_key_until_it_is_locked",
            home.path().to_str().unwrap(),
        );
        return;
    };
    let state = std::path::Path::new(&home).join("state");
    let store = open(&state);
    let chosen = store.choose(Preference::Best).unwrap();
    assert_eq!(chosen.store, KeyStoreId::SecretService, "{chosen:?}");
    assert!(chosen.lifetime.sentence().contains("across restarts"));

    let alice = label("corp", "alice");
    let guard = lock(&store, &alice);
    store
        .put(&guard, &record(&alice, "token"), chosen.store)
        .unwrap();
    drop(guard);
    let held = open(&state).load(&alice).unwrap().unwrap();
    assert_eq!(token(&held.record), "token");
    assert_eq!(held.key_store, KeyStoreId::SecretService);

    // Also from within an asynchronous program.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let again = runtime.block_on(async { open(&state).load(&alice) });
    assert!(again.unwrap().is_some());

    // Locked: not lost. Nothing is asked, nothing is set aside, and something new goes elsewhere.
    call(&[
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
    ]);
    let trouble = store.load(&alice).unwrap_err();
    assert!(
        matches!(&trouble, Trouble::KeyUnavailable(why) if why.reason.contains("locked")),
        "{trouble:?}"
    );
    assert!(
        trouble
            .about(&tenant("corp"))
            .next_step()
            .unwrap()
            .contains("unlock")
    );
    assert_eq!(
        std::fs::read_dir(state.join("grants/corp"))
            .unwrap()
            .count(),
        1
    );
    let chosen = store.choose(Preference::Best).unwrap();
    assert_eq!(chosen.store, KeyStoreId::KernelKeyring);
    assert!(chosen.passed_over[0].reason.contains("locked"));
}

#[test]
fn a_key_that_the_desktop_forgot_is_lost() {
    let Some(home) = again::inside() else {
        let home = tempfile::tempdir().unwrap();
        again::run(
            &DESKTOP,
            "desktop_keyring::a_key_that_the_desktop_forgot_is_lost",
            home.path().to_str().unwrap(),
        );
        return;
    };
    let store = open(&std::path::Path::new(&home).join("state"));
    let alice = label("corp", "alice");
    let guard = lock(&store, &alice);
    store
        .put(&guard, &record(&alice, "token"), KeyStoreId::SecretService)
        .unwrap();
    drop(guard);
    store.forget_key(KeyStoreId::SecretService).unwrap();
    assert_eq!(
        store.load(&alice).unwrap_err(),
        Trouble::KeyLost(KeyStoreId::SecretService)
    );
}

#[test]
fn without_a_bus_or_with_a_dead_one_it_is_passed_over_with_the_reason() {
    let place = Place::new();
    let dead = SessionBus {
        address: Some(format!("unix:path={}/none", place.home().display())),
        runtime_dir: None,
    };
    for (bus, reason) in [
        (SessionBus::default(), "no session bus"),
        (dead, "does not answer"),
    ] {
        let stores = KeyStores::from_list(vec![
            Arc::new(SecretService::new(&bus)),
            Arc::new(KernelKeyring),
            Arc::new(Memory::default()),
        ]);
        let chosen = stores.choose(Preference::Best).unwrap();
        assert_eq!(chosen.store, KeyStoreId::KernelKeyring);
        let said = chosen.passed_over[0].to_string();
        assert!(said.contains(reason), "{said}");
    }
}
