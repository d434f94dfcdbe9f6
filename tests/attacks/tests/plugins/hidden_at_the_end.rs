//! Attack: ask for so much that the person who approves does not see the end of it: scopes, hosts, members, and values behind an ellipsis.
//! Stopped by: what is pinned is shown whole, and lists are bounded (host/cli/src/view/permissions.rs, host/core/src/limits.rs).

use serde_json::json;
use vestibule_attacks::Program;
use vestibule_attacks::puppet::list;
use vestibule_core::limits::DESCRIPTION_ENTRIES;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::Script;

#[test]
fn the_last_of_many_is_shown_like_the_first() {
    let idp = Practice::openid(Script::honest());
    let machine = Machine::new("/does/not/exist");
    let puppet = machine.home().join("puppet.wasm");
    std::fs::write(&puppet, vestibule_attacks::stage::puppet()).unwrap();
    let _ = machine
        .run(&["plugin", "install", puppet.to_str().unwrap()])
        .succeeded();
    let scope = |at: usize| format!("https://api.example/a-long-name-of-a-scope/number-{at:02}");
    let pointer = format!("/{}/the-end", "deep/".repeat(45).trim_end_matches('/'));
    let values: Vec<String> = (0..40).map(|at| format!("value-number-{at:02}")).collect();
    let program = Program::honest(&idp)
        .profile(|profile| {
            let room = DESCRIPTION_ENTRIES - 4;
            list(profile, "scopes").extend((0..room).map(|at| json!(scope(at))));
            list(profile, "scopes").push(json!("admin:everything"));
            list(profile, "readable").push(
                json!({"role": "userinfo", "pointer": "/kind", "shape": {"One": {"OneOf": values}}}),
            );
        })
        .reads("userinfo", &[(&pointer, ".*")]);
    let file = machine.tenant_file("corp");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, program.tenant_file("")).unwrap();
    let outcome = machine.at_a_terminal(
        &["tenant", "approve", "corp"],
        "Approve this for tenant corp?",
        "n\n",
    );
    assert_eq!(outcome.code, Some(3), "{outcome}");
    for shown in [
        "admin:everything",
        "number-59",
        "/the-end",
        "value-number-39",
    ] {
        assert!(outcome.stdout.contains(shown), "{shown}: {outcome}");
    }
    assert!(
        !outcome.stdout.contains('\u{2026}'),
        "something was cut: {outcome}"
    );
    // No line of it is the host's by its looks alone: what belongs to a fact is indented beneath it.
    let lines: Vec<&str> = outcome.stdout.lines().map(str::trim_end).collect();
    let first = lines
        .iter()
        .position(|line| line.trim_start().starts_with("scopes "))
        .unwrap();
    let last = lines
        .iter()
        .position(|line| line.contains("admin:everything"))
        .unwrap();
    assert!(last > first);
    assert!(
        lines[first + 1..=last]
            .iter()
            .all(|line| line.starts_with("            ")),
        "{outcome}"
    );
}
