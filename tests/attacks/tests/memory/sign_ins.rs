//! Attack: a plugin traps, hangs or answers nonsense at any call of a sign-in, so that secrets are left in memory, or something else is.
//! Stopped by: the flow is dropped, and what is freed is erased, whoever had it: host/cli/src/main.rs, host/core/src/secret.rs

use serde_json::{Value, json};
use vestibule_attacks::puppet::call;
use vestibule_rehearsal::{Par, Role};

use crate::house::{House, sign_in_steps};
use crate::wanted::Wanted;
use crate::watched::{Ended, Watched};

/// The endpoints that a sign-in asks, each at its step: when `begin` has answered, after the first `resume`, and so on.
const ASKED: [&[Role]; 5] = [
    &[Role::Discovery],
    &[],
    &[Role::Token, Role::Jwks],
    &[Role::UserInfo],
    &[Role::Api],
];

/// Plays a sign-in whose plugin answers with `end` in place of each of its steps.
fn ends_at_each_call(house: &House, end: &Value, codes: &[&str]) {
    for number in 0..sign_in_steps().len() {
        let about = format!("{end} at call {number}");
        let mut steps = sign_in_steps();
        steps[number] = end.clone();
        let tenant = format!("case-{number}");
        house.tenant(&tenant, &house.program().steps("sign-in", steps));
        let before: Vec<u64> = ASKED
            .concat()
            .iter()
            .map(|role| house.idp.count(*role))
            .collect();
        let (ended, wanted, redirect_uri) = if number < 2 {
            // The client secret is there from the beginning, and nothing else.
            let ended = Watched::start(&house.machine, &["login", &tenant, "--json"]).finish();
            (ended, Wanted::of(&house.idp), None)
        } else {
            let (ended, wanted, redirect_uri) = house.sign_in(&tenant);
            (ended, wanted, Some(redirect_uri))
        };
        ended.failed(codes, "plugin", &about);
        house.left_nothing(&ended, &wanted, redirect_uri.as_deref(), &about);
        assert!(house.machine.sealed().is_empty(), "{about}");
        // What was asked before is all that was asked.
        let never = ASKED[number.min(ASKED.len())..].concat();
        for (role, before) in ASKED.concat().iter().zip(before) {
            let asked = house.idp.count(*role) - before;
            assert!(asked == 0 || !never.contains(role), "{about}: {role:?}");
        }
    }
}

// proves: PLUG-20
#[test]
fn a_trap_at_any_call_leaves_no_secret_in_memory_and_nothing_else() {
    for par in [Par::Absent, Par::Offered] {
        ends_at_each_call(&House::with(par), &json!("Trap"), &["plugin.trap"]);
    }
}

// proves: PLUG-20
#[test]
fn a_call_without_end_leaves_no_secret_in_memory_and_nothing_else() {
    ends_at_each_call(&House::new(), &json!("Loop"), &["plugin.time"]);
}

// proves: PLUG-20
#[test]
fn an_invalid_answer_at_any_call_leaves_no_secret_in_memory_and_nothing_else() {
    let step = call("no such/role", Value::Null, &[("", json!("x"))], vec![]);
    ends_at_each_call(&House::new(), &step, &["plugin.name"]);
}

/// What was sealed is not in the clear either.
#[test]
fn a_sign_in_that_ends_well_leaves_no_secret_in_memory() {
    let house = House::new();
    house.tenant("corp", &house.program());
    let (ended, wanted, redirect_uri) = house.sign_in("corp");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(house.machine.sealed().len(), 1);
    for name in [
        "AccessToken",
        "ClientSecret",
        "Code",
        "IdToken",
        "Nonce",
        "RefreshToken",
        "State",
        "Verifier",
    ] {
        assert!(wanted.names().contains(&name), "{name} is not looked for");
    }
    house.left_nothing(&ended, &wanted, Some(&redirect_uri), "a good sign-in");
    hands_out_the_access_token_alone(&house, &wanted);
}

fn hands_out_the_access_token_alone(house: &House, wanted: &Wanted) {
    let Ended {
        code,
        stdout,
        memory,
        ..
    } = Watched::start(&house.machine, &["token", "corp"]).finish();
    assert_eq!(code, Some(0));
    assert!(house.idp.is_live(stdout.trim()));
    // Not the token either: it was written, and that is all.
    wanted.is_not_in(&memory, "token");
}
