//! Attack: place an endpoint on a host that looks like the provider's: another script, punycode, an invisible letter, or a name too long to be read to its end.
//! Stopped by: hosts exist in their ASCII form alone, and are shown to the end (host/core/src/url.rs, host/policy/src/approval/hosts.rs, host/cli/src/view/permissions.rs).

use serde_json::json;
use vestibule_attacks::puppet::{endpoint, list};
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::Script;

/// Names that look like `idp.example` or are not what they seem.
const LOOK_ALIKE: [&str; 12] = [
    "\u{456}dp.example",
    "idp.ex\u{430}mple",
    "\u{ff49}dp.example",
    "idp\u{3002}example",
    "idp\u{200b}.example",
    "idp\u{ad}.example",
    "idp.\u{202e}elpmaxe",
    "idp.e\u{301}xample",
    "xn--\u{456}dp.example",
    "idp.example\u{2044}x.mallory.example",
    "IDP\u{2024}example",
    "\u{2170}dp.example",
];

// proves: UI-03
#[tokio::test(flavor = "multi_thread")]
async fn a_host_of_another_script_is_not_a_host() {
    let stage = Stage::honest().await;
    for host in LOOK_ALIKE {
        let url = format!("https://{host}/in");
        let row = Program::honest(&stage.idp)
            .profile(|profile| list(profile, "endpoints").push(endpoint("drop", "Resource", &url)));
        let error = stage.refuses(&row, "plugin.url").await;
        assert_eq!(error.blame(), Blame::Plugin, "{host}");
        let harmful = error
            .message()
            .chars()
            .any(vestibule_core::text::is_harmful);
        assert!(!harmful, "{error:?}");
        let named =
            Program::honest(&stage.idp).profile(|profile| list(profile, "hosts").push(json!(host)));
        stage.refuses(&named, "approval.hosts").await;
        let issuer = Program::honest(&stage.idp).profile(|profile| {
            profile["server"] = json!({"Discovered": format!("https://{host}")})
        });
        stage.refuses(&issuer, "plugin.url").await;
    }
    assert_eq!(stage.idp.count(vestibule_rehearsal::Role::Token), 0);
}

// proves: UI-03
#[test]
fn a_host_is_shown_in_ascii_and_to_its_end() {
    let idp = Practice::openid(Script::honest());
    let machine = Machine::new("/does/not/exist");
    let puppet = machine.home().join("puppet.wasm");
    std::fs::write(&puppet, vestibule_attacks::stage::puppet()).unwrap();
    let _ = machine
        .run(&["plugin", "install", puppet.to_str().unwrap()])
        .succeeded();
    // Punycode stands there as what it is, and the domain that counts is at the end.
    let labels = ["accounts", "idp", "example"].join(".");
    let long = format!(
        "{labels}.{}.{}.xn--mllory-8ya.example",
        "a".repeat(60),
        "b".repeat(60)
    );
    let longer = format!(
        "{labels}.{}.{}.mallory.example",
        "c".repeat(60),
        "d".repeat(60)
    );
    assert!(long.len() + longer.len() > 250);
    let program = Program::honest(&idp).profile(|profile| {
        list(profile, "endpoints").push(endpoint(
            "drop",
            "Resource",
            &format!("https://{long}/in"),
        ));
        for host in [&long, &longer] {
            list(profile, "hosts").push(json!(host));
        }
        list(profile, "hosts").push(json!("last.mallory.example"));
    });
    let file = machine.tenant_file("corp");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, program.tenant_file("")).unwrap();
    let outcome = machine.at_a_terminal(
        &["tenant", "approve", "corp"],
        "Approve this for tenant corp?",
        "n\n",
    );
    assert_eq!(outcome.code, Some(3), "{outcome}");
    for shown in [&long, &longer] {
        assert!(outcome.stdout.contains(shown.as_str()), "{outcome}");
    }
    assert!(outcome.stdout.contains("last.mallory.example"), "{outcome}");
    assert!(
        outcome.stdout.contains(&format!("https://{long}/in")),
        "{outcome}"
    );
    assert!(
        !outcome.stdout.contains('\u{2026}'),
        "something was cut: {outcome}"
    );
}
