//! Attack: send a flood of bytes to the provider, in one text, many fields, or over many requests.
//! Stopped by: bounds of a text, of fields, and of all that a flow sends (host/policy/src/steps/text.rs, fields.rs, budget.rs).

use serde_json::{Value, json};
use vestibule_app::AuditEvent;
use vestibule_attacks::puppet::{
    API, authorize_with, call, discover, finish, long, redeem, reference, text,
};
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

// proves: PLUG-16
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
    // How much, and where to, is recorded: all that arrived, and of what was refused nothing.
    let refused = stage.last(AuditEvent::Refusal);
    assert_eq!(refused.reason.unwrap().rule.as_deref(), Some("budget"));
    let recorded = &refused.sent[API];
    assert_eq!(recorded.to, stage.idp.issuer());
    assert_eq!(recorded.requests, stage.idp.count(Role::Api));
    let own = TEXT_BYTES - 100 + TEXT_BYTES + "q".len() + "note".len();
    assert_eq!(recorded.plugin_bytes, recorded.requests * own as u64);
    let bodies: usize = stage
        .idp
        .requests_to(Role::Api)
        .iter()
        .map(|seen| seen.body.len())
        .sum();
    assert_eq!(recorded.body_bytes, bodies as u64);
}

/// What goes to the provider by way of the person's browser counts as what goes there directly.
// proves: PLUG-16
#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_puts_into_an_authorization_is_recorded_too() {
    let stage = Stage::honest().await;
    let scopes = ["openid", "profile", "offline_access"];
    let step = authorize_with(&scopes, &[("audience", "https://api.example")]);
    let program = Program::honest(&stage.idp).steps(
        "sign-in",
        vec![
            discover(),
            step,
            redeem("code"),
            to_api(&[("q", json!("four"))], vec![]),
            finish(&["access_token"]),
        ],
    );
    stage.play(&program).await.unwrap();
    let sent = stage.last(AuditEvent::Issuance).sent;
    let own: usize = scopes.iter().map(|scope| scope.len()).sum();
    let own = own + "audience".len() + "https://api.example".len();
    let recorded = &sent["authorization"];
    assert_eq!(
        (
            recorded.to.clone(),
            recorded.requests,
            recorded.plugin_bytes
        ),
        (stage.idp.issuer(), 1, own as u64)
    );
    assert_eq!(sent[API].plugin_bytes, 5);
    assert_eq!(sent["token"].plugin_bytes, 0);
    let requests: u64 = [Role::Token, Role::Api, Role::PushedAuthorization]
        .map(|role| stage.idp.count(role))
        .iter()
        .sum();
    let recorded: u64 = sent.values().map(|sent| sent.requests).sum();
    // The browser's is the one that the host does not send itself.
    assert_eq!(recorded, requests + 1);
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
