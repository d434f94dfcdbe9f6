//! Attack: another program of this machine reads what everybody may see of a process: arguments, variables, output, titles, crashes.
//! Stopped by: secrets leave on standard output of `token` alone; a browser inherits what it needs, host/broker/src/browser/environment.rs

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use vestibule_attacks::handed::parameter;
use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::wait::wait_for;
use vestibule_e2e::{Machine, Outcome, Practice, encodings};
use vestibule_rehearsal::{
    CallbackTwist, Fault, GrantTwist, IdTokenTwist, Par, Role, Script, SecretKind, Twist,
};

use crate::{recorder, visit};

/// Longer than a program takes to start.
const STARTED: Duration = Duration::from_secs(60);

/// What `/proc` says about a process and all below it.
fn seen_of(id: u32) -> String {
    let mut all = vec![id];
    let mut at = 0;
    while let Some(id) = all.get(at).copied() {
        let folder = format!("/proc/{id}/task");
        for task in fs::read_dir(folder).into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(
                children
                    .split_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
        at += 1;
    }
    let read = |id: &u32, file: &str| {
        let bytes = fs::read(format!("/proc/{id}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    all.iter()
        .flat_map(|id| ["cmdline", "environ", "comm"].map(|file| read(id, file)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A machine whose browser writes down what it was given, and whose environment holds somebody else's secret.
fn machine_for(idp: &Practice) -> (Machine, std::path::PathBuf) {
    let machine = Machine::new("/does/not/exist");
    machine.install("oidc");
    machine.tenant("corp", &conforming_file(idp, ""));
    let (program, record) = recorder(machine.home());
    let config = format!(
        "[browser]\ncommand = {}\n[keystore]\nuse_only = \"kernel-keyring\"\n",
        json!([program])
    );
    fs::write(machine.home().join("config/config.toml"), config).unwrap();
    (machine, record)
}

const OTHER: &str = "somebody-elses-secret-in-a-variable";

/// Signs in with everything told, visits, and gives what was seen of it from outside, and said.
fn login(machine: &Machine, record: &Path, json: bool) -> (String, Outcome) {
    let _ = fs::remove_file(record);
    let mut arguments = vec!["login", "corp", "--force", "--verbose"];
    arguments.extend(json.then_some("--json"));
    let login = machine.start_with(&arguments, |command| {
        command
            .env("AWS_SECRET_ACCESS_KEY", OTHER)
            .env("GITHUB_TOKEN", OTHER);
    });
    let mut seen = BTreeSet::new();
    if let Some(address) = login.address_or_end() {
        // While it waits for the answer, and after that until its end.
        seen.insert(seen_of(login.id()));
        assert!(wait_for(STARTED, || record.exists().then_some(())).is_some());
        let visiting = std::thread::spawn(move || visit(&address));
        while !login.has_ended() {
            seen.insert(seen_of(login.id()));
        }
        visiting.join().unwrap();
    }
    (seen.into_iter().collect(), login.finish())
}

/// No secret of the provider in any form; in what the browser was given, those that are in its address are no secret from it.
#[track_caller]
fn assert_silent(texts: &[String], idp: &Practice, in_address: bool, about: &str) {
    for secret in idp.secrets() {
        let by_design = matches!(
            secret.kind,
            SecretKind::State | SecretKind::Nonce | SecretKind::RequestUri
        );
        if in_address && by_design {
            continue;
        }
        for form in encodings::of(&secret.value) {
            for text in texts {
                assert!(
                    !text.contains(&form),
                    "{about}: {:?} in {text}",
                    secret.kind
                );
            }
        }
    }
}

#[test]
fn nothing_of_a_sign_in_can_be_seen_from_outside() {
    for par in [Par::Offered, Par::Absent] {
        let idp = Practice::openid(Script::honest().par(par));
        let (machine, record) = machine_for(&idp);
        let (seen, outcome) = login(&machine, &record, false);
        let _ = outcome.succeeded();
        assert!(
            seen.contains("vestibule") && seen.contains("VESTIBULE_STATE_DIR"),
            "nothing was seen"
        );
        let recorded = fs::read_to_string(&record).unwrap();
        let (address, environment) = recorded.split_once('\n').unwrap();
        assert!(
            !environment.contains(OTHER) && !environment.contains("VESTIBULE_"),
            "{environment}"
        );
        // The browser knows the address; of the process that opens it, the world sees less.
        assert_silent(&[seen, environment.to_owned()], &idp, true, "from outside");
        if par == Par::Offered {
            assert!(
                address.contains("request_uri=") && !address.contains("state="),
                "{address}"
            );
        } else {
            assert_eq!(parameter(address, "code_challenge_method"), "S256");
        }
        assert_silent(&[address.to_owned()], &idp, true, "the address");
        for secret in idp.secrets() {
            assert!(
                !matches!(secret.kind, SecretKind::Verifier | SecretKind::Code)
                    || !address.contains(&secret.value)
            );
        }
    }
}

/// Everything that can go wrong in a sign-in and afterwards, with the secrets repeated wherever that can be.
fn troubles() -> Vec<(String, Script)> {
    let honest = || Script::honest().any_redirect_path();
    let mut all = Vec::new();
    let echoes = || {
        [
            Fault::EchoInError,
            Fault::EchoInHeaders,
            Fault::EchoInMembers,
        ]
    };
    for role in [Role::PushedAuthorization, Role::Token] {
        all.extend(echoes().map(|fault| (role, fault)));
    }
    for role in [Role::Discovery, Role::Jwks] {
        all.push((role, Fault::EchoInError));
    }
    for fault in [
        Fault::ErrorInOk,
        Fault::TruncatedJson,
        Fault::Drop,
        Fault::Status(500),
        Fault::TerminalEscapes,
    ] {
        all.push((Role::Token, fault));
    }
    let mut all: Vec<(String, Script)> = all
        .into_iter()
        .map(|(role, fault)| {
            let script = honest().fault(role, fault.clone());
            // The end of a session has its troubles too.
            let script = script.fault(Role::Revocation, fault.clone());
            (format!("{role:?} {fault:?}"), script)
        })
        .collect();
    let twists: [Twist; 10] = [
        IdTokenTwist::NonceForeign.into(),
        IdTokenTwist::ForeignKey.into(),
        IdTokenTwist::AudForeign.into(),
        IdTokenTwist::SubTwice.into(),
        GrantTwist::TokenType("MAC".to_owned()).into(),
        GrantTwist::AccessTokenTwice.into(),
        GrantTwist::RefusesRefresh.into(),
        CallbackTwist::Iss("https://mallory.example".to_owned()).into(),
        CallbackTwist::TokenInQuery.into(),
        CallbackTwist::HostileErrorText.into(),
    ];
    all.extend(twists.map(|twist| (format!("{twist:?}"), honest().twist(twist))));
    all
}

/// Every command, but the one that hands a secret out.
const COMMANDS: &[&[&str]] = &[
    &["status", "--verbose"],
    &["status", "--verbose", "--json"],
    &["doctor", "--verbose", "--json"],
    &["doctor", "corp", "--verbose"],
    &["tenant", "list", "--verbose"],
    &["tenant", "show", "corp", "--verbose"],
    &["tenant", "check", "corp", "--verbose"],
    &["tenant", "approve", "corp", "--yes", "--verbose"],
    &["plugin", "list", "--verbose"],
    &["plugin", "inspect", "oidc", "--verbose"],
    &[
        "plugin",
        "inspect",
        "--tenant",
        "corp",
        "--verbose",
        "--json",
    ],
    &["login", "corp", "--verbose", "--explain"],
    &["logout", "corp", "--verbose"],
];

/// What the commands say that add and remove.
fn managed(machine: &Machine, idp: &Practice) -> Vec<String> {
    let plugin = vestibule_e2e::machine::plugin("oidc").display().to_string();
    let pages = machine.home().join("pages");
    fs::create_dir(&pages).unwrap();
    let pages = pages.display().to_string();
    let issuer = format!("issuer={}", idp.issuer());
    let add: &[&str] = &[
        "tenant",
        "add",
        "again",
        "--plugin",
        "oidc",
        "--set",
        &issuer,
        "--set",
        "client_id=rehearsal-cli",
        "--allow-loopback-http",
        "--yes",
        "--verbose",
    ];
    let commands: [&[&str]; 6] = [
        &["plugin", "install", &plugin, "--verbose"],
        add,
        &["tenant", "show", "again", "--verbose", "--json"],
        &["tenant", "remove", "again", "--yes", "--verbose"],
        &["completions", "bash", "--verbose"],
        &["man", &pages, "--verbose"],
    ];
    commands
        .iter()
        .map(|command| machine.run(command).succeeded().to_string())
        .collect()
}

// proves: UI-07
#[test]
fn no_command_says_a_secret_whatever_goes_wrong_and_however_much_is_told() {
    // The address that is printed may hold a reference to the pushed request, good once and for the provider alone.
    let idp = Practice::openid(Script::honest());
    let (machine, record) = machine_for(&idp);
    let mut said = Vec::new();
    let mut failed = BTreeSet::new();
    for (number, (what, script)) in troubles().into_iter().enumerate() {
        idp.rescript(Script::honest().any_redirect_path());
        let (seen, honest) = login(&machine, &record, false);
        said.extend([seen, honest.succeeded().to_string()]);
        idp.rescript(script);
        let refreshed = machine.run(&["token", "corp", "--refresh", "--verbose"]);
        said.push(refreshed.stderr.clone());
        if refreshed.code == Some(0) {
            assert!(idp.is_live(refreshed.line()), "{what}");
        } else {
            assert_eq!(refreshed.stdout, "", "{what}: {refreshed}");
        }
        let (seen, outcome) = login(&machine, &record, number % 2 == 0);
        failed.extend(outcome.code);
        said.extend([seen, outcome.to_string()]);
        said.push(machine.run(&["logout", "corp", "--verbose"]).to_string());
        assert_silent(&said, &idp, true, &what);
        said.clear();
    }
    assert!(failed.len() > 2, "nothing went wrong: {failed:?}");
    idp.rescript(Script::honest().any_redirect_path());
    let (_, honest) = login(&machine, &record, true);
    let _ = honest.succeeded();
    for command in COMMANDS {
        said.push(machine.run(command).to_string());
    }
    said.extend(managed(&machine, &idp));
    assert_silent(&said, &idp, true, "every command");
    // The demonstration has a provider of its own, whose secrets begin like this.
    let demo = machine
        .run(&["demo", "--headless", "--verbose"])
        .succeeded();
    for beginning in ["rh_at_", "rh_rt_", "rh_code_"] {
        assert!(!demo.to_string().contains(beginning), "{demo}");
    }
    // Nothing crashed, and nothing was left of a crash.
    for entry in fs::read_dir(machine.home()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("core") && !name.contains("crash"), "{name}");
    }
}

// proves: UI-07
#[test]
fn a_token_goes_to_standard_output_when_it_is_asked_for_and_never_to_a_terminal_unasked() {
    let idp = Practice::openid(Script::honest());
    let (machine, record) = machine_for(&idp);
    let _ = login(&machine, &record, false).1.succeeded();
    let token = machine.run(&["token", "corp", "--verbose"]).succeeded();
    assert!(idp.is_live(token.line()));
    assert_silent(
        std::slice::from_ref(&token.stderr),
        &idp,
        true,
        "beside the token",
    );
    // What is handed out is the access token, and no other secret.
    for format in ["raw", "json", "header", "env"] {
        let token = machine
            .run(&["token", "corp", "--format", format])
            .succeeded();
        for secret in idp.secrets() {
            let handed_out = secret.kind == SecretKind::AccessToken;
            assert!(
                handed_out || !token.stdout.contains(&secret.value),
                "{format}: {:?}",
                secret.kind
            );
        }
    }
    let terminal = machine.at_a_terminal(&["token", "corp"], "--show", "");
    assert_ne!(terminal.code, Some(0), "{terminal}");
    assert_silent(&[terminal.to_string()], &idp, false, "at a terminal");
}
