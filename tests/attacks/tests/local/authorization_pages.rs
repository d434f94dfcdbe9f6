//! Attack: the page to open is a file, a script, an option or a command for a shell, so that the browser's place is taken by it.
//! Stopped by: one http(s) URL that the host built, given to a program without a shell, host/broker/src/browser/browser_url.rs

use std::fs;
use std::time::Duration;

use serde_json::json;
use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::wait::wait_for;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{MetadataTwist, Par, Role, Script};

use crate::recorder;

/// Longer than a program takes to start.
const STARTED: Duration = Duration::from_secs(60);

/// Pages that are none.
fn pages(issuer: &str) -> Vec<String> {
    let mut pages: Vec<String> = [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,hello",
        "vscode://evil/run",
        "smb://evil.example/share",
        "ms-msdt:/id",
        "-x",
        "--new-window",
        "",
        "//evil.example/authorize",
        "/authorize",
        "http://evil.example/authorize",
        "https://evil.example/authorize",
    ]
    .map(str::to_owned)
    .into();
    pages.extend([
        format!("{issuer}\\@evil.example/authorize"),
        issuer.replacen("http://", "http://evil.example@", 1),
        format!("{issuer}/authorize#fragment"),
        format!("{issuer}/auth orize"),
        format!("{issuer}/authorize\n--new-window"),
        format!("{issuer}/authorize\u{1b}[2J"),
        issuer.replacen("http:", "javascript:", 1),
    ]);
    pages
}

/// Pages that are pages, with all that a shell would act on.
const SHELL: [&str; 6] = [
    "$(touch${IFS}owned)",
    "`touch owned`",
    "a;touch owned",
    "a|touch owned",
    "a&touch owned&",
    "'\"^%PATH%<>(){}!*?[]~",
];

/// A line's end is none of it.
fn is_harmful(character: char) -> bool {
    character != '\n' && vestibule_core::text::is_harmful(character)
}

fn machine_with_recorder(idp: &Practice) -> (Machine, std::path::PathBuf) {
    let machine = Machine::new("/does/not/exist");
    machine.install("oidc");
    let (program, record) = recorder(machine.home());
    let config = format!(
        "[browser]\ncommand = {}\n[keystore]\nuse_only = \"kernel-keyring\"\n",
        json!([program])
    );
    fs::write(machine.home().join("config/config.toml"), config).unwrap();
    let file = machine.tenant_file("corp");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, conforming_file(idp, "")).unwrap();
    (machine, record)
}

fn script(page: &str) -> Script {
    Script::honest()
        .par(Par::Absent)
        .any_redirect_path()
        .twist(MetadataTwist::Member(
            "authorization_endpoint",
            page.to_owned(),
        ))
}

#[test]
fn a_page_that_is_no_page_is_neither_approved_nor_opened() {
    let idp = Practice::openid(Script::honest().par(Par::Absent));
    let (machine, record) = machine_with_recorder(&idp);
    let honest = || Script::honest().par(Par::Absent).any_redirect_path();
    let _ = machine
        .run(&["tenant", "approve", "corp", "--yes"])
        .succeeded();
    for page in pages(&idp.issuer()) {
        idp.rescript(script(&page));
        for arguments in [
            &["login", "corp", "--json"][..],
            &["tenant", "approve", "corp", "--yes", "--json"],
        ] {
            let outcome = machine.run(arguments);
            assert_eq!(outcome.error()["blame"], "provider", "{page:?}: {outcome}");
            assert_eq!(outcome.code, Some(7), "{page:?}: {outcome}");
            assert!(!record.exists(), "{page:?}: a program was started");
            assert!(
                !outcome.stderr.contains("Sign in at"),
                "{page:?}: {outcome}"
            );
            assert!(
                !outcome.stderr.chars().any(is_harmful),
                "{page:?}: {outcome}"
            );
        }
    }
    assert_eq!(idp.count(Role::Token), 0);
    idp.rescript(honest());
    let login = machine.start(&["login", "corp"]);
    assert!(wait_for(STARTED, || record.exists().then_some(())).is_some());
    login.interrupt();
    assert_eq!(login.finish().code, Some(130));
}

#[test]
fn what_a_shell_would_act_on_stays_one_argument() {
    for page in SHELL {
        let idp = Practice::openid(script("placeholder"));
        let page = format!("{}/authorize/{page}", idp.issuer());
        idp.rescript(script(&page));
        let (machine, record) = machine_with_recorder(&idp);
        let approved = machine.run(&["tenant", "approve", "corp", "--yes", "--json"]);
        if approved.code != Some(0) {
            // Refused is as good, if for what it is.
            assert_eq!(approved.error()["blame"], "provider", "{page}: {approved}");
            continue;
        }
        let login = machine.start(&["login", "corp"]);
        let found = wait_for(STARTED, || fs::read_to_string(&record).ok());
        login.interrupt();
        let outcome = login.finish();
        let found = found.unwrap_or_else(|| panic!("{page}: {outcome}"));
        let first = found.lines().next().unwrap();
        assert!(
            first.starts_with(&format!("{}/authorize/", idp.issuer())),
            "{first}"
        );
        assert!(first.contains("code_challenge="), "cut short: {first}");
        assert!(!first.contains([' ', '"', '`', '<', '>']), "{first}");
        assert_eq!(outcome.code, Some(130), "{page}: {outcome}");
        for folder in [machine.home(), std::path::Path::new("/")] {
            assert!(!folder.join("owned").exists(), "{page}");
        }
    }
}
