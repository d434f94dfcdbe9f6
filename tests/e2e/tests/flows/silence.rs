//! Secrets leave on the one channel of the command that asks for them, and nowhere else (UI-07, POL-05).

use vestibule_e2e::{Browser, Decision, Practice, encodings};
use vestibule_rehearsal::{Fault, Role, Script, SecretKind};

use crate::machine_for;

// proves: POL-05
#[test]
fn no_secret_is_said_or_kept_in_the_clear_even_when_everything_is_told() {
    // A provider that repeats in its errors what it was sent.
    let idp = Practice::openid(Script::honest());
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let mut said = Vec::new();
    said.push(
        machine
            .run(&["login", "corp", "--verbose"])
            .succeeded()
            .to_string(),
    );
    let _ = person.report();
    let token = machine
        .run(&["token", "corp", "--refresh", "--verbose"])
        .succeeded();
    said.push(token.stderr);
    said.push(machine.run(&["status", "--json"]).succeeded().to_string());
    said.push(machine.run(&["doctor", "corp"]).to_string());
    let echo = Script::honest()
        .any_redirect_path()
        .fault(Role::Token, Fault::EchoInError)
        .fault(Role::Revocation, Fault::EchoInError);
    idp.rescript(echo);
    said.push(
        machine
            .run(&["token", "corp", "--refresh", "--verbose"])
            .to_string(),
    );
    said.push(
        machine
            .run(&["login", "corp", "--force", "--verbose", "--json"])
            .to_string(),
    );
    let kept = machine.kept();
    let log = kept
        .iter()
        .any(|(path, bytes)| path.ends_with("audit/log.jsonl") && bytes.len() > 1_000);
    assert!(log, "what is kept is looked through, the audit log too");
    said.push(machine.run(&["logout", "corp", "--verbose"]).to_string());
    for form in [&["audit", "show"][..], &["audit", "show", "--json"]] {
        said.push(machine.run(form).succeeded().to_string());
    }

    let secrets = idp.secrets();
    assert!(secrets.len() > 12, "{}", secrets.len());
    // The address that the person may open by hand holds a reference to the pushed request, good once and for the provider alone.
    for secret in secrets
        .iter()
        .filter(|secret| secret.kind != SecretKind::RequestUri)
    {
        for form in encodings::of(&secret.value) {
            for outcome in &said {
                assert!(
                    !outcome.contains(&form),
                    "{:?} is said: {outcome}",
                    secret.kind
                );
            }
            for (path, bytes) in &kept {
                let text = String::from_utf8_lossy(bytes);
                assert!(
                    !text.contains(&form),
                    "{:?} is kept in {}",
                    secret.kind,
                    path.display()
                );
            }
        }
    }
}
