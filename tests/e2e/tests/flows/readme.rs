//! The tenant of the README, as a newcomer would type it: the very lines, at a practice provider in place of the example's.

use std::fs;

use vestibule_e2e::{Browser, Decision, Practice, http, machine};
use vestibule_rehearsal::Script;

use crate::machine_with;

const README: &str = include_str!("../../../../README.md");

/// The first block in this language behind this heading.
fn block(heading: &str, language: &str) -> &'static str {
    let (_, section) = README.split_once(heading).expect("the heading");
    let fence = format!("```{language}\n");
    let (_, block) = section.split_once(&fence).expect("the block");
    block.split_once("```").expect("its end").0
}

#[test]
fn the_tenant_of_the_readme_signs_in_hands_out_a_token_and_signs_out() {
    let heading = "## A tenant in five lines";
    let idp = Practice::openid(Script::honest().client("vestibule"));
    let machine = machine_with("oidc");
    let _ = machine.seat(Browser::Visitor, Decision::Approve);
    let file = block(heading, "toml").replace("https://idp.example", &idp.issuer());
    assert!(file.contains(&idp.issuer()), "{file}");
    // What a practice provider needs, and a real one does not; and here is no terminal.
    let file = format!("interactive = \"window\"\n{file}\n[network]\nallow_loopback_http = true\n");
    fs::write(machine.home().join("work.toml"), file).unwrap();

    let mut token = None;
    let lines: Vec<&str> = block(heading, "sh").lines().collect();
    for line in &lines {
        let command = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = command
            .split('|')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ["vestibule", arguments @ ..] = words.as_slice() else {
            panic!("not one of ours: {line}");
        };
        match arguments {
            ["plugin", "install", file] => {
                let name = file
                    .strip_prefix("target/plugins/")
                    .and_then(|name| name.strip_suffix(".wasm"))
                    .expect("a plugin that the project builds");
                let built = machine::plugin(name);
                let _ = machine
                    .run(&["plugin", "install", built.to_str().unwrap()])
                    .succeeded();
            }
            ["tenant", "add", ..] => {
                let question = "Approve this for tenant work?";
                let added = machine.at_a_terminal(arguments, question, "y\n");
                assert_eq!(added.code, Some(0), "{added}");
            }
            ["token", ..] => {
                assert!(command.contains("| curl -H @-"), "{line}");
                token = Some(machine.run(arguments).succeeded());
            }
            _ => {
                let _ = machine.run(arguments).succeeded();
            }
        }
        if let Some(token) = token.take() {
            let (name, value) = token.line().split_once(": ").expect("a header");
            let answer = http::get(&idp.api_url(), &[(name, value)]).unwrap();
            assert_eq!(answer.status, 200, "{token}");
        }
    }
    assert_eq!(lines.len(), 5);
    assert!(machine.sealed().is_empty(), "it has signed out");
}
