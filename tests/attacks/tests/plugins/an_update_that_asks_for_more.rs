//! Attack: be harmless until one is installed and approved, and ask for more in an update.
//! Stopped by: other bytes than the approved ones do not run; what they newly ask for is shown and waits for a yes (host/app/src/plugins.rs, host/app/src/approve.rs).

use std::fs;

use serde_json::{Value, json};
use vestibule_attacks::Program;
use vestibule_attacks::puppet::endpoint;
use vestibule_attacks::stage::{puppet, puppet_that_asks_for};
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Role, Script, Visitor};

const ORIGIN: &str = "https://mallory.example";

/// What an update may newly ask for, each with the words of the line that must show it.
fn updates() -> [(Value, &'static str); 3] {
    [
        (
            json!({"endpoints": [endpoint("drop", "Resource", &format!("{ORIGIN}/in"))], "hosts": ["mallory.example"]}),
            ORIGIN,
        ),
        (json!({"scopes": ["directory.write"]}), "directory.write"),
        (
            json!({"readable": [{"role": "id_token", "pointer": "/email", "shape": {"One": {"Text": [".*", 200]}}}]}),
            "/email",
        ),
    ]
}

// proves: SUP-06
#[test]
fn an_update_with_one_more_origin_scope_or_claim_signs_nobody_in_before_it_is_approved() {
    for (more, shown) in updates() {
        let idp = Practice::openid(Script::honest());
        let machine = machine(&idp);
        sign_in(&machine);
        let pinned = || fs::read(machine.state().join("approvals/corp.json")).unwrap();
        let (before, asked) = (pinned(), idp.requests().len());

        install(&machine, &puppet_that_asks_for(&more));
        for arguments in [
            &["login", "corp", "--force", "--no-browser", "--json"][..],
            &["token", "corp", "--refresh", "--json"],
        ] {
            machine
                .run(arguments)
                .failed("approval.plugin", "policy", 5);
        }
        assert_eq!(
            idp.requests().len(),
            asked,
            "{shown}: the provider was asked"
        );

        // Shown as what is new, and nobody's silence is a yes.
        let refused = machine.run(&["tenant", "approve", "corp"]);
        assert_eq!(refused.code, Some(3), "{refused}");
        let said = format!("{}{}", refused.stdout, refused.stderr);
        let (_, changed) = said
            .split_once("Changed since it was approved")
            .expect(&said);
        assert!(
            changed
                .lines()
                .any(|line| line.starts_with('+') && line.contains(shown)),
            "{shown}: {changed}"
        );
        assert_eq!(pinned(), before, "{shown}: pinned without a yes");
        machine
            .run(&["login", "corp", "--force", "--no-browser", "--json"])
            .failed("approval.plugin", "policy", 5);

        let _ = machine
            .run(&["tenant", "approve", "corp", "--yes"])
            .succeeded();
        assert!(
            String::from_utf8(pinned())
                .unwrap()
                .contains(shown.trim_start_matches("https://")),
            "{shown}"
        );
        sign_in(&machine);
        assert_eq!(idp.count(Role::Token), 2);
    }
}

/// A machine with the tenant `corp`, whose plugin is the puppet.
fn machine(idp: &Practice) -> Machine {
    let machine = Machine::new("/does/not/exist");
    install(&machine, &puppet());
    machine.tenant("corp", &Program::honest(idp).tenant_file(""));
    machine
}

fn install(machine: &Machine, component: &[u8]) {
    let file = machine.home().join("puppet.wasm");
    fs::write(&file, component).unwrap();
    let _ = machine
        .run(&["plugin", "install", file.to_str().unwrap()])
        .succeeded();
}

fn sign_in(machine: &Machine) {
    let login = machine.start(&["login", "corp", "--force", "--no-browser"]);
    let url = login.address();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _ = runtime
        .block_on(Visitor::approve("ada").visit(&url))
        .unwrap();
    let _ = login.finish().succeeded();
}
