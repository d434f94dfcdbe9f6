//! Attack: flood the provider, or take steps without end.
//! Stopped by: budgets of steps and requests for each flow (host/policy/src/steps/budget.rs, host/engine/src/instance.rs).

use serde_json::{Value, json};
use vestibule_app::AuditEvent;
use vestibule_attacks::puppet::{API, call, choose, discover, endpoint, list, reference, userinfo};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::{FLOW_CHOICES, FLOW_REQUESTS, FLOW_STEPS};
use vestibule_guests::{Guest, behaviour, cleared};
use vestibule_rehearsal::Role;

fn times(count: u32, step: &Value) -> Vec<Value> {
    (0..count).map(|_| step.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_never_ends_its_flow_is_ended_within_the_budget() {
    let stage = Stage::honest().await;
    for step in [
        discover(),
        userinfo("access_token"),
        call(API, reference("access_token"), &[], vec![]),
    ] {
        let before = stage.idp.requests().len();
        let program = Program::honest(&stage.idp).after_tokens(times(FLOW_STEPS, &step));
        let error = caught(stage.play(&program).await);
        denied(&error, "budget");
        assert!(
            error.message().contains(&FLOW_REQUESTS.to_string()),
            "{error:?}"
        );
        let roles = [Role::UserInfo, Role::Api];
        let asked = stage.idp.requests().split_off(before);
        let asked = asked
            .iter()
            .filter(|seen| roles.contains(&seen.role))
            .count();
        assert!(asked <= FLOW_REQUESTS as usize, "{asked} requests");
    }
    stage.kept_nothing();
}

/// Requests that carry no secret count like those that do.
// proves: PLUG-16
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_without_secrets_ends_at_the_same_budget() {
    let stage = Stage::honest().await;
    let steps = times(
        FLOW_STEPS,
        &call("news", Value::Null, &[("q", json!("x"))], vec![]),
    );
    let program = Program::honest(&stage.idp)
        .profile(|profile| {
            let url = format!("{}/news", stage.idp.issuer());
            list(profile, "endpoints").push(endpoint("news", "Public", &url));
        })
        .steps("sign-in", steps);
    denied(&stage.catches(&program).await, "budget");
    assert_eq!(stage.idp.count(Role::Unknown), u64::from(FLOW_REQUESTS));
    let sent = &stage.last(AuditEvent::Refusal).sent["news"];
    assert_eq!(sent.to, stage.idp.issuer());
    assert_eq!(sent.requests, u64::from(FLOW_REQUESTS));
    // Each has sent a name and a value of one byte.
    assert_eq!(sent.plugin_bytes, 2 * u64::from(FLOW_REQUESTS));
}

// proves: RES-04
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_a_few_times_and_no_more() {
    let stage = Stage::honest().await;
    let steps = times(FLOW_STEPS, &choose("account", &[("a", "b")]));
    let program = Program::honest(&stage.idp).steps("sign-in", steps);
    denied(&stage.catches(&program).await, "budget");
    let shown = stage.tape.shown();
    let asked = shown
        .iter()
        .filter(|text| text.starts_with("account"))
        .count();
    assert_eq!(asked, FLOW_CHOICES as usize);
}

/// The same by hand: a component that answers everything with another `discover`.
#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_never_ends_its_flow_is_ended_by_the_sandbox_too() {
    let stage = Stage::honest().await;
    let guest = Guest::honest().resume(behaviour::DISCOVER).component();
    let sandbox = stage.vestibule.sandbox().unwrap();
    let admitted = vestibule_engine::Admitted::new(guest).unwrap();
    let plugin = sandbox.load(&admitted).unwrap();
    let honest = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    stage.sign_in(&honest).await.unwrap();
    let start = stage.tape.starts().remove(0);
    let reply = stage.tape.replies().remove(0);
    let mut flow = vestibule_core::plugin::Plugin::start_flow(&plugin).unwrap();
    flow.begin(&cleared(start.clone())).unwrap();
    let mut steps = 1;
    let error = loop {
        match flow.resume(&cleared(reply.clone())) {
            Ok(_) => steps += 1,
            Err(error) => break error,
        }
        assert!(steps <= FLOW_STEPS + 1, "it goes on");
    };
    assert_eq!(error.code(), "plugin.steps", "{error:?}");
}
