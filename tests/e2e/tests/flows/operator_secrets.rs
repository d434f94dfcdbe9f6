//! A client's secret is where the operator says: in a file, sealed in the store, or in somebody's head. It is never in an argument, and
//! it goes to one issuer.

use vestibule_e2e::{Browser, Decision, Machine, Practice};
use vestibule_rehearsal::{MetadataTwist, Role, Script};

use crate::{machine_for, machine_with};

const SECRET: &str = "a-client-secret-of-some-length";
const SETTING: &str = "client_secret";

fn confidential() -> Practice {
    Practice::openid(Script::honest().client_secret(SECRET))
}

fn file(idp: &Practice, place: &str) -> String {
    format!(
        "plugin = \"oidc\"\ninteractive = \"window\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n\
         token_endpoint_auth_method = \"client_secret_basic\"\n\
         [secrets]\nclient_secret = \"{place}\"\n[network]\nallow_loopback_http = true\n",
        idp.issuer(),
        Script::CLIENT_ID
    )
}

fn machine(idp: &Practice, place: &str) -> Machine {
    let machine = machine_with("oidc");
    machine.tenant("corp", &file(idp, place));
    machine
}

#[test]
fn a_secret_in_the_store_is_sealed_and_outlives_a_sign_out_and_not_the_tenant() {
    let idp = confidential();
    let machine = machine(&idp, "key_store");
    let person = machine.seat(Browser::Visitor, Decision::Approve);

    let login = machine.run(&["login", "corp", "--json"]);
    login.failed("tenant.secret", "config", 4);
    assert!(
        login.error()["hint"]
            .as_str()
            .unwrap()
            .contains("vestibule tenant secret corp client_secret"),
        "{login}"
    );
    assert!(!person.was_started());
    assert_eq!(idp.count(Role::Token), 0);
    let doctor = machine.run(&["doctor", "corp"]);
    assert!(doctor.stdout.contains("tenant secret corp"), "{doctor}");

    let kept = machine
        .with_input(
            &["tenant", "secret", "corp", SETTING],
            &format!("{SECRET}\n"),
        )
        .succeeded();
    assert!(kept.stderr.contains("kernel"), "{kept}");
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = machine.run(&["token", "corp", "--refresh"]).succeeded();
    let asked = idp.count(Role::Token);
    assert_eq!(asked, 2);
    for (path, bytes) in machine.kept() {
        let found = bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes());
        assert!(!found, "{} holds it", path.display());
    }
    let log = machine
        .run(&["audit", "show", "--event", "policy"])
        .succeeded();
    assert!(log.stdout.contains("secret kept: client_secret"), "{log}");
    let status = machine.run(&["status"]).succeeded();
    assert!(!status.to_string().contains(SECRET), "{status}");

    let _ = machine.run(&["logout", "corp"]).succeeded();
    assert_eq!(
        machine.sealed().len(),
        1,
        "the secret went with the sign-out"
    );
    let _ = machine.run(&["login", "corp"]).succeeded();

    let forget = ["tenant", "secret", "corp", SETTING, "--forget"];
    let _ = machine.run(&forget).succeeded();
    machine
        .run(&["login", "corp", "--force", "--json"])
        .failed("tenant.secret", "config", 4);
    let log = machine
        .run(&["audit", "show", "--event", "policy"])
        .succeeded();
    assert!(log.stdout.contains("secret erased: client_secret"), "{log}");
    let again = machine.run(&forget).succeeded();
    assert!(again.stderr.contains("There was no"), "{again}");

    let _ = machine
        .with_input(&["tenant", "secret", "corp", SETTING], SECRET)
        .succeeded();
    let _ = machine
        .run(&["tenant", "remove", "corp", "--yes"])
        .succeeded();
    assert!(machine.sealed().is_empty(), "{:?}", machine.sealed());
}

