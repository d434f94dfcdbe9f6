//! State that somebody else could have prepared, or could read (LOC-02).

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use vestibule_core::Error;
use vestibule_store::{KeyStoreId, StateDir, Trouble};

use crate::again;
use crate::samples::{
    Place, label, lock, open, places, put, record, sealed_files, set_aside_files,
};

/// A user that is not us.
const STRANGER: u32 = 65_534;

const FOREIGN: &[u8] = b"somebody else's file";

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn give_away(path: &Path) {
    chown(path, Some(STRANGER), Some(STRANGER))
        .expect("giving a file to another user needs root, as in CI");
}

fn refusal(state: &Path) -> String {
    let error: Error = StateDir::open(&places(state)).unwrap_err();
    assert_eq!(error.code(), "store.not_private", "{error}");
    error.message().to_owned()
}

/// Each bad state of a directory: its name in failures, and how to make it at a path.
type Preparation = (&'static str, fn(&Path));

const BAD_DIRECTORIES: [Preparation; 6] = [
    ("open to the group", |path| {
        std::fs::create_dir(path).unwrap();
        mode(path, 0o750);
    }),
    ("open to others", |path| {
        std::fs::create_dir(path).unwrap();
        mode(path, 0o701);
    }),
    ("of another user", |path| {
        std::fs::create_dir(path).unwrap();
        mode(path, 0o700);
        give_away(path);
    }),
    ("a symbolic link to a directory of ours", |path| {
        let real = path.with_extension("real");
        std::fs::create_dir(&real).unwrap();
        mode(&real, 0o700);
        symlink(real, path).unwrap();
    }),
    ("a symbolic link to nothing", |path| {
        symlink(path.with_extension("nothing"), path).unwrap();
    }),
    ("a file", |path| {
        std::fs::write(path, FOREIGN).unwrap();
        mode(path, 0o600);
    }),
];

/// Each bad state of a file.
const BAD_FILES: [Preparation; 7] = [
    ("open to the group", |path| {
        std::fs::write(path, FOREIGN).unwrap();
        mode(path, 0o640);
    }),
    ("open to others", |path| {
        std::fs::write(path, FOREIGN).unwrap();
        mode(path, 0o604);
    }),
    ("of another user", |path| {
        std::fs::write(path, FOREIGN).unwrap();
        mode(path, 0o600);
        give_away(path);
    }),
    ("a symbolic link to another file", |path| {
        let real = elsewhere(path);
        std::fs::write(&real, FOREIGN).unwrap();
        mode(&real, 0o600);
        symlink(real, path).unwrap();
    }),
    ("a second hard link to another file", |path| {
        let real = elsewhere(path);
        std::fs::write(&real, FOREIGN).unwrap();
        mode(&real, 0o600);
        std::fs::hard_link(real, path).unwrap();
    }),
    ("a symbolic link to nothing", |path| {
        symlink(elsewhere(path), path).unwrap();
    }),
    ("a directory", |path| {
        std::fs::create_dir(path).unwrap();
        mode(path, 0o700);
    }),
];

/// A file beside the state directory, on the same file system.
fn elsewhere(path: &Path) -> PathBuf {
    let state = path.ancestors().find(|dir| dir.ends_with("state")).unwrap();
    state.with_file_name("elsewhere")
}

// proves: LOC-02
#[test]
fn what_another_user_could_have_prepared_is_neither_read_nor_written() {
    created_private_in_one_step();
    bad_state_directories_are_refused();
    bad_directories_within_are_refused();
    bad_files_are_refused();
    what_cannot_be_ours_on_the_way_is_refused();
}

/// With a umask that takes nothing away, only the mode that was asked for counts.
fn created_private_in_one_step() {
    again::run(
        &["sh", "-c", "umask 0; exec \"$0\" \"$@\""],
        "privacy::under_an_open_umask_everything_is_private",
        "umask",
    );
}

#[test]
fn under_an_open_umask_everything_is_private() {
    let place = Place::new();
    mode(place.home(), 0o700);
    let state = place.home().join("not/yet/there/state");
    let store = open(&state).unwrap();
    put(&store, &label("corp", "alice"), "token");
    let mut seen = 0;
    assert_private(&place.home().join("not"), &mut seen);
    assert!(seen >= 9, "{seen}");
    store.forget_key(KeyStoreId::KernelKeyring).unwrap();
}

fn assert_private(path: &Path, seen: &mut u32) {
    let found = path.symlink_metadata().unwrap();
    let expected = if found.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(found.mode() & 0o7777, expected, "{}", path.display());
    *seen += 1;
    if found.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            assert_private(&entry.unwrap().path(), seen);
        }
    }
}

fn bad_state_directories_are_refused() {
    for (what, prepare) in BAD_DIRECTORIES {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        prepare(&state);
        let before = listing(home.path());
        refusal(&state);
        assert_eq!(listing(home.path()), before, "{what}");
    }
}

