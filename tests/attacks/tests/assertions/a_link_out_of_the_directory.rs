//! Attack: have something else read than the token: by a link that leads out of its directory, a pipe, a folder, or a file without an end.
//! Stopped by: a directory opened for this one use, in which links may lead about and not out: host/broker/src/subject_token/file.rs

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use vestibule_core::Blame;
use vestibule_rehearsal::Role;

use crate::support::{AUDIENCE, Machine, honest};

fn replace(place: &Path) {
    if place.is_dir() {
        std::fs::remove_dir(place).unwrap();
    } else if place.symlink_metadata().is_ok() {
        std::fs::remove_file(place).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_file_of_the_directory_is_read() {
    let machine = Machine::start().await;
    let outside = TempDir::new().unwrap();
    let secret = outside.path().join("id_rsa");
    // Even one that would be accepted.
    std::fs::write(&secret, machine.platform.assertion(AUDIENCE)).unwrap();
    let place = machine.tokens.path().join("token");
    let climbing = Path::new("../../../../../../../..").join(secret.strip_prefix("/").unwrap());
    let name = machine
        .approves(&machine.projected(), &honest(&machine))
        .await
        .unwrap();
    let deeds: [&dyn Fn(); 6] = [
        &|| symlink(&secret, &place).unwrap(),
        &|| symlink(&climbing, &place).unwrap(),
        &|| {
            let link = machine.tokens.path().join("..data");
            symlink(outside.path(), &link).unwrap();
            symlink("..data/id_rsa", &place).unwrap();
        },
        &|| {
            assert!(
                Command::new("mkfifo")
                    .arg(&place)
                    .status()
                    .unwrap()
                    .success()
            )
        },
        &|| std::fs::create_dir(&place).unwrap(),
        &|| {
            std::fs::File::create(&place)
                .unwrap()
                .set_len(1 << 40)
                .unwrap()
        },
    ];
    for deed in deeds {
        replace(&place);
        deed();
        let error = machine.stage.sign_in(&name).await.unwrap_err();
        assert_eq!(
            (error.code(), error.blame()),
            ("subject_token.source", Blame::Config),
            "{error:?}"
        );
        assert!(error.message().contains("\"ci\""), "{error}");
    }
    replace(&place);
    let gone = machine.stage.sign_in(&name).await.unwrap_err();
    assert!(gone.next_step().is_some(), "{gone:?}");
    assert_eq!(machine.stage.idp.count(Role::Token), 0);
    machine.stage.kept_nothing();
    machine.told_nothing();

    // Within the directory links lead where the platform has them lead.
    machine.project("version-1", &machine.platform.assertion(AUDIENCE));
    symlink("version-1", &place).unwrap();
    let _ = machine.stage.sign_in(&name).await;
    assert_eq!(machine.presented().len(), 1);
}

/// The directory itself may be exchanged, as long as what is in it now is read.
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_not_held_open_from_one_use_to_the_next() {
    let machine = Machine::start().await;
    let (first, second) = (
        machine.platform.assertion(AUDIENCE),
        machine.platform.assertion(AUDIENCE),
    );
    let folder = machine.tokens.path().join("mounted");
    let keys = crate::support::projected(&folder);
    let name = machine.approves(&keys, &honest(&machine)).await.unwrap();
    for (number, token) in [&first, &second].into_iter().enumerate() {
        let _ = std::fs::rename(&folder, machine.tokens.path().join(format!("old-{number}")));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("token"), token).unwrap();
        let _ = machine.stage.sign_in(&name).await;
    }
    assert_eq!(machine.presented(), [first, second]);
}
