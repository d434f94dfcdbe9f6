//! Attack: tell how long the host took over something, and so what it has compared, found or waited for.
//! Stopped by: no imports, no second thread, and no member of any reply that says when (wit/types.wit, host/engine/src/admit.rs).

use std::time::{Duration, Instant};

use serde_json::json;
use vestibule_attacks::puppet::{API, call, discover, finish, reference, refresh, userinfo};
use vestibule_attacks::tape::in_order;
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Fault, Role, Script};

const CONTRACT: &str = include_str!("../../../../wit/types.wit");

/// All that can enter a guest as a number: what `begin` and `resume` get.
fn numbers() -> Vec<&'static str> {
    let part = |from: &str, to: &str| {
        let (_, rest) = CONTRACT.split_once(from).expect("the part is there");
        rest.split_once(to).map_or(rest, |(part, _)| part)
    };
    let part = [
        part("// --- Beginning a flow", "// --- Steps"),
        part("// --- Replies", "// ---"),
    ];
    let lines = part.into_iter().flat_map(str::lines).map(str::trim);
    lines
        .filter(|line| !line.starts_with("///"))
        .filter(|line| {
            [
                "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64",
            ]
            .iter()
            .any(|number| line.contains(number))
        })
        .collect()
}

// proves: PLUG-17
#[test]
fn the_one_number_that_the_host_tells_is_a_life_in_whole_seconds() {
    // The second is a member that was declared readable: the provider's word, whatever the host has done meanwhile.
    assert_eq!(numbers(), ["expires-in: u32,", "integer(s64),"]);
    assert!(!CONTRACT.contains("f32") && !CONTRACT.contains("f64"));
}

// proves: PLUG-17
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_takes_seconds_longer_leaves_no_trace_in_the_guest() {
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp)
        .profile(|profile| profile["endpoints"][0]["method"] = json!("Get"))
        .reads("userinfo", &[("/sub", ".*")])
        .after_tokens(vec![
            userinfo("access_token"),
            call(API, reference("access_token"), &[], vec![]),
        ])
        .steps(
            "refresh",
            vec![
                discover(),
                refresh("refresh_token"),
                userinfo("access_token"),
                finish(&["access_token", "refresh_token"]),
            ],
        );
    let name = stage.approve("corp", &program).await.unwrap();
    let mut played = Vec::new();
    // Each answer a byte at a time: the fast run ends long before the slow one has its tokens.
    let pause = Duration::from_millis(2);
    for slow in [false, true] {
        let roles = [Role::Token, Role::UserInfo, Role::Api, Role::Jwks];
        let script = Script::honest().any_redirect_path();
        stage.idp.rescript(match slow {
            false => script,
            true => roles.into_iter().fold(script, |script, role| {
                script.fault(role, Fault::Trickle(pause))
            }),
        });
        let (before, began) = (stage.tape.entered().len(), Instant::now());
        stage.sign_in(&name).await.unwrap();
        let _ = stage.refresh(&name).await.unwrap();
        let took = began.elapsed();
        let entered = stage.tape.entered().split_off(before);
        played.push((took, in_order(entered.iter().map(String::as_str))));
    }
    let [(fast, one), (slow, other)] = played.try_into().unwrap();
    assert!(
        slow > fast + Duration::from_secs(1),
        "there was nothing to measure: {fast:?}, {slow:?}"
    );
    assert!(one.len() > 8, "{one:?}");
    assert_eq!(one, other, "what enters the guest depends on time");
}