fn bad_directories_within_are_refused() {
    for inner in ["grants", "grants/corp", "locks", "cache"] {
        for (what, prepare) in BAD_DIRECTORIES {
            let place = Place::new();
            drop(place.open());
            let path = place.state().join(inner);
            if path.exists() {
                std::fs::remove_dir_all(&path).unwrap();
            }
            if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
                std::fs::create_dir(parent).unwrap();
                mode(parent, 0o700);
            }
            prepare(&path);
            let before = listing(&place.state());
            let outcome = open(&place.state()).and_then(|store| {
                let alice = label("corp", "alice");
                let guard = lock(&store, &alice);
                store.cache_put(
                    vestibule_store::CacheKind::Jwks,
                    "https://idp.example",
                    b"{}",
                    1,
                    KeyStoreId::KernelKeyring,
                )?;
                store.put(&guard, &record(&alice, "t"), KeyStoreId::KernelKeyring)
            });
            let error = outcome.expect_err(what);
            assert!(
                matches!(error.code(), "store.not_private" | "store.io"),
                "{inner} {what}: {error:?}"
            );
            let after = listing(&place.state());
            for entry in &before {
                assert!(after.contains(entry), "{inner} {what}: {entry:?}");
            }
            let real = path.with_extension("real");
            if real.exists() {
                assert_eq!(std::fs::read_dir(real).unwrap().count(), 0, "{what}");
            }
        }
    }
}

fn bad_files_are_refused() {
    for (what, prepare) in BAD_FILES {
        let place = Place::new();
        let store = place.open();
        let alice = label("corp", "alice");
        put(&store, &alice, "token");
        let file = sealed_files(&place, "corp")[0].clone();
        std::fs::remove_file(&file).unwrap();
        prepare(&file);
        let before = listing(place.home());

        let loaded = store.load(&alice);
        assert!(
            matches!(loaded, Err(Trouble::NotPrivate { .. } | Trouble::Io { .. })),
            "{what}: {loaded:?}"
        );
        let guard = lock(&store, &alice);
        let stored = store.put(&guard, &record(&alice, "new"), KeyStoreId::KernelKeyring);
        assert!(stored.is_err(), "{what}");
        assert!(store.remove(&guard, &alice).is_err(), "{what}");
        assert_eq!(listing(place.home()), before, "{what}");
        assert!(set_aside_files(&place, "corp").is_empty(), "{what}");
    }

    // A pipe must not hold the program up either.
    let place = Place::new();
    let store = place.open();
    let alice = label("corp", "alice");
    put(&store, &alice, "token");
    let file = sealed_files(&place, "corp")[0].clone();
    std::fs::remove_file(&file).unwrap();
    let made = std::process::Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&file)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(matches!(
        store.load(&alice),
        Err(Trouble::NotPrivate { .. })
    ));

    // The file that names the installation, and the unfinished file of the next writer.
    let place = Place::new();
    drop(place.open());
    let installation = place.state().join("installation");
    mode(&installation, 0o644);
    assert_eq!(
        open(&place.state()).unwrap_err().code(),
        "store.not_private"
    );
    mode(&installation, 0o600);
    let store = place.open();
    put(&store, &alice, "token");
    let sealed = sealed_files(&place, "corp")[0].clone();
    let unfinished = PathBuf::from(format!("{}.tmp", sealed.display()));
    let target = place.home().join("elsewhere");
    std::fs::write(&target, FOREIGN).unwrap();
    symlink(&target, &unfinished).unwrap();
    put(&store, &alice, "token-2");
    assert_eq!(std::fs::read(&target).unwrap(), FOREIGN);
    assert!(sealed.symlink_metadata().unwrap().is_file());
}

fn what_cannot_be_ours_on_the_way_is_refused() {
    // A directory of another user on the way, who could put anything in place of the rest.
    let home = tempfile::tempdir().unwrap();
    let way = home.path().join("way");
    std::fs::create_dir(&way).unwrap();
    give_away(&way);
    assert!(refusal(&way.join("state")).contains("another user"));
    assert_eq!(std::fs::read_dir(&way).unwrap().count(), 0);

    // One in which everybody may rename.
    let home = tempfile::tempdir().unwrap();
    let way = home.path().join("way");
    std::fs::create_dir(&way).unwrap();
    mode(&way, 0o777);
    assert!(refusal(&way.join("state")).contains("everybody"));
    mode(&way, 0o1777);
    StateDir::open(&places(&way.join("state"))).unwrap();

    // A link of another user on the way, even to a place of ours.
    let home = tempfile::tempdir().unwrap();
    let ours = home.path().join("ours");
    std::fs::create_dir(&ours).unwrap();
    let link = home.path().join("link");
    symlink(&ours, &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(STRANGER), Some(STRANGER)).unwrap();
    assert!(refusal(&link.join("state")).contains("another user"));
    assert_eq!(std::fs::read_dir(&ours).unwrap().count(), 0);
    // One of our own is how some homes are reached.
    std::os::unix::fs::lchown(&link, Some(0), Some(0)).unwrap();
    StateDir::open(&places(&link.join("state"))).unwrap();

    // A path that leads back up.
    let up = home.path().join("ours/../state");
    assert!(refusal(&up).contains(".."));
}

/// Every name below a directory with its owner, mode, links and content.
fn listing(dir: &Path) -> Vec<(PathBuf, u32, u32, u64, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        // Locks come with looking.
        if path
            .parent()
            .is_some_and(|parent| parent.ends_with("locks"))
        {
            continue;
        }
        let found = path.symlink_metadata().unwrap();
        let content = if found.is_file() {
            std::fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        if found.is_dir() {
            all.extend(listing(&path));
        }
        let links = if found.is_dir() { 0 } else { found.nlink() };
        all.push((path, found.uid(), found.mode(), links, content));
    }
    all.sort();
    all
}
