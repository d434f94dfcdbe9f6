//! The search sees what is there: without that, that it finds nothing would say nothing.

use std::time::Duration;

use vestibule_e2e::wait::wait_for;
use vestibule_rehearsal::{Fault, Par, Role};

use crate::house::{House, is_open, visit_aside};
use crate::wanted::Wanted;

/// Longer than a sign-in takes to get there.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn secrets_that_are_still_needed_are_seen() {
    let house = House::new();
    house.tenant("corp", &house.program());
    house.rescript(|script| script.fault(Role::Token, Fault::Stall));
    // State, nonce and verifier are seen while it waits: `waiting` fails otherwise.
    let (login, address, known) = house.waiting("corp", &[]);
    assert_eq!(known.names(), ["Nonce", "State", "Verifier"]);
    assert!(is_open(&house.redirect_uri(&address)));
    let files = Wanted::of(&house.idp).files_below(house.machine.home());
    assert_eq!(files, [house.client_secret_file()]);
    let visiting = visit_aside(&address);
    let asked = wait_for(LIMIT, || (house.idp.count(Role::Token) > 0).then_some(()));
    assert!(asked.is_some(), "no token request");
    let wanted = Wanted::of(&house.idp);
    let seen = wanted.only(&["ClientSecret", "Code", "Nonce", "Verifier"]);
    assert_eq!(seen.seen_in(&login.memory()), seen.names());
    login.interrupt();
    let ended = login.finish();
    visiting.join().unwrap();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
}

/// What was used once has no use any more: it is erased while the flow goes on.
// proves: RESP-07
#[test]
fn what_was_used_is_gone_although_the_flow_goes_on() {
    for par in [Par::Absent, Par::Offered] {
        used_is_gone(&House::with(par));
    }
}

fn used_is_gone(house: &House) {
    house.tenant("corp", &house.program());
    house.rescript(|script| script.fault(Role::UserInfo, Fault::Stall));
    let (login, address, known) = house.waiting("corp", &[]);
    let visiting = visit_aside(&address);
    let asked = wait_for(LIMIT, || {
        (house.idp.count(Role::UserInfo) > 0).then_some(())
    });
    assert!(asked.is_some(), "no userinfo request");
    let (all, memory) = (Wanted::of(&house.idp).with(known), login.memory());
    let needed = ["AccessToken", "RefreshToken"];
    assert_eq!(all.clone().only(&needed).seen_in(&memory), needed);
    // The ID token repeats the nonce, and the plugin has a reference to it: what stands within that token is no copy of the host's.
    let memory = memory.without(&all.values("IdToken"));
    let used = all.only(&["Code", "Nonce", "State", "Verifier"]);
    assert_eq!(used.names(), ["Code", "Nonce", "State", "Verifier"]);
    used.is_not_in(&memory, "used");
    login.interrupt();
    let _ = login.finish();
    visiting.join().unwrap();
}
