//! A repository that one happens to be in has no say (POL-08).

use std::fs;

use crate::home::Home;

/// The user's own tenant, which the repository has a laxer file for.
const WORK: &str = "plugin = \"oidc\"\n[settings]\nissuer = \"https://idp.example\"\nclient_id = \"cli\"\n[policy]\nrisk = \"high\"\n";
const EVIL: &str =
    "plugin = \"oidc\"\n[settings]\nissuer = \"https://evil.example\"\nclient_id = \"cli\"\n";

/// Commands that look for tenants, plugins and configuration.
const COMMANDS: &[&[&str]] = &[
    &["status", "--json"],
    &["tenant", "list", "--json"],
    &["tenant", "show", "evil"],
    &["tenant", "check", "evil"],
    &["tenant", "approve", "evil", "--yes"],
    &["plugin", "list", "--json"],
    &["plugin", "inspect", "oidc"],
    &["tenant", "show", "work", "--json"],
    &["tenant", "check", "work"],
    &["tenant", "approve", "work", "--yes"],
    &["tenant", "remove", "evil", "--yes"],
    &[
        "tenant",
        "add",
        "new",
        "--plugin",
        "oidc",
        "--set",
        "issuer=https://idp.example",
    ],
    &["plugin", "inspect", "--tenant", "work"],
    &["plugin", "install", "/nowhere/oidc.wasm"],
    &["login", "--no-browser"],
    &["login", "work"],
    &["login", "evil"],
    &["token", "work"],
    &["token", "evil"],
    &["logout", "evil"],
    &["doctor", "--json"],
    &["demo", "--headless"],
    &["completions", "bash"],
    &["man", "/nowhere"],
    &["--help"],
];

// proves: POL-08
#[test]
fn hostile_files_in_the_working_directory_change_no_answer() {
    let home = Home::new();
    home.write(".config/vestibule/tenants.d/work.toml", WORK);
    // Away from where it was built: there are plugins beside that place.
    let program = home.write("bin/vestibule", "");
    fs::copy(env!("CARGO_BIN_EXE_vestibule"), &program).unwrap();
    let repository = Home::new();
    for folder in [
        "",
        "vestibule/",
        ".vestibule/",
        "config/",
        ".config/vestibule/",
        "data/",
        ".local/share/vestibule/",
    ] {
        repository.write(
            &format!("{folder}config.toml"),
            "[browser]\ncommand = [\"/bin/false\"]\n[keystore]\nuse_only = \"memory\"\n",
        );
        repository.write(&format!("{folder}tenants.d/evil.toml"), EVIL);
        repository.write(&format!("{folder}tenants.d/work.toml"), EVIL);
        repository.write(&format!("{folder}evil.toml"), EVIL);
        repository.write(&format!("{folder}plugins/oidc.wasm"), "hostile");
        repository.write(&format!("{folder}oidc.wasm"), "hostile");
    }
    for command in COMMANDS {
        let answer = |folder: &Home| {
            let output = home
                .command_of(&program, command)
                .current_dir(folder.path())
                .output()
                .unwrap();
            (
                output.status.code(),
                String::from_utf8(output.stdout).unwrap(),
                String::from_utf8(output.stderr).unwrap(),
            )
        };
        assert_eq!(answer(&repository), answer(&home), "{command:?}");
    }
}

#[test]
fn directories_that_are_not_absolute_are_refused() {
    let home = Home::new();
    for name in ["CONFIG", "DATA", "STATE", "CACHE"] {
        let output = home
            .command(&["status"])
            .env(format!("VESTIBULE_{name}_DIR"), "here")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(4), "{name}");
    }
}
