//! Attack: a person gives up, at whatever moment, and secrets stay behind in memory, or something else goes on.
//! Stopped by: Ctrl-C drops what is under way, with its port, its requests and its secrets: host/cli/src/runtime.rs

use std::time::Duration;

use vestibule_attacks::handed::parameter;
use vestibule_e2e::wait::wait_for;
use vestibule_rehearsal::{Fault, Role};

use crate::house::{House, visit_aside};
use crate::wanted::Wanted;
use crate::watched::Watched;

/// Longer than a sign-in takes to get anywhere.
const LIMIT: Duration = Duration::from_secs(60);

/// What was asked of the provider for the client: the person's own way through its pages is none of it.
fn asked_by_the_client(house: &House) -> usize {
    let persons = [Role::Authorization, Role::Consent];
    let requests = house.idp.requests();
    requests
        .iter()
        .filter(|seen| !persons.contains(&seen.role))
        .count()
}

// proves: PLUG-20, RESP-07
#[test]
fn an_interrupt_while_it_waits_leaves_no_secret_in_memory_and_nothing_else() {
    let house = House::new();
    house.tenant("corp", &house.program());
    let (login, address, known) = house.waiting("corp", &[]);
    let asked = asked_by_the_client(&house);
    login.interrupt();
    let ended = login.finish();
    ended.failed(&["cancelled"], "user", "while it waits");
    let wanted = Wanted::of(&house.idp).with(known);
    let redirect_uri = parameter(&address, "redirect_uri");
    house.left_nothing(&ended, &wanted, Some(&redirect_uri), "while it waits");
    assert!(house.machine.sealed().is_empty());
    // A valid answer comes too late.
    visit_aside(&address).join().unwrap();
    assert_eq!(house.idp.count(Role::Consent), 1, "nobody has approved");
    assert_eq!(asked_by_the_client(&house), asked);
    assert_eq!(house.idp.count(Role::Token), 0);
}

// proves: PLUG-20
#[test]
fn an_interrupt_while_a_request_is_under_way_leaves_no_secret_in_memory_and_nothing_else() {
    let house = House::new();
    house.tenant("corp", &house.program());
    for silent in [Role::Token, Role::Jwks, Role::UserInfo, Role::Api] {
        let about = format!("{silent:?}");
        house.rescript(|script| script.fault(silent, Fault::Stall));
        let (login, address, known) = house.waiting("corp", &[]);
        let before = house.idp.count(silent);
        let visiting = visit_aside(&address);
        let there = wait_for(LIMIT, || (house.idp.count(silent) > before).then_some(()));
        assert!(there.is_some(), "{about} was never asked");
        let asked = asked_by_the_client(&house);
        login.interrupt();
        let ended = login.finish();
        visiting.join().unwrap();
        ended.failed(&["cancelled"], "user", &about);
        let wanted = Wanted::of(&house.idp).with(known);
        let redirect_uri = parameter(&address, "redirect_uri");
        house.left_nothing(&ended, &wanted, Some(&redirect_uri), &about);
        assert!(house.machine.sealed().is_empty(), "{about}");
        assert_eq!(asked_by_the_client(&house), asked, "{about}");
    }
}

/// A renewal has the stored tokens in its hands.
// proves: PLUG-20
#[test]
fn an_interrupt_of_a_renewal_leaves_no_secret_in_memory_and_the_grant_as_it_was() {
    let house = House::new();
    house.tenant("corp", &house.program());
    let (ended, known, _) = house.sign_in("corp");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let sealed = house.kept();
    house.rescript(|script| script.fault(Role::Token, Fault::Stall));
    let before = house.idp.count(Role::Token);
    let renewal = Watched::start(&house.machine, &["token", "corp", "--refresh", "--json"]);
    let there = wait_for(LIMIT, || {
        (house.idp.count(Role::Token) > before).then_some(())
    });
    assert!(there.is_some(), "nothing was renewed");
    renewal.interrupt();
    let ended = renewal.finish();
    ended.failed(&["cancelled"], "user", "renewal");
    let wanted = Wanted::of(&house.idp).with(known);
    house.left_nothing(&ended, &wanted, None, "renewal");
    assert!(house.kept() == sealed, "something was stored");
    assert_eq!(house.idp.count(Role::Token), before + 1);
}
