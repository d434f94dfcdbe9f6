//! Attack: compiled plugins in the cache are exchanged, cut short, linked elsewhere or planted, so that they run in the host.
//! Stopped by: an authentication code over one private copy that is checked and then used, host/engine/src/cache/entry.rs

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use vestibule_e2e::Machine;
use vestibule_rehearsal::Role;

use crate::{provider, signed_in};

fn entries(machine: &Machine) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "code") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&machine.home().join("cache"), &mut found);
    found.sort();
    found
}

#[test]
fn an_entry_that_was_touched_is_compiled_anew_and_never_run() {
    let idp = provider();
    let machine = signed_in(&idp);
    machine.install("aws-identity-center");
    let all = entries(&machine);
    assert_eq!(all.len(), 2, "{all:?}");
    // Which of the two is the tenant's: the one that matters is found by taking it away.
    let (ours, theirs) = {
        let hidden = all[0].with_extension("away");
        fs::rename(&all[0], &hidden).unwrap();
        let _ = machine.run(&["token", "corp", "--refresh"]).succeeded();
        if all[0].exists() {
            (all[0].clone(), all[1].clone())
        } else {
            fs::rename(&hidden, &all[0]).unwrap();
            (all[1].clone(), all[0].clone())
        }
    };
    let good = fs::read(&ours).unwrap();
    let other = fs::read(&theirs).unwrap();
    let planted = machine.home().join("planted.code");
    fs::write(&planted, &other).unwrap();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let attacks: [(&str, &dyn Fn()); 9] = [
        ("exchanged", &|| fs::write(&ours, &other).unwrap()),
        ("code of one, body of the other", &|| {
            fs::write(&ours, [&good[..32], &other[32..]].concat()).unwrap();
        }),
        ("cut short", &|| {
            fs::write(&ours, &good[..good.len() / 2]).unwrap()
        }),
        ("empty", &|| fs::write(&ours, b"").unwrap()),
        ("only a code", &|| fs::write(&ours, &good[..32]).unwrap()),
        ("a bit of the code", &|| {
            fs::write(&ours, flipped(7)).unwrap()
        }),
        ("a bit of the body", &|| {
            fs::write(&ours, flipped(good.len() - 1)).unwrap()
        }),
        ("a link", &|| {
            fs::remove_file(&ours).unwrap();
            symlink(&planted, &ours).unwrap();
        }),
        ("a second name", &|| {
            fs::remove_file(&ours).unwrap();
            fs::hard_link(&planted, &ours).unwrap();
        }),
    ];
    for (what, attack) in attacks {
        attack();
        let refreshes = idp.count(Role::Token);
        let _ = machine.run(&["token", "corp", "--refresh"]).succeeded();
        assert_eq!(idp.count(Role::Token), refreshes + 1, "{what}");
        assert!(!ours.is_symlink(), "{what}");
        assert_eq!(fs::read(&ours).unwrap()[32..], good[32..], "{what}");
        // What stood in for it was not written through.
        assert_eq!(fs::read(&planted).unwrap(), other, "{what}");
    }
}

#[test]
fn a_cache_that_everybody_can_write_to_is_refused() {
    let idp = provider();
    let machine = signed_in(&idp);
    let folder = entries(&machine)[0].parent().unwrap().to_owned();
    let mode = |mode: u32| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    let refreshes = idp.count(Role::Token);
    mode(0o777);
    let outcome = machine.run(&["token", "corp", "--refresh", "--json"]);
    assert_ne!(outcome.code, Some(0), "{outcome}");
    assert!(
        ["config", "host"].contains(&outcome.error()["blame"].as_str().unwrap()),
        "{outcome}"
    );
    assert_eq!(idp.count(Role::Token), refreshes);
    mode(0o700);
    let _ = machine.run(&["token", "corp", "--refresh"]).succeeded();
}
