//! What was approved is what runs: a change of plugin or tenant asks again, and one that changes nothing approved costs no sign-in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use vestibule_e2e::{Browser, Decision, Machine, Practice, machine};
use vestibule_rehearsal::{Role, Script};

use crate::{machine_for, machine_with};

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

#[test]
fn a_description_that_is_not_the_pinned_one_runs_no_flow() {
    let idp = Practice::openid(Script::honest());
    let machine = signed_in(&idp);
    // The plugin is the approved one, to the byte. What is pinned says otherwise than it does.
    let file = machine.state().join("approvals/corp.json");
    let mut pinned: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    pinned["permissions"]["hosts"] = serde_json::json!(["evil.example"]);
    fs::write(&file, pinned.to_string()).unwrap();
    let asked = idp.count(Role::Token);
    let login = machine.run(&["login", "corp", "--force", "--json"]);
    login.failed("approval.describe", "plugin", 6);
    assert_eq!(idp.count(Role::Token), asked);
    // What was obtained under another approval is not handed out under this one.
    let token = machine.run(&["token", "corp", "--json"]);
    assert_ne!(token.code, Some(0), "{token}");
    assert_eq!(token.stdout, "");
}

#[test]
fn an_interrupt_at_the_question_of_approval_leaves_no_tenant() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_with("oidc");
    let (issuer, client) = (idp.issuer(), Script::CLIENT_ID);
    let outcome = machine.at_a_terminal(
        &[
            "tenant",
            "add",
            "corp",
            "--plugin",
            "oidc",
            "--set",
            &format!("issuer={issuer}"),
            "--set",
            &format!("client_id={client}"),
            "--allow-loopback-http",
        ],
        "Approve this for tenant corp?",
        "\u{3}",
    );
    assert_eq!(outcome.code, Some(130), "{outcome}");
    assert!(!machine.tenant_file("corp").exists(), "{outcome}");
    assert!(!machine.state().join("approvals/corp.json").exists());

    // The same question, answered: by Enter, which is a no, and by a yes.
    let file = machine.home().join("corp.toml");
    fs::write(
        &file,
        format!(
            "plugin = \"oidc\"\ninteractive = \"window\"\n[settings]\nissuer = \"{issuer}\"\nclient_id = \"{client}\"\n\
             [network]\nallow_loopback_http = true\n"
        ),
    )
    .unwrap();
    let add = ["tenant", "add", "corp", file.to_str().unwrap()];
    let outcome = machine.at_a_terminal(&add, "Approve this for tenant corp?", "\n");
    assert_eq!(outcome.code, Some(3), "{outcome}");
    let approve = ["tenant", "approve", "corp"];
    let outcome = machine.at_a_terminal(&approve, "Approve this for tenant corp?", "y\n");
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(machine.state().join("approvals/corp.json").exists());
}

#[test]
fn a_secret_that_the_client_does_not_use_is_refused() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_with("oidc");
    let secret = machine.home().join("secret");
    fs::write(&secret, "shhh").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let outcome = machine.run(&[
        "tenant",
        "add",
        "corp",
        "--plugin",
        "oidc",
        "--set",
        &format!("issuer={}", idp.issuer()),
        "--set",
        "client_id=x",
        "--secret",
        &format!("client_secret={}", secret.display()),
        "--allow-loopback-http",
        "--yes",
        "--json",
    ]);
    outcome.failed("tenant.secret", "config", 4);
    assert!(!machine.tenant_file("corp").exists());
}

fn signed_in(idp: &Practice) -> Machine {
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    machine
}
