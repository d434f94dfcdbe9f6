//! The whole help under snapshot: a change of the command line is seen by whoever reviews it.

use crate::home::Home;

/// The commands that have help of their own.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["login"],
    &["token"],
    &["step-up"],
    &["logout"],
    &["status"],
    &["doctor"],
    &["audit"],
    &["audit", "show"],
    &["audit", "verify"],
    &["audit", "alerts"],
    &["audit", "export"],
    &["audit", "schema"],
    &["tenant"],
    &["tenant", "add"],
    &["tenant", "list"],
    &["tenant", "show"],
    &["tenant", "approve"],
    &["tenant", "remove"],
    &["tenant", "check"],
    &["plugin"],
    &["plugin", "inspect"],
    &["plugin", "install"],
    &["plugin", "list"],
    &["plugin", "remove"],
    &["demo"],
    &["completions"],
    &["man"],
];

#[test]
fn help_is_as_it_was_reviewed() {
    let home = Home::new();
    let mut book = String::new();
    for command in COMMANDS {
        let run = home.run(&[*command, &["--help"]].concat());
        assert_eq!((run.code(), run.stderr()), (0, ""), "{command:?}");
        book.push_str(&format!(
            "$ vestibule {} --help\n{}\n",
            command.join(" "),
            run.stdout()
        ));
    }
    insta::assert_snapshot!("help", book);
}

#[test]
fn help_fits_eighty_columns() {
    let home = Home::new();
    for command in COMMANDS {
        let run = home.run(&[*command, &["--help"]].concat());
        let wide: Vec<&str> = run
            .stdout()
            .lines()
            .filter(|line| line.chars().count() > 80)
            .collect();
        assert!(wide.is_empty(), "{command:?}: {wide:#?}");
    }
}

#[test]
fn every_command_is_in_the_snapshot() {
    let run = Home::new().run(&["--help"]);
    let list = run
        .stdout()
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    // A summary that goes on stands further to the right.
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands = names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help");
    for command in commands {
        assert!(COMMANDS.contains(&&[command][..]), "{command}");
    }
}

#[test]
fn completions_and_manual_pages_are_written() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let run = home.run(&["completions", shell]);
        assert!(
            run.code() == 0 && run.stdout().contains("vestibule"),
            "{shell}"
        );
    }
    let folder = home.path().display().to_string();
    assert_eq!(home.run(&["man", &folder]).code(), 0);
    assert!(home.path().join("vestibule-tenant-add.1").exists());
}
