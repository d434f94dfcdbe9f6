//! Attack: of two sign-ins at the same time, each gets the answer of the other: the same provider, or two of them.
//! Stopped by: a port, a path and a state for each, host/broker/src/loopback/attempt.rs

use vestibule_attacks::handed::{parameter, with_parameter};
use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::Practice;
use vestibule_rehearsal::{Role, SecretKind};

use crate::{machine_for, provider, visit};

fn codes(idp: &Practice) -> Vec<String> {
    let requests = idp.requests_to(Role::Token);
    requests
        .iter()
        .filter_map(|seen| seen.field("code").map(str::to_owned))
        .collect()
}

#[test]
fn each_takes_its_own_answer_and_no_other() {
    let (idp, other) = (provider(), provider());
    let machine = machine_for(&idp, "");
    machine.tenant("second", &conforming_file(&idp, ""));
    machine.tenant("elsewhere", &conforming_file(&other, ""));
    for (pair, providers) in [
        (["corp", "second"], [&idp, &idp]),
        (["corp", "elsewhere"], [&idp, &other]),
    ] {
        let before = [codes(&idp).len(), codes(&other).len()];
        let logins =
            pair.map(|tenant| machine.start(&["login", tenant, "--no-browser", "--force"]));
        let [first, second] = [logins[0].address(), logins[1].address()];
        for (url, elsewhere) in [(&first, &second), (&second, &first)] {
            let astray = with_parameter(url, "redirect_uri", &parameter(elsewhere, "redirect_uri"));
            assert_eq!(visit(&astray).status, 400);
        }
        for url in [&first, &second] {
            assert_eq!(visit(url).status, 200);
        }
        for login in logins {
            let _ = login.finish().succeeded();
        }
        let redeemed = codes(&idp).len() - before[0] + codes(&other).len() - before[1];
        assert_eq!(redeemed, 2, "{pair:?}");
        for idp in providers {
            let issued: Vec<String> = idp
                .secrets()
                .into_iter()
                .filter(|secret| secret.kind == SecretKind::Code)
                .map(|secret| secret.value)
                .collect();
            assert!(
                codes(idp).iter().all(|code| issued.contains(code)),
                "{pair:?}"
            );
            // The two answers that went astray were never redeemed anywhere.
            assert!(issued.len() > codes(idp).len(), "{pair:?}");
        }
    }
}
