//! Without the provider, and without a browser.

use std::time::Duration;

use vestibule_e2e::{Browser, Decision, Practice};
use vestibule_rehearsal::{Role, Script};

use crate::machine_for;

#[test]
fn a_valid_token_needs_no_network_and_logout_says_what_was_not_confirmed() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    let online = machine.run(&["token", "corp"]).succeeded();
    drop(idp);

    assert_eq!(
        machine.run(&["token", "corp"]).succeeded().line(),
        online.line()
    );
    let refresh = machine.run(&["token", "corp", "--refresh", "--json"]);
    assert_eq!(
        (refresh.code, refresh.stdout.as_str()),
        (Some(8), ""),
        "{refresh}"
    );
    assert_eq!(refresh.error()["blame"], "network");
    // A provider that is away for a moment costs nobody a sign-in.
    assert_eq!(
        machine.run(&["token", "corp"]).succeeded().line(),
        online.line()
    );

    let logout = machine.run(&["logout", "corp"]);
    assert_eq!(logout.code, Some(8), "{logout}");
    assert!(machine.sealed().is_empty());
    assert_eq!(machine.run(&["token", "corp"]).code, Some(2));
}

#[test]
fn a_browser_that_would_not_start_is_told_and_the_address_is_there() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    machine.without_browser();
    let login = machine.run(&["login", "corp", "--timeout", "4"]);
    assert!(
        login
            .stderr
            .contains(&format!("{}/authorize?", idp.issuer())),
        "{login}"
    );
    assert!(
        login.stderr.contains("a browser would not start"),
        "{login}"
    );
    assert!(
        login.took >= Duration::from_secs(4),
        "it goes on waiting: {login}"
    );
    assert_eq!(login.code, Some(3), "{login}");
    assert_eq!(idp.count(Role::Token), 0);
}
