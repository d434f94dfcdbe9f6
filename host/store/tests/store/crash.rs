//! Writes that fail, and what is left of them (CRASH-05).

use vestibule_core::Error;
use vestibule_core::record::Label;
use vestibule_store::{KeyStoreId, Store};

use crate::again;
use crate::samples::{Place, label, lock, open, put, record, token};

fn renew(store: &Store, label: &Label, token: &str) -> Result<(), Error> {
    let guard = lock(store, label);
    store
        .put(&guard, &record(label, token), KeyStoreId::KernelKeyring)
        .map(drop)
}

/// Everything of the old record is as it was, and nothing unfinished is left.
fn assert_whole(store: &Store, state: &std::path::Path) {
    let held = store.load(&label("corp", "alice")).unwrap().unwrap();
    assert_eq!(token(&held.record), "old-token");
    for entry in std::fs::read_dir(state.join("grants/corp")).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(name.to_str().unwrap().ends_with(".sealed"), "{name:?}");
    }
}

#[test]
fn a_file_that_may_not_grow_leaves_the_old_record_whole() {
    if let Some(state) = again::inside() {
        let store = open(state.as_ref()).unwrap();
        let error = renew(&store, &label("corp", "alice"), &"x".repeat(20_000)).unwrap_err();
        assert!(error.message().contains("larger than"), "{error}");
        assert_whole(&store, state.as_ref());
        return;
    }
    let place = Place::new();
    put(&place.open(), &label("corp", "alice"), "old-token");
    // Eight blocks of 512 bytes; the signal that would end the process is ignored, as by shells that log.
    again::run(
        &["sh", "-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""],
        "crash::a_file_that_may_not_grow_leaves_the_old_record_whole",
        place.state().to_str().unwrap(),
    );
}

#[test]
fn a_full_disk_and_a_read_only_one_leave_the_old_record_whole_and_are_named() {
    let Some(place) = again::inside() else {
        // A small file system of its own, that vanishes with the process.
        let home = tempfile::tempdir().unwrap();
        again::run(
            &["unshare", "--mount"],
            "crash::a_full_disk_and_a_read_only_one_leave_the_old_record_whole_and_are_named",
            home.path().to_str().unwrap(),
        );
        return;
    };
    mount(&["-t", "tmpfs", "-o", "size=128k,mode=700", "tmpfs", &place]);
    let state = std::path::Path::new(&place).join("state");
    let store = open(&state).unwrap();
    let alice = label("corp", "alice");
    put(&store, &alice, "old-token");

    let error = renew(&store, &alice, &"x".repeat(200_000)).unwrap_err();
    assert!(error.message().contains("the disk is full"), "{error}");
    assert_whole(&store, &state);

    // Not even room for a name.
    let mut filler = std::fs::File::create(state.join("filler")).unwrap();
    let full = std::iter::repeat_with(|| std::io::Write::write_all(&mut filler, &[0; 512]))
        .take(1_000)
        .any(|written| written.is_err());
    assert!(full);
    let error = renew(&store, &alice, &"x".repeat(20_000)).unwrap_err();
    assert!(error.message().contains("the disk is full"), "{error}");
    assert_whole(&store, &state);
    drop(filler);
    std::fs::remove_file(state.join("filler")).unwrap();

    mount(&["-o", "remount,ro", &place]);
    let guard = lock_read_only(&store, &alice);
    assert!(
        guard.message().contains("read-only"),
        "a lock needs a place to stand: {guard}"
    );
    assert_whole(&store, &state);
    mount(&["-o", "remount,rw", &place]);

    renew(&store, &alice, "new-token").unwrap();
    let held = store.load(&alice).unwrap().unwrap();
    assert_eq!(token(&held.record), "new-token");
    store.forget_key(KeyStoreId::KernelKeyring).unwrap();
}

fn lock_read_only(store: &Store, label: &Label) -> Error {
    store.try_lock(&store.lock_name(label)).unwrap_err()
}

fn mount(arguments: &[&str]) {
    let done = std::process::Command::new("mount")
        .args(arguments)
        .status()
        .unwrap();
    assert!(done.success(), "mounting needs root, as in CI");
}
