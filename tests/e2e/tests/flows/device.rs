//! Signing in by a code that is entered elsewhere (RFC 8628).

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vestibule_e2e::{
    Browser, Decision, Machine, OidcProvider, Outcome, Practice, encodings, person,
};
use vestibule_rehearsal::{Fault, Role, Script};

use crate::machine_with;

/// A person notices half a second; a busy machine takes its time too.
const AT_ONCE: Duration = Duration::from_secs(3);

/// A machine whose tenant `corp` has this policy.
fn machine(issuer: &str, client_id: &str, policy: &str) -> Machine {
    let machine = machine_with("oidc");
    machine.tenant(
        "corp",
        &format!(
            "plugin = \"oidc\"\ninteractive = \"window\"\n[policy]\n{policy}\n\
             [settings]\nissuer = \"{issuer}\"\nclient_id = \"{client_id}\"\n\
             [network]\nallow_loopback_http = true\n"
        ),
    );
    machine
}

/// The practice provider, which is asked every second.
fn practice() -> Practice {
    Practice::openid(quick())
}

fn quick() -> Script {
    Script::honest()
        .any_redirect_path()
        .poll_interval(Duration::from_secs(1))
}

const BOTH: &str = "methods = [\"browser\", \"device\"]";

/// Signs in by device, with somebody who enters the code that is shown.
fn login(machine: &Machine, browser: Browser, decision: Decision, more: &[&str]) -> Outcome {
    let arguments = [&["login", "corp", "--method", "device"], more].concat();
    let login = machine.start(&arguments);
    let (address, code) = login.device_code();
    person::enter_code(browser, decision, &address, &code).expect("it can be entered");
    login.finish()
}

#[test]
fn a_code_that_is_entered_in_a_real_browser_signs_in() {
    let provider = OidcProvider::start(&[]);
    let machine = machine(provider.issuer(), "cli", BOTH);
    let outcome = login(&machine, Browser::Chromium, Decision::Approve, &[]).succeeded();
    // Host-drawn: who asks for what, and the warning.
    for line in [
        "  tenant   corp".to_owned(),
        format!("  issuer   {}", provider.issuer()),
        "  plugin   oidc sha256:".to_owned(),
        "  access   openid".to_owned(),
        "Never\npass the code on".to_owned(),
    ] {
        assert!(outcome.stderr.contains(&line), "{line}: {outcome}");
    }
    assert_eq!(outcome.stdout, "");

    let granted = "urn:ietf:params:oauth:grant-type:device_code";
    provider.expect_grants(granted, 1);
    let token = machine.run(&["token", "corp"]).succeeded();
    assert_eq!(provider.userinfo(token.line()).json()["sub"], "ada");
    let status = machine.run(&["status", "--json"]).succeeded().json();
    assert_eq!(status[0]["records"][0]["method"], "device");
    assert_eq!(status[0]["records"][0]["subject"], "ada");

    let _ = machine.run(&["logout", "corp"]).succeeded();
    assert!(!provider.is_active(token.line()));
    assert!(machine.sealed().is_empty());
}

#[test]
fn a_code_that_is_refused_in_a_real_browser_gives_nothing() {
    let provider = OidcProvider::start(&[]);
    let machine = machine(provider.issuer(), "cli", BOTH);
    let outcome = login(&machine, Browser::Chromium, Decision::Deny, &["--verbose"]);
    assert_eq!(outcome.code, Some(3), "{outcome}");
    assert!(outcome.stderr.contains("access_denied"), "{outcome}");
    assert!(machine.sealed().is_empty());
}

