//! A certified provider and a real browser.

use vestibule_e2e::wait::wait_for;
use vestibule_e2e::{Browser, Decision, OidcProvider, http};

use crate::machine_for;

#[test]
fn a_sign_in_gives_a_token_that_works_is_renewed_and_dies_with_logout() {
    let provider = OidcProvider::start(&[]);
    let machine = machine_for(provider.issuer(), "cli");
    let person = machine.seat(Browser::Chromium, Decision::Approve);

    let _ = machine.run(&["login", "corp"]).succeeded();
    let report = person.report();
    assert!(report.text().contains("You are signed in"), "{report:?}");
    assert!(!report.url().contains("code="), "{report:?}");
    provider.expect_grants("authorization_code", 1);

    let first = machine.run(&["token", "corp"]).succeeded();
    let who = provider.userinfo(first.line());
    assert_eq!(who.status, 200, "{who:?}");
    assert_eq!(who.json()["sub"], "ada");
    assert!(provider.is_active(first.line()));
    // From the store: the provider hears nothing of it.
    assert_eq!(
        machine.run(&["token", "corp"]).succeeded().line(),
        first.line()
    );
    assert_eq!(provider.grants("refresh_token"), 0);

    let second = machine.run(&["token", "corp", "--refresh"]).succeeded();
    assert_ne!(second.line(), first.line());
    provider.expect_grants("refresh_token", 1);
    let third = machine.run(&["token", "corp", "--refresh"]).succeeded();
    assert_ne!(third.line(), second.line());
    // The provider takes each refresh token once: a second refresh shows that the rotated one was kept.
    provider.expect_grants("refresh_token", 2);
    assert_eq!(provider.userinfo(third.line()).status, 200);

    let _ = machine.run(&["logout", "corp"]).succeeded();
    for token in [&first, &second, &third] {
        assert!(!provider.is_active(token.line()));
    }
    assert!(machine.sealed().is_empty());
    let gone = machine.run(&["token", "corp", "--json"]);
    gone.failed("grant.missing", "user", 2);
    assert_eq!(gone.stdout, "");
}

#[test]
fn a_valid_grant_opens_no_browser_unless_forced() {
    let provider = OidcProvider::start(&[]);
    let machine = machine_for(provider.issuer(), "cli");
    let person = machine.seat(Browser::Chromium, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();

    person.forget();
    let _ = machine.run(&["login", "corp"]).succeeded();
    assert!(!person.was_started());
    let _ = machine.run(&["login", "corp", "--force"]).succeeded();
    let _ = person.report();
    provider.expect_grants("authorization_code", 2);
    let _ = machine.run(&["logout", "corp"]).succeeded();
}

// proves: LOOP-08
#[test]
fn the_same_answer_many_times_at_once_and_afterwards_is_one_exchange() {
    let provider = OidcProvider::start(&[]);
    let machine = machine_for(provider.issuer(), "cli");
    let person = machine.seat(Browser::Chromium, Decision::ApproveAndReplay);
    let login = machine.run(&["login", "corp"]).succeeded();

    let report = person.report();
    let callback = report.callback().expect("the browser came back").to_owned();
    let answers = report.0["answers"].as_object().expect("it was replayed");
    let total: u64 = answers.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(total, 20, "{answers:?}");
    // One of all these was the one that counted: the browser's, or the replay that overtook it.
    let accepted: u64 = [200, 302, 303]
        .map(|status| report.answers(status))
        .iter()
        .sum();
    assert!(accepted <= 1, "{answers:?} {login}");
    let closed = wait_for(std::time::Duration::from_secs(5), || {
        http::get(&callback, &[]).err()
    });
    assert!(closed.is_some(), "the port is still open");

    provider.expect_grants("authorization_code", 1);
    assert!(provider.named("grant.error").is_empty());
    let token = machine.run(&["token", "corp"]).succeeded();
    // A second exchange of the code would have revoked what came of the first (RFC 6749 section 4.1.2).
    assert_eq!(provider.userinfo(token.line()).status, 200);
    let _ = machine.run(&["logout", "corp"]).succeeded();
}
