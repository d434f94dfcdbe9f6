//! Attack: variables of the environment try to switch checks off, to bring roots, proxies and programs, or to consent.
//! Stopped by: the environment says where files and screens are, and nothing else, host/cli/src/environment.rs

use std::fs;
use std::process::Command;

use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{IdTokenTwist, Par, Role, Script};

use crate::{machine_for, provider, signed_in, visit};

/// What programs like this one, and those that they are made of, listen to.
const RELAXING: &[&str] = &[
    "VESTIBULE_INSECURE",
    "VESTIBULE_ALLOW_LOOPBACK_HTTP",
    "VESTIBULE_ALLOW_INSECURE",
    "VESTIBULE_SKIP_VERIFY",
    "VESTIBULE_NO_VERIFY",
    "VESTIBULE_YES",
    "VESTIBULE_APPROVE",
    "VESTIBULE_ASSUME_YES",
    "VESTIBULE_TRUST",
    "VESTIBULE_DEV",
    "VESTIBULE_DEBUG",
    "VESTIBULE_KEYSTORE",
    "VESTIBULE_NETWORK_ALLOW_LOOPBACK_HTTP",
    "VESTIBULE_POLICY_ALLOW_UNKNOWN_IDENTITY",
    "VESTIBULE_POLICY_RISK",
    "OAUTHLIB_INSECURE_TRANSPORT",
    "OAUTHLIB_RELAX_TOKEN_SCOPE",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "PYTHONHTTPSVERIFY",
    "GIT_SSL_NO_VERIFY",
    "CURL_INSECURE",
    "CI",
    "DEBIAN_FRONTEND",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "SSLKEYLOGFILE",
    "LD_DEBUG_OUTPUT",
    "WASMTIME_LOG",
];

fn relaxed(command: &mut Command) {
    for name in RELAXING {
        command.env(
            name,
            if name.contains("REJECT") || name.contains("HTTPSVERIFY") {
                "0"
            } else {
                "1"
            },
        );
    }
    command
        .env("RUST_LOG", "trace")
        .env("SSLKEYLOGFILE", "keys.log");
}

/// The same without the one that says that this is a build, in which nobody signs in at all.
fn relaxed_outside_of_builds(command: &mut std::process::Command) {
    relaxed(command);
    command.env_remove("CI");
}

// proves: POL-09
#[test]
fn no_variable_allows_what_the_tenant_file_does_not() {
    let idp = provider();
    let machine = Machine::new("/does/not/exist");
    machine.install("oidc");
    let file = machine.tenant_file("corp");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let text = conforming_file(&idp, "");
    fs::write(&file, text.replace("allow_loopback_http = true", "")).unwrap();
    let approve = ["tenant", "approve", "corp", "--yes", "--json"];
    let outcome = machine.start_with(&approve, relaxed).finish();
    assert_eq!(outcome.error()["blame"], "policy", "{outcome}");
    assert_eq!(outcome.code, Some(5), "{outcome}");
    assert!(idp.requests().is_empty());

    // Nor does one consent.
    fs::write(&file, &text).unwrap();
    let outcome = machine
        .start_with(&["tenant", "approve", "corp", "--json"], relaxed)
        .finish();
    outcome.failed("approval.refused", "user", 3);
    fs::write(
        &file,
        text.replace("[settings]", "policy = { risk = \"high\" }\n[settings]"),
    )
    .unwrap();
    let _ = machine
        .run(&["tenant", "approve", "corp", "--yes"])
        .succeeded();
    let login = ["login", "corp", "--no-browser", "--json"];
    let outcome = machine.start_with(&login, relaxed).finish();
    outcome.failed("login.unattended", "user", 9);
    let outcome = machine
        .start_with(&login, relaxed_outside_of_builds)
        .finish();
    outcome.failed("consent.refused", "user", 3);
    assert!(!outcome.stderr.contains("Sign in at"), "{outcome}");
    assert_eq!(idp.count(Role::Authorization), 0);
}

// proves: POL-09
#[test]
fn no_variable_switches_a_check_off_and_an_exception_is_told_each_time() {
    let idp = Practice::openid(
        Script::honest()
            .par(Par::Absent)
            .twist(IdTokenTwist::ForeignKey),
    );
    let machine = machine_for(&idp, "");
    for _ in 0..2 {
        let login = machine.start_with(
            &["login", "corp", "--no-browser", "--json", "--quiet"],
            relaxed_outside_of_builds,
        );
        let _ = visit(&login.address());
        let outcome = login.finish();
        outcome.failed("id_token.signature", "provider", 7);
        assert!(
            outcome
                .stderr
                .contains("warning: plain http to loopback addresses is allowed"),
            "{outcome}"
        );
        assert!(machine.sealed().is_empty());
    }
    assert!(!machine.home().join("keys.log").exists());
    // What was in force is in the log, of each of the sign-ins and of the approval.
    let shown = machine.run(&["audit", "show", "--json"]).succeeded();
    let records: Vec<serde_json::Value> = serde_json::from_str(&shown.stdout).unwrap();
    let excepted = |event: &str| {
        let of_event = records.iter().filter(|record| record["event"] == event);
        let told = of_event.filter(|record| {
            let exceptions = record["exceptions"].to_string();
            exceptions.contains("network.allow_loopback_http")
        });
        told.count()
    };
    assert_eq!(excepted("refusal"), 2, "{shown}");
    assert!(excepted("policy") >= 1, "{shown}");
}

#[test]
fn what_is_traced_holds_no_secret() {
    let idp = provider();
    let machine = signed_in(&idp);
    let outcome = machine
        .start_with(&["token", "corp", "--refresh", "--verbose"], relaxed)
        .finish();
    let outcome = outcome.succeeded();
    for secret in idp.secrets() {
        assert!(
            !outcome.stderr.contains(&secret.value),
            "{:?}: {outcome}",
            secret.kind
        );
    }
}
