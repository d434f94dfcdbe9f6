//! Attack: an answer that is valid in every way, after the attempt's time was over.
//! Stopped by: the deadline ends the flow: its port closes and its secrets are erased, host/app/src/flow.rs

use std::pin::pin;
use std::time::Duration;

use vestibule_attacks::handed::parameter;
use vestibule_attacks::{Handing, Program, Stage};
use vestibule_core::Blame;
use vestibule_core::limits::FLOW_TIME;
use vestibule_rehearsal::{Par, Role, Script};

use crate::house::{House, is_closed, visit_aside};
use crate::wanted::Wanted;

/// Longer than an end takes.
const LIMIT: Duration = Duration::from_secs(60);

// proves: RESP-07
#[test]
fn an_answer_after_the_deadline_is_not_redeemed_and_no_secret_is_left() {
    let house = House::new();
    house.tenant("corp", &house.program());
    // The same end as that of the ten minutes, sooner: the flow is dropped where it stands.
    let (login, address, known) = house.waiting("corp", &["--timeout", "2"]);
    let ended = login.finish();
    ended.failed(&["flow.timeout"], "user", "deadline");
    let redirect_uri = parameter(&address, "redirect_uri");
    visit_aside(&address).join().unwrap();
    assert_eq!(house.idp.count(Role::Consent), 1, "nobody has approved");
    let wanted = Wanted::of(&house.idp).with(known);
    for name in ["Code", "Nonce", "State", "Verifier"] {
        assert!(wanted.names().contains(&name), "{name} is not looked for");
    }
    house.left_nothing(&ended, &wanted, Some(&redirect_uri), "deadline");
    assert!(house.machine.sealed().is_empty());
    assert_eq!(house.idp.count(Role::Token), 0);
}

/// The deadline that holds whatever is said on the command line: in ten minutes of a clock that the test moves.
// proves: RESP-07
#[tokio::test]
async fn every_flow_ends_after_ten_minutes_whatever_it_waits_for() {
    assert!(FLOW_TIME <= Duration::from_secs(600));
    let (browser, mut handed) = Handing::over();
    let stage = Stage::seated(Script::honest().par(Par::Absent), browser).await;
    let honest = Program::honest(&stage.idp);
    let name = stage.approve("corp", &honest).await.unwrap();
    let mut signing_in = pin!(stage.sign_in(&name));
    let address = tokio::select! {
        ended = &mut signing_in => panic!("it did not wait: {ended:?}"),
        address = handed.next() => address,
    };
    // A second before, it still waits.
    let second = Duration::from_secs(1);
    tokio::time::pause();
    tokio::time::advance(FLOW_TIME - second).await;
    tokio::select! {
        biased;
        ended = &mut signing_in => panic!("it is not too late yet: {ended:?}"),
        () = tokio::task::yield_now() => {}
    }
    tokio::time::advance(second).await;
    tokio::time::resume();
    let ended = tokio::time::timeout(LIMIT, signing_in).await;
    let error = ended.expect("it ends").expect_err("it is too late");
    assert!(
        ["flow.timeout", "loopback.timeout"].contains(&error.code()),
        "{error:?}"
    );
    assert_eq!(error.blame(), Blame::User);
    is_closed(&parameter(&address, "redirect_uri"), "after ten minutes");
    let visiting = tokio::task::spawn_blocking(move || visit_aside(&address).join());
    visiting.await.unwrap().unwrap();
    assert_eq!(stage.idp.count(Role::Consent), 1, "nobody has approved");
    assert_eq!(stage.idp.count(Role::Token), 0);
    stage.kept_nothing();
}
