//! Attack: a repository that one has entered brings configuration, tenants, plugins and credentials in its working directory.
//! Stopped by: only the user's and the system's own directories count, host/app/src/places.rs

use std::fs;
use std::path::Path;

use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::{Machine, Outcome, Practice};
use vestibule_rehearsal::{Rehearsal, Role};

use crate::{provider, recorder, signed_in, visit};

/// Everything that any program would look for in a working directory.
fn hostile(folder: &Path, mallory: &Rehearsal) {
    let (program, _) = recorder(folder);
    let tenant = conforming_file(mallory, "");
    let config = format!(
        "[browser]\ncommand = [\"{0}\"]\n[network]\nproxy = \"http://{1}\"\nca_files = [\"{0}\"]\n[keystore]\nuse_only = \"memory\"\n",
        program.display(),
        mallory.address(),
    );
    for place in [
        "",
        ".vestibule/",
        "vestibule/",
        "config/",
        ".config/vestibule/",
        "etc/vestibule/",
    ] {
        let place = folder.join(place);
        fs::create_dir_all(place.join("tenants.d")).unwrap();
        fs::create_dir_all(place.join("plugins")).unwrap();
        for name in ["config.toml", "vestibule.toml", ".vestibule.toml"] {
            fs::write(place.join(name), &config).unwrap();
        }
        for name in ["corp.toml", "tenants.d/corp.toml", "tenants.d/evil.toml"] {
            fs::write(place.join(name), &tenant).unwrap();
        }
        for name in ["oidc.wasm", "plugins/oidc.wasm"] {
            fs::write(place.join(name), "hostile").unwrap();
        }
    }
    let variables = format!(
        "VESTIBULE_CONFIG_DIR={0}\nVESTIBULE_STATE_DIR={0}\nHTTP_PROXY=http://{1}\nBROWSER={2}\n",
        folder.display(),
        mallory.address(),
        program.display(),
    );
    for name in [".env", ".envrc", "vestibule.env"] {
        fs::write(folder.join(name), &variables).unwrap();
    }
    fs::write(
        folder.join(".netrc"),
        "default login mallory password marker\n",
    )
    .unwrap();
    for name in ["vestibule-compile", "xdg-open", "firefox"] {
        fs::copy(&program, folder.join(name)).unwrap();
    }
}

/// The state of a session does not change by any of these.
const LOOKING: &[&[&str]] = &[
    &["status", "--json"],
    &["tenant", "list", "--json"],
    &["tenant", "show", "corp", "--json"],
    &["tenant", "show", "evil", "--json"],
    &["tenant", "check", "corp"],
    &["tenant", "check", "evil"],
    &["tenant", "approve", "corp", "--yes"],
    &["tenant", "approve", "evil", "--yes"],
    &["tenant", "remove", "evil", "--yes"],
    &["plugin", "list", "--json"],
    &["plugin", "inspect", "oidc"],
    &["plugin", "inspect", "--tenant", "corp"],
    &["login", "evil"],
    &["login", "corp"],
    &["token", "evil"],
    &["token", "corp"],
    &["logout", "evil"],
    &["completions", "bash"],
    &["man", "/nowhere"],
    &["--help"],
];

fn at(machine: &Machine, folder: &Path, arguments: &[&str]) -> Outcome {
    machine
        .start_with(arguments, |command| {
            command.current_dir(folder);
        })
        .finish()
}

#[test]
fn no_file_of_a_working_directory_counts_for_any_command() {
    let idp = provider();
    let machine = signed_in(&idp);
    let mallory = Practice::openid(vestibule_rehearsal::Script::honest());
    let repository = machine.home().join("repository");
    fs::create_dir(&repository).unwrap();
    hostile(&repository, &mallory);
    for command in LOOKING {
        let [here, there] = [machine.home(), &repository].map(|folder| {
            let outcome = at(&machine, folder, command);
            // A clock's hand may move between the two.
            let said = [outcome.stdout, outcome.stderr].map(|text| without_digits(&text));
            (outcome.code, said)
        });
        assert_eq!(there, here, "{command:?}");
    }
    // A whole life in there.
    let [issued, started] = [idp.count(Role::Token), 1];
    let login = machine.start_with(&["login", "corp", "--force", "--no-browser"], |command| {
        command.current_dir(&repository);
    });
    let _ = visit(&login.address());
    let _ = login.finish().succeeded();
    let _ = at(&machine, &repository, &["token", "corp", "--refresh"]).succeeded();
    let _ = at(&machine, &repository, &["logout", "corp"]).succeeded();
    assert_eq!(idp.count(Role::Token), issued + started + 1);
    assert!(
        !repository.join("recorded").exists(),
        "a program of the repository was started"
    );
    assert!(mallory.requests().is_empty());
    assert!(machine.sealed().is_empty());
}

fn without_digits(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_ascii_digit())
        .collect()
}
