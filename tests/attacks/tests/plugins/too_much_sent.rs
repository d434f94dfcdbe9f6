//! Attack: send a flood of bytes to the provider, in one text, many fields, or over many requests.
//! Stopped by: bounds of a text, of fields, and of all that a flow sends (host/policy/src/steps/text.rs, fields.rs, budget.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{API, authorize_with, call, discover, long, reference, text};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::{DESCRIPTION_ENTRIES, FLOW_SENT_BYTES, TEXT_BYTES};
use vestibule_rehearsal::Role;

fn to_api(query: &[(&str, Value)], body: Vec<Value>) -> Value {
    call(API, reference("access_token"), query, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_a_list_and_a_body_have_bounds() {
    let stage = Stage::honest().await;
    let names: Vec<String> = (0..=DESCRIPTION_ENTRIES)
        .map(|at| format!("f{at}"))
        .collect();
    let fields: Vec<Value> = names.iter().map(|name| text(name, "x")).collect();
    let query: Vec<(&str, Value)> = names
        .iter()
        .map(|name| (name.as_str(), json!("x")))
        .collect();
    let texts: Vec<String> = names.clone();
    for (step, rule) in [
        (
            to_api(&[], vec![text("note", long(TEXT_BYTES + 1))]),
            "text",
        ),
        (to_api(&[("q", long(TEXT_BYTES + 1))], vec![]), "text"),
        (to_api(&[("q", long(1 << 19))], vec![]), "budget"),
        (to_api(&[], fields), "fields"),
        (to_api(&query, vec![]), "fields"),
        (
            to_api(
                &[],
                vec![json!({"name": "list", "value": {"Texts": texts}})],
            ),
            "fields",
        ),
    ] {
        let program = Program::honest(&stage.idp)
            .profile(|profile| profile["endpoints"][0]["dialect"]["encoding"] = json!("Json"))
            .after_tokens(vec![step]);
        denied(&caught(stage.play(&program).await), rule);
    }
    for (extra, rule) in [
        (
            vec![("audience".to_owned(), "x".repeat(TEXT_BYTES + 1))],
            "text",
        ),
        (
            names
                .iter()
                .map(|name| (name.clone(), "x".to_owned()))
                .collect(),
            "extra_fields",
        ),
    ] {
        let extra: Vec<(&str, &str)> = extra
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let steps = vec![discover(), authorize_with(&["openid"], &extra)];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        denied(&caught(stage.play(&program).await), rule);
    }
    assert_eq!(stage.idp.count(Role::Api), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_flow_sends_has_a_bound() {
    let stage = Stage::honest().await;
    let steps = (0..20).map(|_| {
        to_api(
            &[("q", long(TEXT_BYTES - 100))],
            vec![text("note", long(TEXT_BYTES))],
        )
    });
    let program = Program::honest(&stage.idp).after_tokens(steps.collect());
    denied(&stage.catches(&program).await, "budget");
    let sent: usize = stage
        .idp
        .requests_to(Role::Api)
        .iter()
        .map(|seen| seen.body.len() + seen.target.len())
        .sum();
    assert!(sent > FLOW_SENT_BYTES / 2, "{sent}");
    assert!(sent < FLOW_SENT_BYTES + 4096, "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_and_hints_are_bounded_too() {
    let stage = Stage::honest().await;
    let asking = |resources: Value, hint: Value| json!({"Authorize": {"scopes": ["openid"], "offline": false, "login_hint": hint, "resources": resources, "extra": []}});
    let many: Vec<String> = (0..=DESCRIPTION_ENTRIES)
        .map(|at| format!("https://api.example/{at}"))
        .collect();
    for (step, rule) in [
        (asking(json!(many), json!(null)), "resources"),
        (
            asking(json!(["https://api.example/#x"]), json!(null)),
            "resources",
        ),
        (asking(json!(["api"]), json!(null)), "resources"),
        (asking(json!([]), long(TEXT_BYTES + 1)), "text"),
    ] {
        let program = Program::honest(&stage.idp).steps("sign-in", vec![discover(), step]);
        denied(&caught(stage.play(&program).await), rule);
    }
    assert_eq!(stage.tape.browsers(), 0);
}
