use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{LockName, Locks};
use crate::disk::Disk;
use crate::{Places, StateDir};

const STATE: &str = "VESTIBULE_LOCK_TEST_STATE";

fn locks_in(state: &Path) -> Locks {
    let places = Places {
        vestibule_state_dir: Some(state.to_owned()),
        ..Places::default()
    };
    let disk = Disk::new(StateDir::open(&places).unwrap().into_dir());
    Locks::new(disk.locks().unwrap())
}

fn locks() -> (tempfile::TempDir, Locks) {
    let home = tempfile::tempdir().unwrap();
    let locks = locks_in(&home.path().join("state"));
    (home, locks)
}

fn runtime() -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time();
    builder
}

#[test]
fn a_lock_is_held_by_one_until_it_is_dropped() {
    let (_home, locks) = locks();
    let first = locks.try_lock(&LockName::Key).unwrap().unwrap();
    assert!(locks.try_lock(&LockName::Key).unwrap().is_none());
    assert!(locks.try_lock(&LockName::Installation).unwrap().is_some());
    drop(first);
    assert!(locks.try_lock(&LockName::Key).unwrap().is_some());
}

// proves: CRASH-04
#[test]
fn locks_end_with_their_holder_waiting_has_an_end_and_missing_locks_are_noticed() {
    if let Some(state) = std::env::var_os(STATE) {
        hold_until_killed(Path::new(&state));
        return;
    }
    let (home, locks) = locks();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "lock::tests::locks_end_with_their_holder_waiting_has_an_end_and_missing_locks_are_noticed",
            "--nocapture",
        ])
        .env(STATE, home.path().join("state"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(holder.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap().contains("locked")));

    // While it lives, nobody else gets the lock; waiting says for what, once, and ends. The runtime's clock moves only by
    // waiting, so that the whole minute passes at once.
    assert!(locks.try_lock(&LockName::Key).unwrap().is_none());
    let mut told = Vec::new();
    let waited = runtime()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(locks.lock(&LockName::Key, |what| told.push(what.to_string())));
    assert_eq!(waited.unwrap_err().code(), "store.locked");
    assert_eq!(told, [LockName::Key.to_string()]);

    // Once it is killed, whoever waits goes on.
    holder.kill().unwrap();
    holder.wait().unwrap();
    let begun = Instant::now();
    let _guard = runtime()
        .build()
        .unwrap()
        .block_on(locks.lock(&LockName::Key, |_| {}))
        .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));

    // A file system that refuses locks, and one that grants the same lock to everybody.
    let refusing: fn(&File) -> Result<(), TryLockError> =
        |_| Err(TryLockError::Error(rustix::io::Errno::NOLCK.into()));
    let granting: fn(&File) -> Result<(), TryLockError> = |_| Ok(());
    for take in [refusing, granting] {
        let broken = Locks {
            take,
            ..locks_in(&home.path().join("state"))
        };
        let error = broken.try_lock(&LockName::Installation).unwrap_err();
        assert_eq!(error.code(), "store.no_locks");
    }
}

fn hold_until_killed(state: &Path) {
    let _guard = locks_in(state).try_lock(&LockName::Key).unwrap().unwrap();
    #[allow(
        clippy::print_stdout,
        reason = "how the other process learns that the lock is held"
    )]
    {
        println!("locked");
    }
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn a_lock_file_that_was_taken_away_does_not_let_two_in() {
    let (home, locks) = locks();
    let stale = locks.try_lock(&LockName::Key).unwrap().unwrap();
    std::fs::remove_file(home.path().join("state/locks/key")).unwrap();
    // The holder of the removed file excludes nobody any more, which cannot be helped; but those who come later exclude each
    // other, whatever becomes of it.
    let _next = locks.try_lock(&LockName::Key).unwrap().unwrap();
    drop(stale);
    assert!(locks.try_lock(&LockName::Key).unwrap().is_none());
}