#[test]
fn a_secret_in_the_store_goes_to_the_issuer_that_it_was_put_there_for() {
    let (idp, other) = (confidential(), confidential());
    let machine = machine(&idp, "key_store");
    let _ = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine
        .with_input(&["tenant", "secret", "corp", SETTING], SECRET)
        .succeeded();
    // Whoever changes the tenant may have it approved; the secret is not part of the bargain.
    machine.tenant("corp", &file(&other, "key_store"));
    machine
        .run(&["login", "corp", "--json"])
        .failed("tenant.secret", "config", 4);
    assert_eq!(other.count(Role::Token), 0);
    machine.tenant("corp", &file(&idp, "key_store"));
    let _ = machine.run(&["login", "corp"]).succeeded();
}

#[test]
fn a_secret_is_put_where_the_tenant_looks_for_it_and_is_not_empty() {
    let idp = confidential();
    let machine = machine(&idp, "prompt");
    let put = ["tenant", "secret", "corp", SETTING, "--json"];
    machine
        .with_input(&put, SECRET)
        .failed("tenant.secret_source", "config", 4);
    machine.tenant("corp", &file(&idp, "key_store"));
    for (input, code) in [("", "secret.none"), ("\n", "secret.none")] {
        machine.with_input(&put, input).failed(code, "user", 3);
    }
    let long = "x".repeat((16 << 10) + 1);
    machine
        .with_input(&put, &long)
        .failed("secret.size", "user", 3);
    assert!(machine.sealed().is_empty());
}

#[test]
fn a_secret_that_is_asked_for_is_typed_unseen_and_kept_nowhere() {
    let idp = confidential();
    let machine = machine(&idp, "prompt");
    let _ = machine.seat(Browser::Visitor, Decision::Approve);
    let typed = format!("{SECRET}\n");
    let login = machine.at_a_terminal(&["login", "corp"], "client_secret: ", &typed);
    assert_eq!(login.code, Some(0), "{login}");
    assert!(
        login.stdout.contains(&idp.issuer()),
        "it does not say for whom: {login}"
    );
    assert!(!login.stdout.contains(SECRET), "it was shown: {login}");
    assert_eq!(idp.count(Role::Token), 1);
    for (path, bytes) in machine.kept() {
        let found = bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes());
        assert!(!found, "{} holds it", path.display());
    }

    // Nobody to ask, and nothing typed: neither opens a browser nor asks the provider.
    let requests = idp.requests().len();
    let alone = machine.with_input(&["login", "corp", "--force", "--json"], &typed);
    alone.failed("secret.nobody", "user", 3);
    let nothing = machine.at_a_terminal(&["login", "corp", "--force"], "client_secret: ", "\n");
    assert_eq!(nothing.code, Some(3), "{nothing}");
    assert_eq!(idp.requests().len(), requests);
}

#[test]
fn an_interrupt_at_a_secret_leaves_a_terminal_that_shows_what_is_typed() {
    let idp = confidential();
    let machine = machine(&idp, "key_store");
    let put = ["tenant", "secret", "corp", SETTING];
    let outcome = machine.at_a_terminal_before("stty -a", &put, "client_secret: ", "half\u{3}");
    assert!(outcome.stdout.contains(" echo "), "{outcome}");
    assert!(!outcome.stdout.contains("-echo "), "{outcome}");
    assert!(!outcome.stdout.contains("half"), "{outcome}");
    let outcome = machine.at_a_terminal(&put, "client_secret: ", "half\u{3}");
    assert_eq!(outcome.code, Some(130), "{outcome}");
    assert!(machine.sealed().is_empty());
}

#[test]
fn where_no_revocation_is_possible_it_is_said_before_the_browser_opens() {
    for (script, said) in [
        (Script::honest(), false),
        (
            Script::honest().twist(MetadataTwist::MemberMissing("revocation_endpoint")),
            true,
        ),
    ] {
        let idp = Practice::openid(script);
        let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
        let _ = machine.seat(Browser::Visitor, Decision::Approve);
        let login = machine.run(&["login", "corp"]).succeeded();
        let notice = login.stderr.find("offers no revocation");
        assert_eq!(notice.is_some(), said, "{login}");
        let address = login.stderr.find(&format!("{}/authorize", idp.issuer()));
        assert!(notice <= address && address.is_some(), "{login}");
    }
}
