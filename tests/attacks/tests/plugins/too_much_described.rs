//! Attack: a description with too many entries, too long names, URLs and texts, or patterns that are dear to compile.
//! Stopped by: a bound for every list, name and pattern of a description (host/policy/src/approval/entries.rs, host/core/src/limits.rs, host/core/src/pattern.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{API, endpoint, list};
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::{
    DESCRIPTION_ENTRIES, NAME_CHARS, PATTERN_BYTES, READABLE_CHARS, TEXT_BYTES, URL_BYTES,
};

const TOO_MANY: usize = DESCRIPTION_ENTRIES + 1;

fn text(pattern: &str, characters: u32) -> Value {
    json!({"One": {"Text": [pattern, characters]}})
}

fn read(pointer: &str, shape: &Value) -> Value {
    json!({"role": API, "pointer": pointer, "shape": shape})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_of_a_description_has_a_bound() {
    let stage = Stage::honest().await;
    let url = stage.idp.api_url();
    let column = |at: usize| json!({"pointer": format!("/c{at}"), "kind": "Integer"});
    let many = |entry: &dyn Fn(usize) -> Value| (0..TOO_MANY).map(entry).collect::<Vec<_>>();
    let lists: Vec<(&str, Vec<Value>)> = vec![
        ("scopes", many(&|at| json!(format!("s{at}")))),
        ("hosts", many(&|at| json!(format!("h{at}.example")))),
        (
            "derivation",
            many(&|at| json!({"name": format!("p{at}"), "summary": "x"})),
        ),
        (
            "readable",
            many(&|at| read(&format!("/m{at}"), &json!({"One": "Integer"}))),
        ),
        (
            "readable",
            vec![read("/list", &json!({"Rows": many(&column)}))],
        ),
        (
            "readable",
            vec![read(
                "/m",
                &json!({"One": {"OneOf": many(&|at| json!(format!("v{at}")))}}),
            )],
        ),
        ("readable", vec![read("/m", &json!({"One": {"OneOf": []}}))]),
        ("readable", vec![read("/list", &json!({"Rows": []}))]),
        (
            "readable",
            vec![read(
                "/m",
                &json!({"One": {"OneOf": ["x".repeat(TEXT_BYTES + 1)]}}),
            )],
        ),
        (
            "endpoints",
            many(&|at| endpoint(&format!("e{at}"), "Public", &url)),
        ),
        (
            "secrets",
            many(
                &|at| json!({"name": format!("n{at}"), "kind": "Opaque", "born_role": "userinfo", "born_pointer": format!("/n{at}"), "goes": []}),
            ),
        ),
        (
            "secrets",
            vec![
                json!({"name": "n", "kind": "Opaque", "born_role": "userinfo", "born_pointer": "/n",
            "goes": many(&|at| json!({"role": API, "placement": {"Member": format!("m{at}")}}))}),
            ],
        ),
    ];
    for (name, entries) in lists {
        let program = Program::honest(&stage.idp).profile(|profile| *list(profile, name) = entries);
        let error = stage.refuses(&program, "approval.entries").await;
        assert!(error.next_step().is_some(), "{name}: {error:?}");
    }
    for (member, entries) in [
        ("renames", many(&|at| json!(["scope", format!("s{at}")]))),
        (
            "outcomes",
            many(
                &|at| json!({"status": 400, "code": format!("c{at}"), "description": null, "outcome": "Denied"}),
            ),
        ),
    ] {
        let program = Program::honest(&stage.idp)
            .profile(|profile| profile["endpoints"][0]["dialect"][member] = json!(entries));
        stage.refuses(&program, "approval.entries").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_urls_have_bounds() {
    let stage = Stage::honest().await;
    let name = "n".repeat(NAME_CHARS + 1);
    let url = stage.idp.api_url();
    let entries = [
        ("endpoints", endpoint(&name, "Public", &url)),
        ("derivation", json!({"name": name, "summary": "x"})),
        (
            "secrets",
            json!({"name": name, "kind": "Opaque", "born_role": "userinfo", "born_pointer": "/n", "goes": []}),
        ),
        (
            "readable",
            read(
                &format!("/{}", "p".repeat(4 * NAME_CHARS)),
                &json!({"One": "Integer"}),
            ),
        ),
        ("scopes", json!("s".repeat(257))),
    ];
    for (list_name, entry) in entries {
        let program =
            Program::honest(&stage.idp).profile(|profile| list(profile, list_name).push(entry));
        stage.refuses(&program, "plugin.name").await;
    }
    let url = format!("{url}?{}", "x".repeat(URL_BYTES));
    let program = Program::honest(&stage.idp)
        .profile(|profile| list(profile, "endpoints").push(endpoint("far", "Public", &url)));
    stage.refuses(&program, "plugin.url").await;
    let client =
        json!({"Configured": {"client_id": "c".repeat(TEXT_BYTES + 1), "authentication": "None"}});
    let program = Program::honest(&stage.idp).profile(|profile| profile["client"] = client);
    stage.refuses(&program, "approval.client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_is_small_and_flat() {
    let stage = Stage::honest().await;
    for pattern in [
        "a".repeat(PATTERN_BYTES + 1),
        "((((((((((((((((((a))))))))))))))))))".to_owned(),
        "((a{200}){200}){200}".to_owned(),
        "(a*)*{999}{999}".to_owned(),
        r"(a)\1".to_owned(),
        "(?=a)".to_owned(),
        "a)|(?:.*".to_owned(),
        "[".to_owned(),
    ] {
        let program = Program::honest(&stage.idp).reads(API, &[("/name", &pattern)]);
        stage.refuses(&program, "approval.readable").await;
    }
    for characters in [0, READABLE_CHARS + 1, u32::MAX] {
        let program = Program::honest(&stage.idp).profile(|profile| {
            list(profile, "readable").push(read("/name", &text(".*", characters)))
        });
        stage.refuses(&program, "approval.readable").await;
    }
}
