//! Without a terminal, or in a build, nobody is there (WKL-03).

use vestibule_e2e::{Browser, Decision, Machine, Practice};
use vestibule_rehearsal::{Role, Script};

use crate::machine_with;

fn machine(idp: &Practice, top: &str) -> Machine {
    let machine = machine_with("oidc");
    machine.tenant(
        "corp",
        &format!(
            "plugin = \"oidc\"\n{top}\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n\
             [policy]\nmethods = [\"browser\", \"device\"]\n[network]\nallow_loopback_http = true\n",
            idp.issuer(),
            Script::CLIENT_ID
        ),
    );
    machine
}

/// What would begin a sign-in at the provider.
fn begun(idp: &Practice) -> u64 {
    [
        Role::PushedAuthorization,
        Role::Authorization,
        Role::DeviceAuthorization,
        Role::Token,
    ]
    .into_iter()
    .map(|role| idp.count(role))
    .sum()
}

const LOGINS: [&[&str]; 5] = [
    &["login", "corp", "--json"],
    &["login", "corp", "--json", "--no-browser"],
    &["login", "corp", "--json", "--force"],
    &["login", "corp", "--json", "--method", "browser"],
    &["login", "corp", "--json", "--method", "device"],
];

// proves: WKL-03
#[test]
fn without_a_terminal_no_sign_in_of_a_person_begins() {
    let idp = Practice::openid(Script::honest());
    let machine = machine(&idp, "");
    // A browser that works, and would be opened.
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    for login in LOGINS {
        let outcome = machine.with_input(login, "y\ny\n");
        outcome.failed("login.unattended", "user", 9);
        assert!(outcome.stderr.contains("interactive"), "{outcome}");
        assert!(!person.was_started(), "{outcome}");
        assert!(
            !outcome.stderr.contains("http"),
            "no address was printed: {outcome}"
        );
    }
    assert_eq!(begun(&idp), 0);
    // Nor does what needs one: it says that somebody must sign in, as ever.
    let token = machine.with_input(&["token", "corp", "--json"], "");
    token.failed("grant.missing", "user", 2);
    assert_eq!(begun(&idp), 0);
    assert!(!person.was_started());

    // At a terminal somebody is there.
    let login = machine.on_a_screen(&["login", "corp"], 100, 40).finish();
    assert_eq!(login.code, Some(0), "{login}");
    let _ = person.report();
    // And who has signed in needs none.
    let _ = machine.with_input(&["login", "corp"], "").succeeded();
    let _ = machine.with_input(&["token", "corp"], "").succeeded();
}

// proves: WKL-03
#[test]
fn a_window_is_one_where_the_tenant_says_so_and_never_in_a_build() {
    let idp = Practice::openid(Script::honest());
    let machine = machine(&idp, "interactive = \"window\"");
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    for login in LOGINS {
        for (variable, value) in [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITLAB_CI", "true"),
        ] {
            let build = |command: &mut std::process::Command| {
                command.env(variable, value);
            };
            let outcome = machine.start_with(login, build).finish();
            outcome.failed("login.unattended", "user", 9);
            assert!(!person.was_started(), "{variable}: {outcome}");
        }
    }
    assert_eq!(begun(&idp), 0);
    let login = machine.with_input(&["login", "corp"], "");
    assert_eq!(login.code, Some(0), "{login}");
    let _ = person.report();
}
