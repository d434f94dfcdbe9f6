//! Attack: tell flows apart, or draw a number of one's own, by a clock, by chance, or by what is left of an earlier flow.
//! Stopped by: nothing is imported, and replies have whole seconds at the finest (host/engine/src/admit.rs, host/core/src/reply.rs).

use std::time::Duration;

use serde_json::json;
use vestibule_attacks::puppet::{API, call, reference, text, told, userinfo};
use vestibule_attacks::stage::puppet;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Reference;
use vestibule_core::plugin::Plugin as _;
use vestibule_core::reply::{Problem, Reply, Response, Tokens};
use vestibule_core::start::Start;
use vestibule_guests::{cleared, plain_component};
use vestibule_rehearsal::{Clock, Script};

fn telling(stage: &Stage) -> Program {
    let tell = call(
        API,
        reference("access_token"),
        &[("flows", json!({"$flows": null}))],
        vec![text("told", told())],
    );
    Program::honest(&stage.idp)
        .reads("userinfo", &[("/sub", ".*"), ("/name", ".*")])
        .after_tokens(vec![userinfo("access_token"), tell])
}

// proves: PLUG-18
#[tokio::test(flavor = "multi_thread")]
async fn the_same_replies_lead_to_the_same_steps() {
    let stage = Stage::honest().await;
    stage.play(&telling(&stage)).await.unwrap();
    let (start, replies) = (stage.tape.starts().remove(0), stage.tape.replies());
    assert_eq!(replies.len(), 5);
    let admitted = vestibule_engine::Admitted::new(puppet()).unwrap();
    let steps = |start: &Start| {
        let plugin = stage.vestibule.sandbox().unwrap().load(&admitted).unwrap();
        let mut flow = plugin.start_flow().unwrap();
        let mut steps = vec![format!(
            "{:?}",
            flow.begin(&cleared(start.clone())).unwrap()
        )];
        steps.extend(
            replies
                .iter()
                .map(|reply| format!("{:?}", flow.resume(&cleared(reply.clone())).unwrap())),
        );
        steps
    };
    let first = steps(&start);
    assert_eq!(first.len(), 6);
    assert!(first.iter().any(|step| step.contains("flows")));
    for _ in 0..3 {
        assert_eq!(steps(&start), first);
    }
    // Another reply leads elsewhere: the steps do depend on what they are made of.
    let mut other = start;
    other.registered = !other.registered;
    assert_ne!(steps(&other), first);
    // And there is no other source to draw from.
    for import in [
        "wasi:random/random@0.2.0",
        "wasi:random/insecure-seed@0.2.0",
        "wasi:clocks/monotonic-clock@0.2.0",
    ] {
        let text = format!(
            "(component (import \"{import}\" (instance (export \"now\" (func (result u64))))))"
        );
        let refused = vestibule_engine::Admitted::new(plain_component(&text))
            .err()
            .unwrap();
        assert!(refused.message().contains(import), "{refused:?}");
    }
}

/// What in a reply could tell a time. Everything is named, so that a new member does not compile without a thought about it.
fn times(reply: &Reply) -> Vec<u64> {
    match reply {
        Reply::Tokens(Tokens {
            access_token: _,
            refresh_token: _,
            id_token: _,
            expires_in,
            scopes: _,
            members: _,
            secrets: _,
        }) => vec![u64::from(*expires_in)],
        Reply::Response(Response {
            members: _,
            secrets: _,
        }) => vec![],
        Reply::Failed(Problem { kind: _, code: _ }) => vec![],
        Reply::Discovered(_) | Reply::Authorized(_) | Reply::SubjectToken(_) | Reply::Chosen(_) => {
            vec![]
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_at_another_time_looks_the_same_from_within() {
    let clock = Clock::new();
    let stage = Stage::with(Script::honest().clock(&clock)).await;
    let program = telling(&stage);
    let name = stage.approve("corp", &program).await.unwrap();
    let mut looks = Vec::new();
    for _ in 0..3 {
        let (entered, given) = (stage.tape.entered().len(), stage.tape.references().len());
        let replies = stage.tape.replies().len();
        stage.sign_in(&name).await.unwrap();
        let mut look = stage.tape.entered().split_off(entered).join("\n");
        // References are drawn anew each time, by the host.
        for (_, reference) in stage.tape.references().split_off(given) {
            let Reference { .. } = reference;
            look = look.replace(&format!("{reference:?}"), "reference");
        }
        looks.push(look);
        // Whole seconds, of a size that the provider has chosen.
        let times: Vec<u64> = stage
            .tape
            .replies()
            .split_off(replies)
            .iter()
            .flat_map(times)
            .collect();
        assert_eq!(times, [300]);
        // Hours, minutes and seconds: no one of them may show.
        clock.advance(Duration::from_secs(3 * 3600 + 17 * 60 + 23));
    }
    assert_eq!(looks[0], looks[1]);
    assert_eq!(looks[1], looks[2]);
}
