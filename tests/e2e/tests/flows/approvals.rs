//! What was approved is what runs: a change of plugin or tenant asks again, and one that changes nothing approved costs no sign-in.

use std::fs;

use vestibule_e2e::{Browser, Decision, Machine, Practice, machine};
use vestibule_rehearsal::{Role, Script};

use crate::machine_for;

#[test]
fn a_plugin_update_that_asks_for_nothing_new_keeps_the_grant_once_it_is_approved() {
    let idp = Practice::openid(Script::honest());
    let machine = signed_in(&idp);
    let before = machine.run(&["token", "corp"]).succeeded();

    // A custom section: other bytes, the same behaviour.
    let mut component = fs::read(machine.plugin_file("oidc")).unwrap();
    component.extend_from_slice(b"\x00\x05\x04note");
    let update = machine.home().join("update.wasm");
    fs::write(&update, component).unwrap();
    let _ = machine
        .run(&["plugin", "install", update.to_str().unwrap()])
        .succeeded();

    // What is there needs no plugin. What needs one waits for the approval.
    assert_eq!(
        machine.run(&["token", "corp"]).succeeded().line(),
        before.line()
    );
    machine
        .run(&["token", "corp", "--refresh", "--json"])
        .failed("approval.plugin", "policy", 5);
    assert_eq!(idp.count(Role::Token), 1);
    let _ = machine
        .run(&["tenant", "approve", "corp", "--yes"])
        .succeeded();
    let after = machine.run(&["token", "corp", "--refresh"]).succeeded();
    assert_ne!(after.line(), before.line());
}

#[test]
fn another_plugin_under_the_same_name_does_not_run() {
    let idp = Practice::openid(Script::honest());
    let machine = signed_in(&idp);
    let requests = idp.requests().len();
    fs::copy(
        machine::plugin("aws-identity-center"),
        machine.plugin_file("oidc"),
    )
    .unwrap();
    for arguments in [
        &["login", "corp", "--force", "--json"][..],
        &["token", "corp", "--refresh", "--json"],
    ] {
        machine
            .run(arguments)
            .failed("approval.plugin", "policy", 5);
    }
    assert_eq!(idp.requests().len(), requests);
}

#[test]
fn a_changed_tenant_hands_out_nothing_before_it_is_approved_again() {
    let idp = Practice::openid(Script::honest());
    let machine = signed_in(&idp);
    let file = machine.tenant_file("corp");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        format!("{text}[policy]\nscopes = [\"openid\", \"profile\"]\n"),
    )
    .unwrap();
    for arguments in [
        &["token", "corp", "--json"][..],
        &["login", "corp", "--json"],
    ] {
        let outcome = machine.run(arguments);
        outcome.failed("approval.stale", "policy", 5);
        assert_eq!(outcome.stdout, "");
    }
}

fn signed_in(idp: &Practice) -> Machine {
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    machine
}
