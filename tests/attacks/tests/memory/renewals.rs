//! Attack: a plugin traps, hangs or answers nonsense while stored tokens are in use: as they are renewed or revoked, or when it is asked
//! to describe itself.
//! Stopped by: the flow is dropped with the tokens that it was given, and the stored grant stays as it was: host/app/src/refresh.rs

use std::fs;

use serde_json::{Value, json};
use vestibule_attacks::puppet::{call, discover, finish, refresh, revoke, userinfo};
use vestibule_core::approval::Approval;
use vestibule_guests::{Guest, behaviour};
use vestibule_rehearsal::Role;

use crate::house::House;
use crate::wanted::Wanted;
use crate::watched::Watched;

/// How a plugin can end what it does, and what that is called.
fn ends() -> [(Value, &'static str); 3] {
    let illegal = call("no such/role", Value::Null, &[("", json!("x"))], vec![]);
    [
        (json!("Trap"), "plugin.trap"),
        (json!("Loop"), "plugin.time"),
        (illegal, "plugin.name"),
    ]
}

/// Signs in at a tenant whose plugin does this for a purpose.
fn signed_in(house: &House, tenant: &str, purpose: &str, steps: Vec<Value>) -> Wanted {
    house.tenant(tenant, &house.program().steps(purpose, steps));
    let (ended, known, _) = house.sign_in(tenant);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    known
}

// proves: PLUG-20
#[test]
fn a_renewal_that_a_plugin_breaks_off_leaves_no_secret_in_memory_and_the_grant_as_it_was() {
    let house = House::new();
    for (which, (end, code)) in ends().into_iter().enumerate() {
        let honest = [
            discover(),
            refresh("refresh_token"),
            userinfo("access_token"),
            finish(&["access_token", "refresh_token"]),
        ];
        for number in 0..honest.len() {
            let about = format!("{end} at call {number}");
            let mut steps = honest.to_vec();
            steps[number] = end.clone();
            let tenant = format!("case-{which}-{number}");
            let known = signed_in(&house, &tenant, "refresh", steps);
            let (kept, asked) = (house.kept(), house.idp.count(Role::Token));
            let arguments = ["token", tenant.as_str(), "--refresh", "--json"];
            let ended = Watched::start(&house.machine, &arguments).finish();
            ended.failed(&[code], "plugin", &about);
            let wanted = Wanted::of(&house.idp).with(known);
            house.left_nothing(&ended, &wanted, None, &about);
            assert!(house.kept() == kept, "{about}: something was stored");
            let renewed = house.idp.count(Role::Token) - asked;
            assert_eq!(renewed, u64::from(number > 1), "{about}");
        }
    }
}

// proves: PLUG-20
#[test]
fn a_revocation_that_a_plugin_breaks_off_leaves_no_secret_in_memory() {
    let house = House::new();
    for (which, (end, _)) in ends().into_iter().enumerate() {
        let honest = [discover(), revoke("refresh_token"), revoke("access_token")];
        for number in 0..honest.len() {
            let about = format!("{end} at call {number}");
            let mut steps = honest.to_vec();
            steps[number] = end.clone();
            let tenant = format!("case-{which}-{number}");
            let known = signed_in(&house, &tenant, "revoke", steps);
            let asked = house.idp.count(Role::Revocation);
            let ended = Watched::start(&house.machine, &["logout", &tenant, "--json"]).finish();
            assert_ne!(ended.code, None, "{about}");
            let wanted = Wanted::of(&house.idp).with(known);
            house.left_nothing(&ended, &wanted, None, &about);
            assert!(house.machine.sealed().is_empty(), "{about}");
            let revoked = house.idp.count(Role::Revocation) - asked;
            assert_eq!(revoked, number.saturating_sub(1) as u64, "{about}");
        }
    }
}

/// A component that was approved describes itself alike whenever it is asked, so that one which does not is put in its place here, and in
/// the place of its digest: stored tokens are in use when a flow begins with that question.
// proves: PLUG-20
#[test]
fn a_description_that_is_broken_off_leaves_no_secret_in_memory_and_the_grant_as_it_was() {
    let house = House::new();
    house.tenant("corp", &house.program());
    let (ended, known, _) = house.sign_in("corp");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let beyond = "(i32.const 0x7ffffff0)";
    for (describe, codes) in [
        (behaviour::TRAP, &["plugin.trap"][..]),
        (behaviour::LOOP, &["plugin.time"]),
        (beyond, &["plugin.trap", "plugin.answer"]),
    ] {
        let component = Guest::honest().describe(describe).component();
        let digest = vestibule_app::plugins::digest(&component);
        fs::write(house.machine.plugin_file("puppet"), &component).unwrap();
        let file = house.machine.state().join("approvals/corp.json");
        let mut approval: Approval = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        approval.plugin_digest = digest;
        fs::write(&file, serde_json::to_vec(&approval).unwrap()).unwrap();
        let (kept, asked) = (house.kept(), house.idp.requests().len());
        for arguments in [
            &["token", "corp", "--refresh", "--json"][..],
            &["login", "corp", "--force", "--no-browser", "--json"],
        ] {
            let about = format!("{describe}: {arguments:?}");
            let ended = Watched::start(&house.machine, arguments).finish();
            ended.failed(codes, "plugin", &about);
            let wanted = Wanted::of(&house.idp).with(known.clone());
            house.left_nothing(&ended, &wanted, None, &about);
            assert!(house.kept() == kept, "{about}: something was stored");
            assert_eq!(house.idp.requests().len(), asked, "{about}");
        }
    }
}
