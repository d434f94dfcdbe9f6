//! Two people, one tenant.

use vestibule_e2e::{Browser, Decision, Practice};
use vestibule_rehearsal::{PEOPLE, Script};

use crate::machine_for;

#[test]
fn two_accounts_in_one_tenant_do_not_overwrite_each_other() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    for (decision, force) in [
        (Decision::Approve, None),
        (Decision::ApproveAsAnother, Some("--force")),
    ] {
        let person = machine.seat(Browser::Visitor, decision);
        let arguments: Vec<&str> = ["login", "corp"].into_iter().chain(force).collect();
        let _ = machine.run(&arguments).succeeded();
        let _ = person.report();
    }
    assert_eq!(machine.sealed().len(), 2);
    machine
        .run(&["token", "corp", "--json"])
        .failed("grant.several", "user", 3);
    let of = |subject| {
        machine
            .run(&["token", "corp", "--account", subject])
            .succeeded()
    };
    let (ada, grace) = (of(PEOPLE[0].sub), of(PEOPLE[1].sub));
    assert_ne!(ada.line(), grace.line());
    assert!(idp.is_live(ada.line()) && idp.is_live(grace.line()));

    // One signs out; the other stays.
    let _ = machine
        .run(&["logout", "corp", "--account", PEOPLE[0].sub])
        .succeeded();
    assert!(!idp.is_live(ada.line()));
    assert_eq!(
        machine.run(&["token", "corp"]).succeeded().line(),
        grace.line()
    );
    assert!(idp.is_live(grace.line()));
}