// proves: DEV-01
#[test]
fn with_a_browser_at_hand_it_takes_an_explicit_flag() {
    let idp = practice();
    let only = machine(&idp.issuer(), Script::CLIENT_ID, "methods = [\"device\"]");
    // Wherever this runs, a container included: screens alone are the table's of `vestibule_policy::probe`.
    let named = |command: &mut std::process::Command| {
        command.env("BROWSER", "/bin/true");
    };
    let by_variable = only
        .start_with(&["login", "corp", "--json"], named)
        .finish();
    let _nobody_comes = only.seat(Browser::Visitor, Decision::Close);
    let configured = only.run(&["login", "corp", "--json"]);
    for (refused, seen) in [(by_variable, "BROWSER"), (configured, "config.toml")] {
        refused.failed("policy.denied", "policy", 5);
        assert!(refused.stderr.contains("--method device"), "{refused}");
        assert!(refused.stderr.contains(seen), "{refused}");
    }
    assert_eq!(idp.count(Role::DeviceAuthorization), 0);

    // Without one, nor anybody who would see the code, it takes the flag too.
    let both = machine(&idp.issuer(), Script::CLIENT_ID, BOTH);
    let alone = both.with_input(&["login", "corp", "--json"], "");
    alone.failed("policy.denied", "policy", 5);
    assert!(alone.stderr.contains("without a terminal"), "{alone}");
    assert_eq!(idp.count(Role::DeviceAuthorization), 0);

    // By somebody at a terminal it is taken, and the reason is told.
    let login = both.start_at_a_terminal("", &["login", "corp", "--explain"]);
    let (address, code) = login.device_code();
    person::enter_code(Browser::Visitor, Decision::Approve, &address, &code).unwrap();
    let outcome = login.finish().succeeded();
    assert!(
        outcome
            .stdout
            .contains("Method: device, because no browser can be used here"),
        "{outcome}"
    );
    // With one, the same tenant takes the browser.
    let person = both.seat(Browser::Visitor, Decision::Approve);
    let _ = both.run(&["login", "corp", "--force"]).succeeded();
    let _ = person.report();
    assert_eq!(idp.count(Role::DeviceAuthorization), 1);
}

// proves: DEV-01
#[test]
fn a_tenant_that_forbids_it_refuses_it_always() {
    let idp = practice();
    for policy in ["", "methods = [\"browser\"]", "risk = \"high\""] {
        let machine = machine(&idp.issuer(), Script::CLIENT_ID, policy);
        for more in [&[][..], &["--no-browser"]] {
            let arguments = [&["login", "corp", "--method", "device", "--json"], more].concat();
            let refused = machine.run(&arguments);
            refused.failed("policy.denied", "policy", 5);
            let hint = refused.error()["hint"].to_string();
            assert!(hint.contains("policy.methods"), "{hint}");
        }
    }
    assert_eq!(idp.count(Role::DeviceAuthorization), 0);
}

// proves: DEV-01
#[test]
fn a_browser_sign_in_that_fails_does_not_become_one_by_device() {
    let idp = practice();
    let machine = machine(&idp.issuer(), Script::CLIENT_ID, BOTH);
    let denied = machine.seat(Browser::Visitor, Decision::Deny);
    machine
        .run(&["login", "corp", "--json"])
        .failed("authorization.access_denied", "user", 3);
    let _ = denied.report();
    let _closed = machine.seat(Browser::Visitor, Decision::Close);
    machine
        .run(&["login", "corp", "--json", "--timeout", "3"])
        .failed("flow.timeout", "user", 3);
    // A browser that is configured and does not start is trouble, and no reason for another way.
    machine.without_browser();
    machine
        .run(&["login", "corp", "--json", "--timeout", "3"])
        .failed("flow.timeout", "user", 3);
    assert_eq!(idp.count(Role::DeviceAuthorization), 0);
    assert!(machine.sealed().is_empty());
}

// proves: DEV-08
#[test]
fn a_device_code_is_not_said_logged_or_kept_even_when_everything_is_told() {
    let idp = practice();
    let machine = machine(&idp.issuer(), Script::CLIENT_ID, BOTH);
    let traces = ["t.json", "t.txt"].map(|name| machine.home().join(name));
    let [json, text] = traces.each_ref().map(|path| path.to_str().unwrap());
    let everything = ["--verbose", "--force", "--trace", json, "--trace", text];
    let mut said = Vec::new();
    let echo = |fault: &Fault| quick().fault(Role::Token, fault.clone());
    for script in [
        quick(),
        echo(&Fault::EchoInMembers),
        echo(&Fault::EchoInError),
        quick().fault(Role::DeviceAuthorization, Fault::EchoInMembers),
    ] {
        idp.rescript(script);
        let outcome = login(&machine, Browser::Visitor, Decision::Approve, &everything);
        said.push(outcome.to_string());
        for trace in &traces {
            said.push(fs::read_to_string(trace).unwrap());
        }
    }
    said.push(machine.run(&["status", "--json"]).to_string());
    assert!(
        said.iter()
            .any(|text| text.contains("device_authorization"))
    );
    let kept = machine.kept();
    let secrets = idp.secrets();
    assert!(secrets.len() > 8, "{}", secrets.len());
    for secret in secrets {
        for form in encodings::of(&secret.value) {
            for text in &said {
                assert!(!text.contains(&form), "{:?} is said: {text}", secret.kind);
            }
            for (path, bytes) in &kept {
                let text = String::from_utf8_lossy(bytes);
                assert!(
                    !text.contains(&form),
                    "{:?}: {}",
                    secret.kind,
                    path.display()
                );
            }
        }
    }
}

