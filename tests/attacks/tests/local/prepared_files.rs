//! Attack: approvals, tenant files and the configuration are exchanged, linked or rewritten by somebody who can write to them.
//! Stopped by: approvals that name their tenant and its file's digest; files that others can write say nothing, host/app/src/files.rs

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::json;
use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::{Machine, Outcome};
use vestibule_rehearsal::Role;

use crate::{provider, recorder, signed_in};

fn refused(outcome: &Outcome, code: &str, blame: &str, exit: i32) {
    outcome.failed(code, blame, exit);
    assert_eq!(outcome.stdout, "", "{outcome}");
}

fn approval(machine: &Machine, tenant: &str) -> std::path::PathBuf {
    machine.state().join(format!("approvals/{tenant}.json"))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn an_approval_of_another_tenant_approves_nothing() {
    let (idp, other) = (provider(), provider());
    let machine = signed_in(&idp);
    machine.tenant("other", &conforming_file(&other, ""));
    let (mine, theirs) = (approval(&machine, "corp"), approval(&machine, "other"));
    let (good, foreign) = (fs::read(&mine).unwrap(), fs::read(&theirs).unwrap());
    let attacks: [(&str, &dyn Fn()); 4] = [
        ("exchanged", &|| fs::write(&mine, &foreign).unwrap()),
        ("linked", &|| symlink("other.json", &mine).unwrap()),
        ("linked as another name", &|| {
            fs::hard_link(&theirs, &mine).unwrap()
        }),
        ("renamed inside", &|| {
            let text = String::from_utf8(foreign.clone()).unwrap();
            fs::write(&mine, text.replace("\"other\"", "\"corp\"")).unwrap();
        }),
    ];
    for (what, attack) in attacks {
        fs::remove_file(&mine).unwrap();
        attack();
        for arguments in [
            &["token", "corp", "--json"][..],
            &["login", "corp", "--force", "--no-browser", "--json"],
        ] {
            let outcome = machine.run(arguments);
            assert_eq!(
                outcome.error()["code"],
                "approval.stale",
                "{what}: {outcome}"
            );
            refused(&outcome, "approval.stale", "policy", 5);
        }
        fs::remove_file(&mine).unwrap();
        fs::write(&mine, &good).unwrap();
    }
    assert_eq!(fs::read(&theirs).unwrap(), foreign);
    let _ = machine.run(&["token", "corp"]).succeeded();
}

#[test]
fn a_tenant_file_that_was_exchanged_hands_out_nothing() {
    let (idp, other) = (provider(), provider());
    let machine = signed_in(&idp);
    machine.tenant("other", &conforming_file(&other, ""));
    let (mine, theirs) = (machine.tenant_file("corp"), machine.tenant_file("other"));
    let good = fs::read(&mine).unwrap();
    let sent = other.requests().len();
    let attacks: [(&str, &dyn Fn()); 3] = [
        ("exchanged", &|| {
            fs::copy(&theirs, &mine).unwrap();
        }),
        ("linked", &|| symlink("other.toml", &mine).unwrap()),
        ("linked as another name", &|| {
            fs::hard_link(&theirs, &mine).unwrap()
        }),
    ];
    for (what, attack) in attacks {
        fs::remove_file(&mine).unwrap();
        attack();
        for arguments in [
            &["token", "corp", "--json"][..],
            &["token", "corp", "--refresh", "--json"],
        ] {
            let outcome = machine.run(arguments);
            assert_eq!(
                outcome.error()["code"],
                "approval.stale",
                "{what}: {outcome}"
            );
            refused(&outcome, "approval.stale", "policy", 5);
        }
        fs::remove_file(&mine).unwrap();
        fs::write(&mine, &good).unwrap();
    }
    assert_eq!(other.requests().len(), sent);
    assert_eq!(idp.count(Role::Token), 1);
    let _ = machine.run(&["token", "corp"]).succeeded();
}

#[test]
fn a_file_that_every_user_can_write_says_nothing() {
    let idp = provider();
    let machine = signed_in(&idp);
    let (program, record) = recorder(machine.home());
    let config = machine.home().join("config/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        format!("[browser]\ncommand = {}\n{text}", json!([program])),
    )
    .unwrap();
    let folder = machine.home().join("config");
    let tenants = machine.home().join("config/tenants.d");
    for (shared, others, private) in [
        (&config, 0o666, 0o644),
        (&machine.tenant_file("corp"), 0o646, 0o644),
        (&folder, 0o777, 0o755),
        (&tenants, 0o777, 0o755),
    ] {
        mode(shared, others);
        for arguments in [
            &["token", "corp", "--json"][..],
            &["login", "corp", "--force", "--json"],
            &["tenant", "approve", "corp", "--yes", "--json"],
        ] {
            let outcome = machine.run(arguments);
            assert_eq!(
                outcome.error()["code"],
                "files.shared",
                "{}: {outcome}",
                shared.display()
            );
            refused(&outcome, "files.shared", "config", 4);
            assert!(!record.exists(), "the browser of somebody else was started");
        }
        mode(shared, private);
    }
    assert_eq!(idp.count(Role::Token), 1);
    let _ = machine.run(&["token", "corp"]).succeeded();
}

#[test]
fn a_state_directory_that_others_can_enter_is_not_used() {
    let idp = provider();
    let machine = signed_in(&idp);
    for open in [0o777, 0o755, 0o710] {
        mode(&machine.state(), open);
        let outcome = machine.run(&["token", "corp", "--json"]);
        assert_ne!(outcome.code, Some(0), "{open:o}: {outcome}");
        assert_eq!(outcome.stdout, "", "{open:o}: {outcome}");
    }
    mode(&machine.state(), 0o700);
    let _ = machine.run(&["token", "corp"]).succeeded();
}
