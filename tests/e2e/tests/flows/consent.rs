//! What a person reads before a browser opens, and who may say yes (UI-05, UI-06).

use std::fs;

use vestibule_e2e::{Browser, Decision, Machine, Practice};
use vestibule_rehearsal::Script;

use crate::{machine_for, machine_with};

const QUESTION: &str = "This tenant is marked as high risk. Sign in?";

// proves: UI-05
#[test]
fn before_a_browser_opens_a_person_reads_where_and_for_what() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let outcome = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    let before = outcome
        .stderr
        .split("Sign in at this address")
        .next()
        .unwrap();
    for line in [
        "tenant   corp".to_owned(),
        format!("issuer   {}", idp.issuer()),
        format!("client   {}", Script::CLIENT_ID),
        "plugin   oidc sha256:".to_owned(),
        "access   openid".to_owned(),
        "method   browser".to_owned(),
    ] {
        assert!(before.contains(&line), "{line}: {outcome}");
    }
    // A normal tenant was consented to when it was approved, and a change of scope or endpoint asks again.
    assert!(!before.contains("[y/N]"), "{outcome}");
    let file = machine.tenant_file("corp");
    let text = fs::read_to_string(&file).unwrap();
    for change in [
        "[policy]\nscopes = [\"openid\", \"profile\"]\n",
        "[policy]\nrisk = \"high\"\n",
    ] {
        fs::write(&file, format!("{text}{change}")).unwrap();
        let person = machine.seat(Browser::Visitor, Decision::Approve);
        let login = machine.run(&["login", "corp", "--force", "--json"]);
        login.failed("approval.stale", "policy", 5);
        assert!(!person.was_started(), "{login}");
    }
}

// proves: UI-05
#[test]
fn a_tenant_of_high_risk_asks_each_time() {
    let idp = Practice::openid(Script::honest());
    let machine = high_risk(&idp);
    let login = ["login", "corp", "--force"];
    for _ in 0..2 {
        let person = machine.seat(Browser::Visitor, Decision::Approve);
        let outcome = machine.at_a_terminal(&login, QUESTION, "y\n");
        assert_eq!(outcome.code, Some(0), "{outcome}");
        let asked = outcome.stdout.split(QUESTION).next().unwrap();
        assert!(
            asked.contains("issuer") && asked.contains("method"),
            "{outcome}"
        );
        assert!(!asked.contains("Sign in at this address"), "{outcome}");
        let _ = person.report();
    }
}

// proves: UI-06
#[test]
fn only_a_yes_at_the_terminal_is_one() {
    let idp = Practice::openid(Script::honest());
    let machine = high_risk(&idp);
    let login = ["login", "corp", "--force"];
    for answer in ["\n", "n\n", "maybe\n", "yeah\n", "\u{4}"] {
        let person = machine.seat(Browser::Visitor, Decision::Approve);
        let outcome = machine.at_a_terminal(&login, QUESTION, answer);
        assert_eq!(outcome.code, Some(3), "{answer:?}: {outcome}");
        assert!(!person.was_started(), "{answer:?}");
    }
    // Without a terminal nobody is there, whatever comes through a pipe or stands in a variable.
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let piped = machine.with_input(&["login", "corp", "--force", "--json"], "yes\ny\n");
    piped.failed("consent.refused", "user", 3);
    assert!(!person.was_started(), "{piped}");
    let file = machine.home().join("other.toml");
    fs::write(&file, tenant(&idp, "")).unwrap();
    let add = ["tenant", "add", "other", file.to_str().unwrap(), "--json"];
    let piped = machine.with_input(&add, "yes\ny\n");
    piped.failed("approval.refused", "user", 3);
    assert_eq!(idp.requests_to(vestibule_rehearsal::Role::Token).len(), 0);
}

fn high_risk(idp: &Practice) -> Machine {
    let machine = machine_with("oidc");
    machine.tenant("corp", &tenant(idp, "[policy]\nrisk = \"high\"\n"));
    machine
}

fn tenant(idp: &Practice, more: &str) -> String {
    format!(
        "plugin = \"oidc\"\ninteractive = \"window\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n\
         [network]\nallow_loopback_http = true\n{more}",
        idp.issuer(),
        Script::CLIENT_ID
    )
}
