//! Sign-ins that must not succeed, and one that must all the same: the right error, the right blame, nothing stored.

use std::time::Duration;

use vestibule_e2e::{Browser, Decision, Machine, OidcProvider, Outcome, Practice, http};
use vestibule_rehearsal::{CallbackTwist, IdTokenTwist, Par, Role, Script};

use crate::machine_for;

#[test]
fn a_denied_consent_is_the_persons_no() {
    let provider = OidcProvider::start(&[]);
    let machine = machine_for(provider.issuer(), "cli");
    let person = machine.seat(Browser::Chromium, Decision::Deny);
    let login = machine.run(&["login", "corp", "--json"]);
    login.failed("authorization.access_denied", "user", 3);

    let report = person.report();
    assert!(report.text().contains("Sign-in was refused"), "{report:?}");
    let callback = report.callback().expect("the browser came back");
    assert!(http::get(callback, &[]).is_err(), "the port is still open");
    assert_eq!(provider.grants("authorization_code"), 0);
    nothing_is_stored(&machine);
}

#[test]
fn a_closed_browser_ends_at_the_deadline() {
    let provider = OidcProvider::start(&[]);
    let machine = machine_for(provider.issuer(), "cli");
    let person = machine.seat(Browser::Chromium, Decision::Close);
    let login = machine.run(&["login", "corp", "--json", "--timeout", "10"]);
    login.failed("flow.timeout", "user", 3);
    assert!(login.took >= Duration::from_secs(10), "{login}");

    let report = person.report();
    assert_eq!(
        report.0["login"], true,
        "it was closed on the login page: {report:?}"
    );
    assert!(report.callback().is_none());
    nothing_is_stored(&machine);
}

#[test]
fn a_thousand_forged_answers_do_not_disturb_the_genuine_one() {
    // Not pushed, so that the forger knows where to send them: the authorization URL says it.
    let idp = Practice::openid(Script::honest().par(Par::Absent));
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::ApproveAfterForgeries);
    let _ = machine.run(&["login", "corp"]).succeeded();

    let report = person.report();
    assert!(report.text().contains("You are signed in"), "{report:?}");
    assert_eq!(report.answers(400), 1_000, "{}", report.0["answers"]);
    assert_eq!(idp.count(Role::Token), 1);
    let token = machine.run(&["token", "corp"]).succeeded();
    assert!(idp.is_live(token.line()));
}

#[test]
fn an_answer_in_the_name_of_another_issuer_is_not_redeemed() {
    let mallory = CallbackTwist::Iss("https://mallory.example".to_owned());
    let (login, idp, _machine) = refused(Script::honest().twist(mallory));
    login.failed("authorization_response.issuer", "provider", 7);
    assert_eq!(idp.count(Role::Token), 0);
}

// proves: PKCE-02
#[test]
fn a_provider_that_refuses_s256_gets_no_second_request_with_less() {
    for (par, role) in [
        (Par::Absent, Role::Authorization),
        (Par::Offered, Role::PushedAuthorization),
    ] {
        let idp = Practice::openid(Script::honest().par(par).twist(CallbackTwist::RefusesS256));
        let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
        let _person = machine.seat(Browser::Visitor, Decision::Approve);
        let login = machine.run(&["login", "corp", "--json"]);
        assert_eq!(login.error()["blame"], "provider", "{login}");
        assert_eq!(login.code, Some(7), "{login}");

        let asked = idp.requests_to(role);
        assert_eq!(asked.len(), 1, "it was asked again");
        let said = |name: &str| asked[0].parameter(name).or(asked[0].field(name));
        // The digest of SHA-256 has 43 characters in base64url (RFC 7636 section 4.2).
        assert_eq!(said("code_challenge").map(str::len), Some(43));
        assert_eq!(said("code_challenge_method"), Some("S256"));
        let all = idp.count(Role::Authorization) + idp.count(Role::PushedAuthorization);
        assert_eq!((all, idp.count(Role::Token)), (1, 0));
        nothing_is_stored(&machine);
    }
}

#[test]
fn an_id_token_signed_by_a_foreign_key_gives_nothing() {
    let (login, idp, machine) = refused(Script::honest().twist(IdTokenTwist::ForeignKey));
    login.failed("id_token.signature", "provider", 7);
    assert_eq!(idp.count(Role::Token), 1);
    assert_eq!(machine.run(&["token", "corp"]).code, Some(2));
}

/// A sign-in at a provider that misbehaves. It fails, the browser says so, and nothing is left.
fn refused(script: Script) -> (Outcome, Practice, Machine) {
    let idp = Practice::openid(script);
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let login = machine.run(&["login", "corp", "--json"]);
    let report = person.report();
    assert!(report.text().contains("Sign-in did not work"), "{report:?}");
    let callback = report.callback().expect("the visitor came back");
    assert!(http::get(callback, &[]).is_err(), "the port is still open");
    nothing_is_stored(&machine);
    no_secret_is_kept(&machine, &idp);
    (login, idp, machine)
}

fn nothing_is_stored(machine: &Machine) {
    assert_eq!(machine.sealed(), Vec::<std::path::PathBuf>::new());
    let token = machine.run(&["token", "corp", "--json"]);
    token.failed("grant.missing", "user", 2);
    assert_eq!(token.stdout, "");
}

/// No file holds a secret of the flow in the clear.
fn no_secret_is_kept(machine: &Machine, idp: &Practice) {
    for (path, bytes) in machine.kept() {
        let text = String::from_utf8_lossy(&bytes);
        for secret in idp.secrets() {
            assert!(
                !text.contains(&secret.value),
                "{:?} in {}",
                secret.kind,
                path.display()
            );
        }
    }
}
