//! The kernel's user keyring, and what becomes of records whose key it does not hold any more.

use vestibule_core::Kind;
use vestibule_store::{KeyStoreId, KeyStores, Preference, SessionBus, StateDir, Store, Trouble};

use crate::again;
use crate::samples::{
    MARKER, NOW, Place, all_bytes, holds, label, open, places, put, sealed_files, set_aside_files,
    tenant, token,
};

#[test]
fn another_process_opens_what_this_one_sealed() {
    if let Some(state) = again::inside() {
        let store = open(state.as_ref()).unwrap();
        let held = store.load(&label("corp", "alice")).unwrap().unwrap();
        assert_eq!(token(&held.record), "token");
        return;
    }
    let place = Place::new();
    put(&place.open(), &label("corp", "alice"), "token");
    let test = "kernel_keyring::another_process_opens_what_this_one_sealed";
    again::run(&[], test, place.state().to_str().unwrap());
    // A service or a container has a session keyring that does not lead to the user's.
    let fresh_session = ["keyctl", "session", "-"];
    again::run(&fresh_session, test, place.state().to_str().unwrap());
}

#[test]
fn a_key_that_was_made_in_a_foreign_session_is_found_outside_of_it() {
    let alice = label("corp", "alice");
    if let Some(state) = again::inside() {
        put(&open(state.as_ref()).unwrap(), &alice, "token");
        return;
    }
    let place = Place::new();
    again::run(
        &["keyctl", "session", "-"],
        "kernel_keyring::a_key_that_was_made_in_a_foreign_session_is_found_outside_of_it",
        place.state().to_str().unwrap(),
    );
    let held = place.open().load(&alice).unwrap().unwrap();
    assert_eq!(token(&held.record), "token");
}

#[test]
fn a_lost_key_asks_for_a_login_and_sets_the_record_aside() {
    let place = Place::new();
    let store = place.open();
    let alice = label("corp", "alice");
    put(&store, &alice, "token");
    store.forget_key(KeyStoreId::KernelKeyring).unwrap();

    let trouble = store.load(&alice).unwrap_err();
    assert_eq!(trouble, Trouble::KeyLost(KeyStoreId::KernelKeyring));
    let error = trouble.about(&tenant("corp"));
    assert_eq!(error.kind(), Kind::LoginRequired);
    assert!(error.message().contains("restarted"), "{error}");
    assert_eq!(error.next_step(), Some("run: vestibule login corp"));
    assert_eq!(set_aside_files(&place, "corp").len(), 1);
    assert!(store.load(&alice).unwrap().is_none());

    // A new key does not open the old record, and does not call it damaged.
    let old = std::fs::read(&set_aside_files(&place, "corp")[0]).unwrap();
    put(&store, &alice, "new-token");
    std::fs::write(&sealed_files(&place, "corp")[0], old).unwrap();
    assert!(matches!(store.load(&alice), Err(Trouble::KeyLost(_))));
}

// proves: LOC-03
#[test]
fn a_copied_store_opens_for_no_other_user_and_on_no_other_machine() {
    const TEST: &str =
        "kernel_keyring::a_copied_store_opens_for_no_other_user_and_on_no_other_machine";
    let alice = label("corp", "alice");
    if let Some(state) = again::inside() {
        let store = open(state.as_ref()).unwrap();
        let trouble = store.load(&alice).unwrap_err();
        assert_eq!(trouble, Trouble::KeyLost(KeyStoreId::KernelKeyring));
        assert_eq!(trouble.about(&tenant("corp")).kind(), Kind::LoginRequired);
        // Discarded: it is not there the next time.
        assert!(store.load(&alice).unwrap().is_none());
        return;
    }
    let place = Place::new();
    put(&place.open(), &alice, MARKER);
    assert!(!holds(&all_bytes(place.home()), MARKER));

    // The home of another user of this machine, who took a copy of everything.
    let other_home = copy_of(&place);
    let binary = other_home.path().join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    let given = std::process::Command::new("chown")
        .args(["-R", "65534:65534"])
        .arg(other_home.path())
        .status()
        .unwrap();
    assert!(given.success(), "this needs root, as in CI");
    let other_user = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    again::run_binary(
        &other_user,
        &binary,
        TEST,
        state_in(&other_home).to_str().unwrap(),
    );

    // Another machine: the same user id and the same files over a kernel that holds other keys.
    let other_machine = copy_of(&place);
    again::run(
        &["unshare", "--user", "--map-root-user"],
        TEST,
        state_in(&other_machine).to_str().unwrap(),
    );

    // Where it was made, it opens.
    let held = place.open().load(&alice).unwrap().unwrap();
    assert_eq!(token(&held.record), MARKER);
}

fn state_in(home: &tempfile::TempDir) -> std::path::PathBuf {
    home.path().join("state")
}

fn copy_of(place: &Place) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .arg(place.state())
        .arg(state_in(&home))
        .status()
        .unwrap();
    assert!(copied.success());
    home
}

#[test]
fn two_state_directories_of_one_user_have_two_keys() {
    let (first, second) = (Place::new(), Place::new());
    let alice = label("corp", "alice");
    put(&first.open(), &alice, "first");
    put(&second.open(), &alice, "second");
    first.open().forget_key(KeyStoreId::KernelKeyring).unwrap();
    let held = second.open().load(&alice).unwrap().unwrap();
    assert_eq!(token(&held.record), "second");
}

#[test]
fn processes_that_use_the_store_for_the_first_time_at_once_draw_one_key() {
    let place = Place::new();
    let state = place.state();
    std::thread::scope(|scope| {
        for number in 0..16 {
            let state = &state;
            scope.spawn(move || {
                put(
                    &open(state).unwrap(),
                    &label("corp", &format!("user-{number}")),
                    "token",
                );
            });
        }
    });
    let records = place.open().load_tenant(&tenant("corp")).unwrap();
    assert_eq!(records.held.len(), 16);
    assert!(records.troubles.is_empty(), "{:?}", records.troubles);
}

#[test]
fn a_record_of_the_kernels_keyring_asks_no_desktop() {
    let place = Place::new();
    put(&place.open(), &label("corp", "alice"), "token");
    // A bus that accepts and never answers.
    let silent = place.home().join("bus");
    let _listener = std::os::unix::net::UnixListener::bind(&silent).unwrap();
    let bus = SessionBus {
        address: Some(format!("unix:path={}", silent.display())),
        runtime_dir: None,
    };
    let store = Store::open(
        StateDir::open(&places(&place.state())).unwrap(),
        KeyStores::of_this_machine(&bus),
        NOW,
    )
    .unwrap();
    let begun = std::time::Instant::now();
    store.load(&label("corp", "alice")).unwrap().unwrap();
    assert!(begun.elapsed() < std::time::Duration::from_secs(1));

    // The choice for something new waits for the desktop, but not for ever, and says what it passed over.
    let chosen = store.choose(Preference::Best).unwrap();
    assert_eq!(chosen.store, KeyStoreId::KernelKeyring);
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    let reason = chosen.passed_over[0].to_string();
    assert!(reason.contains("did not answer"), "{reason}");
    assert!(chosen.lifetime.sentence().contains("until it restarts"));
}