#[test]
fn programs_read_the_prompt_as_one_line_of_json() {
    let idp = practice();
    let machine = machine(&idp.issuer(), Script::CLIENT_ID, BOTH);
    let login = machine.start(&["login", "corp", "--method", "device", "--json", "--quiet"]);
    let line = login.said_line("{\"device\"");
    let prompt: Value = serde_json::from_str(&line).unwrap();
    let device = &prompt["device"];
    assert_eq!(device["tenant"], "corp");
    assert_eq!(device["issuer"], idp.issuer());
    let field = |name: &str| device[name].as_str().unwrap().to_owned();
    let (address, code) = (field("verification_uri"), field("user_code"));
    person::enter_code(Browser::Visitor, Decision::Approve, &address, &code).unwrap();
    let report = login.finish().succeeded().json();
    assert_eq!(report["method"], "device");
    assert_eq!(
        report["why"],
        "you asked for it, and policy.methods allows device"
    );
}

#[test]
fn a_terminal_with_room_shows_a_picture_and_counts_on_one_line() {
    let idp = practice();
    for (columns, drawn) in [(100, true), (30, false)] {
        let machine = machine(&idp.issuer(), Script::CLIENT_ID, BOTH);
        let login = machine.on_a_screen(&["login", "corp", "--method", "device"], columns, 60);
        let (address, code) = login.device_code();
        person::enter_code(Browser::Visitor, Decision::Approve, &address, &code).unwrap();
        let screen = login.finish().succeeded().stdout;
        assert_eq!(screen.contains('█'), drawn, "{screen}");
        assert!(!screen.contains('\u{1b}'), "{screen:?}");
        let begin = if drawn { '\r' } else { '\n' };
        let waiting = format!("{begin}Waiting for the code to be entered, ");
        assert!(screen.contains(&waiting), "{screen:?}");
        // The line is gone before another is said.
        let (before, _) = screen.split_once("Signed in to corp").unwrap();
        assert!(before.ends_with(begin), "{before:?}");
    }
}

#[test]
fn an_interrupt_while_it_waits_ends_it_at_once_and_leaves_nothing() {
    let idp = practice();
    let machine = machine(&idp.issuer(), Script::CLIENT_ID, BOTH);
    let login = machine.start(&["login", "corp", "--method", "device", "--json"]);
    let _ = login.said_line("{\"device\"");
    let before = Instant::now();
    login.interrupt();
    let outcome = login.finish();
    assert!(before.elapsed() < AT_ONCE, "{outcome}");
    outcome.failed("cancelled", "user", 130);
    assert!(machine.sealed().is_empty());
    assert_eq!(idp.count(Role::DeviceAuthorization), 1);
}

#[test]
fn what_comes_by_device_lasts_shorter_and_is_less() {
    let idp = practice();
    let record = |machine: &Machine| {
        let status = machine.run(&["status", "--json"]).succeeded().json();
        status[0]["records"][0].clone()
    };
    let scopes = "scopes = [\"openid\", \"profile\", \"email\"]";
    let by_browser = machine(
        &idp.issuer(),
        Script::CLIENT_ID,
        &format!("{BOTH}\n{scopes}"),
    );
    let person = by_browser.seat(Browser::Visitor, Decision::Approve);
    let _ = by_browser.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    let long = record(&by_browser);
    assert_eq!(
        long["scopes"],
        json!(["openid", "profile", "email", "offline_access"])
    );
    assert_eq!(long["renewable"], true);

    for (device, scopes_granted, renewable) in [
        ("", json!(["openid", "profile", "email"]), false),
        (
            "device = { scopes = [\"profile\", \"offline_access\", \"admin\"], max_session = \"1h\" }",
            json!(["openid", "profile", "offline_access"]),
            true,
        ),
    ] {
        let policy = format!("{BOTH}\n{scopes}\n{device}");
        let machine = machine(&idp.issuer(), Script::CLIENT_ID, &policy);
        // Nothing silences the prompt.
        let quiet = ["--quiet"];
        let _ = login(&machine, Browser::Visitor, Decision::Approve, &quiet).succeeded();
        let short = record(&machine);
        assert_eq!(short["scopes"], scopes_granted);
        assert_eq!(short["renewable"], renewable);
        let ends = |record: &Value| record["ends_at"].as_str().unwrap().to_owned();
        // RFC 3339 in UTC sorts as it reads.
        assert!(ends(&short) < ends(&long), "{short} {long}");
        if renewable {
            let _ = machine.run(&["token", "corp", "--refresh"]).succeeded();
            assert_eq!(
                ends(&record(&machine)),
                ends(&short),
                "a refresh moves no end"
            );
        }
    }
}
