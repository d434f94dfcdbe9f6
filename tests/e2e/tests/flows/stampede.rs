//! Many processes, one grant.

use std::thread::sleep;
use std::time::Duration;

use vestibule_e2e::{Browser, Decision, OidcProvider};

use crate::machine_for;

const PROCESSES: usize = 10;

// proves: CRASH-03
#[test]
fn ten_processes_on_an_expired_token_make_one_refresh_and_all_succeed() {
    // A token is renewed 30 seconds before its end, so that this one is due after 20, and the next one not for a while.
    let provider = OidcProvider::start(&[("TTL_ACCESS_TOKEN", "50")]);
    let machine = machine_for(provider.issuer(), "cli");
    let person = machine.seat(Browser::Chromium, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    let expiring = machine.run(&["token", "corp"]).succeeded();
    sleep(Duration::from_secs(21));

    let all: Vec<_> = (0..PROCESSES)
        .map(|_| machine.start(&["token", "corp"]))
        .collect();
    let tokens: Vec<String> = all
        .into_iter()
        .map(|process| process.finish().succeeded().line().to_owned())
        .collect();

    assert_ne!(tokens[0], expiring.line());
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    provider.expect_grants("refresh_token", 1);
    assert!(provider.named("grant.error").is_empty());
    assert!(provider.named("grant.revoked").is_empty());
    // The grant is alive: the rotated refresh token works.
    let next = machine.run(&["token", "corp", "--refresh"]).succeeded();
    assert_eq!(provider.userinfo(next.line()).status, 200);
    let _ = machine.run(&["logout", "corp"]).succeeded();
}

#[test]
fn ten_forced_refreshes_at_once_keep_the_grant_alive() {
    let provider = OidcProvider::start(&[]);
    let machine = machine_for(provider.issuer(), "cli");
    let person = machine.seat(Browser::Chromium, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();

    let all: Vec<_> = (0..PROCESSES)
        .map(|_| machine.start(&["token", "corp", "--refresh"]))
        .collect();
    for process in all {
        let _ = process.finish().succeeded();
    }
    assert!(provider.named("grant.error").is_empty());
    let token = machine.run(&["token", "corp"]).succeeded();
    assert_eq!(provider.userinfo(token.line()).status, 200);
    let _ = machine.run(&["logout", "corp"]).succeeded();
}
