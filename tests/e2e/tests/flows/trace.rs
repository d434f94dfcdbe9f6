//! The transcript that a reviewer keeps: all that happened, and no value.

use std::fs;

use serde_json::Value;
use vestibule_e2e::{Browser, Decision, Practice, encodings};
use vestibule_rehearsal::{Fault, Role, Script};

use crate::machine_for;

#[test]
fn a_transcript_tells_every_step_and_holds_no_value() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let files = ["flow.json", "flow.txt"].map(|name| machine.home().join(name));
    let [json, text] = files.each_ref().map(|file| file.to_str().unwrap());
    let login = ["login", "corp", "--force", "--trace", json, "--trace", text];

    let scripts = [
        (Script::honest(), "ok"),
        (
            Script::honest().fault(Role::Token, Fault::EchoInMembers),
            "ok",
        ),
        (
            Script::honest().fault(Role::Token, Fault::EchoInError),
            "provider.refused",
        ),
    ];
    for (script, ended) in scripts {
        idp.rescript(script.any_redirect_path());
        let person = machine.seat(Browser::Visitor, Decision::Approve);
        let outcome = machine.run(&login);
        let _ = person.report();
        let told: Value = serde_json::from_str(&fs::read_to_string(&files[0]).unwrap()).unwrap();
        assert_eq!(told["ended"], ended, "{outcome}\n{told:#}");
        assert_eq!(told["plugin"], "oidc");
        assert_eq!(told["issuer"], idp.issuer());

        let entries = told["entries"].as_array().unwrap();
        let count = |event: &str| {
            entries
                .iter()
                .filter(|entry| entry["event"] == event)
                .count()
        };
        // discover, authorize, request, and at last finish, or fail, which needs nobody's leave.
        assert_eq!((count("begin"), count("ask")), (1, 4), "{told:#}");
        let allowed = if ended == "ok" { 4 } else { 3 };
        assert_eq!(count("allow"), allowed, "{told:#}");
        assert_eq!(count("browser"), 1);
        assert!(count("keep") > 0 && count("place") > 0 && count("resume") > 0);
        for entry in entries {
            assert!(entry["at_ms"].is_u64(), "{entry}");
        }
        let token = entries
            .iter()
            .find(|entry| entry["event"] == "send" && entry["role"] == "token")
            .unwrap();
        assert!(token["bytes"].as_u64().unwrap() > 100, "{token}");

        let kept = files
            .each_ref()
            .map(|file| fs::read_to_string(file).unwrap());
        for secret in idp.secrets() {
            for form in encodings::of(&secret.value) {
                for transcript in &kept {
                    assert!(
                        !transcript.contains(&form),
                        "{:?}: {transcript}",
                        secret.kind
                    );
                }
            }
        }
        assert!(
            kept[1].contains("grant_type=authorization_code"),
            "{}",
            kept[1]
        );
    }
}

#[test]
fn a_transcript_is_written_where_it_can_be_or_nothing_happens() {
    let idp = Practice::openid(Script::honest());
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let nowhere = machine.home().join("no/such/folder/flow.txt");
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let outcome = machine.run(&[
        "login",
        "corp",
        "--trace",
        nowhere.to_str().unwrap(),
        "--json",
    ]);
    // Known before anybody has consented to anything.
    outcome.failed("file.write", "user", 3);
    assert!(!person.was_started());
    // A transcript is for whoever asked for it.
    let file = machine.home().join("flow.txt");
    let _ = machine
        .run(&["login", "corp", "--trace", file.to_str().unwrap()])
        .succeeded();
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}
