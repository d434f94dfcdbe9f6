//! Ctrl-C, in each phase of a sign-in.

use std::time::{Duration, Instant};

use vestibule_e2e::wait::wait_for;
use vestibule_e2e::{Browser, Decision, Practice};
use vestibule_rehearsal::{Fault, Par, Role, Script};

use crate::machine_for;

/// How long it takes to get there on a busy machine.
const PHASE: Duration = Duration::from_secs(60);

/// A person notices half a second; a busy machine takes its time too.
const AT_ONCE: Duration = Duration::from_secs(3);

#[test]
fn an_interrupt_returns_at_once_and_leaves_nothing() {
    // At which endpoint the provider falls silent, and so where the sign-in is when it is interrupted.
    for silent in [
        Role::Discovery,
        Role::PushedAuthorization,
        Role::Authorization,
        Role::Token,
        Role::Jwks,
    ] {
        let idp = Practice::openid(Script::honest().par(Par::Offered));
        let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
        let asked = idp.count(silent);
        idp.rescript(
            Script::honest()
                .any_redirect_path()
                .fault(silent, Fault::Stall),
        );
        let _person = machine.seat(Browser::Visitor, Decision::Approve);
        let login = machine.start(&["login", "corp", "--json"]);
        let there = wait_for(PHASE, || (idp.count(silent) > asked).then_some(()));
        assert!(
            there.is_some(),
            "{silent:?} was never asked: {}",
            login.finish()
        );

        let before = Instant::now();
        login.interrupt();
        let outcome = login.finish();
        assert!(before.elapsed() < AT_ONCE, "{silent:?}: {outcome}");
        outcome.failed("cancelled", "user", 130);
        assert!(machine.sealed().is_empty(), "{silent:?}");
        let refusals = ["audit", "show", "--event", "refusal", "--json"];
        let recorded = machine.run(&refusals).succeeded();
        assert_eq!(
            recorded.stdout.matches("\"cancelled\"").count(),
            1,
            "{silent:?}: {recorded}"
        );
        assert_eq!(machine.run(&["token", "corp"]).code, Some(2));
    }
}
