//! Errors: one message, one hint, an exit code by blame; nothing on standard output.

use std::fs;
use std::process::Stdio;

use crate::home::{Home, Outcome};

/// An approval and a tenant that nobody has signed in to, as `tenant approve` would have left it.
const TENANT: &str =
    "plugin = \"oidc\"\n[settings]\nissuer = \"https://idp.example\"\nclient_id = \"cli\"\n";

#[test]
fn a_tenant_that_is_not_there_is_the_configurations_fault() {
    let run = Home::new().run(&["token", "nowhere"]);
    assert_eq!((run.code(), run.stdout()), (4, ""));
    assert_eq!(
        run.stderr(),
        "error: there is no tenant \"nowhere\"\nhint: run: vestibule tenant list — or add it: vestibule tenant add\n"
    );
}

#[test]
fn a_tenant_that_nobody_has_approved_is_refused_by_policy() {
    let home = Home::new();
    home.write(".config/vestibule/tenants.d/work.toml", TENANT);
    for command in ["login", "token"] {
        let run = home.run(&[command, "work"]);
        assert_eq!((run.code(), run.stdout()), (5, ""), "{command}");
        assert!(
            run.stderr()
                .contains("hint: run: vestibule tenant approve work"),
            "{}",
            run.stderr()
        );
    }
}

#[test]
fn a_wrong_line_of_a_tenant_file_is_named() {
    let home = Home::new();
    home.write(
        ".config/vestibule/tenants.d/work.toml",
        &format!("{TENANT}[policy]\nrisk = \"none\"\n"),
    );
    let run = home.run(&["token", "work"]);
    assert_eq!(run.code(), 4);
    assert!(run.stderr().contains("line 6"), "{}", run.stderr());
}

#[test]
fn errors_are_json_where_results_are() {
    let run = Home::new().run(&["token", "nowhere", "--json"]);
    assert_eq!((run.code(), run.stdout()), (4, ""));
    let document: serde_json::Value = serde_json::from_str(run.stderr()).unwrap();
    assert_eq!(document["error"]["code"], "tenant.missing");
    assert_eq!(document["error"]["blame"], "config");
    assert_eq!(
        document["error"]["message"],
        "there is no tenant \"nowhere\""
    );
    assert!(document["error"]["hint"].is_string());
}

#[test]
fn a_line_that_cannot_be_understood_is_the_persons_and_does_not_look_like_a_missing_sign_in() {
    for arguments in [
        &["tokne"][..],
        &["token", "UPPER"],
        &["login", "--timeout", "601"],
        &["token", "--for", "account"],
    ] {
        let run = Home::new().run(arguments);
        assert_eq!(
            (run.code(), run.stdout()),
            (3, ""),
            "{arguments:?}: {}",
            run.stderr()
        );
        assert!(run.stderr().starts_with("error: "), "{}", run.stderr());
        let json = Home::new().run(&[arguments, &["--json"]].concat());
        let document: serde_json::Value = serde_json::from_str(json.stderr()).unwrap();
        assert_eq!(document["error"]["code"], "usage");
    }
}

#[test]
fn text_from_elsewhere_cannot_act_on_the_terminal() {
    let home = Home::new();
    home.write(
        ".config/vestibule/tenants.d/work.toml",
        "plugin = \"oidc\"\n\"\\u001b]0;owned\\u0007\" = 1\n",
    );
    let run = home.run(&["tenant", "check", "work"]);
    assert_eq!(run.code(), 4);
    assert!(
        !run.stderr().contains(['\u{1b}', '\u{7}']),
        "{:?}",
        run.stderr()
    );
}

#[test]
fn a_token_is_not_written_to_a_terminal() {
    // `script` gives the program a terminal for its standard output.
    let home = Home::new();
    home.write(".config/vestibule/tenants.d/work.toml", TENANT);
    let run = |options: &str| {
        let program = format!("{} token work {options}", env!("CARGO_BIN_EXE_vestibule"));
        let mut script = std::process::Command::new("script");
        script.args(["--quiet", "--return", "--command", &program, "/dev/null"]);
        script
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "dumb")
            .stdin(Stdio::null());
        Outcome(script.output().unwrap())
    };
    let refused = run("");
    assert_eq!(refused.code(), 3, "{}", refused.stdout());
    assert!(refused.stdout().contains("--show"), "{}", refused.stdout());
    // Asked for explicitly, it goes on to the next question: whether there is a token.
    let shown = run("--show");
    assert_eq!(shown.code(), 5, "{}", shown.stdout());
}

#[test]
fn without_a_terminal_the_answer_is_no() {
    let home = Home::new();
    let file = home.write(".config/vestibule/tenants.d/work.toml", TENANT);
    let run = home.run(&["tenant", "remove", "work"]);
    assert_eq!(run.code(), 3, "{}", run.stderr());
    assert!(file.exists());
    let run = home.run(&["tenant", "remove", "work", "--yes"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(!file.exists());
}

#[test]
fn a_file_that_is_no_component_is_not_installed_and_says_what_it_is() {
    let home = Home::new();
    let junk = home.write("junk.wasm", "not wasm at all");
    for command in ["inspect", "install"] {
        let run = home.run(&["plugin", command, &junk.display().to_string()]);
        assert_eq!((run.code(), run.stdout()), (6, ""), "{}", run.stderr());
        assert!(run.stderr().contains("WebAssembly"), "{}", run.stderr());
    }
    assert!(!home.path().join(".local/share/vestibule/plugins").exists());
}

#[test]
fn status_and_doctor_answer_on_a_bare_machine() {
    let home = Home::new();
    let status = home.run(&["status", "--json"]);
    assert_eq!(
        (status.code(), status.stdout()),
        (0, "[]\n"),
        "{}",
        status.stderr()
    );
    let doctor = home.run(&["doctor", "--json"]);
    let findings: serde_json::Value = serde_json::from_str(doctor.stdout()).unwrap();
    let subjects: Vec<&str> = findings
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["subject"].as_str())
        .collect();
    for subject in [
        "state directory",
        "sandbox",
        "plugins",
        "tenants",
        "browser",
    ] {
        assert!(subjects.contains(&subject), "{subject} in {subjects:?}");
    }
    assert!(fs::metadata(home.path().join(".local/state/vestibule")).is_ok());
}
