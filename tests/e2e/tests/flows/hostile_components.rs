//! Components that try to take the host with them: each ends as its own failure, told in one sentence, and soon.

use std::fs;
use std::time::Duration;

use vestibule_e2e::Machine;
use vestibule_guests::{Guest, behaviour, bomb, core_module, plain_component};

/// Far above what any of them may take, far below what a person would wait.
const SOON: Duration = Duration::from_secs(60);

#[test]
fn a_hostile_component_is_not_installed_and_harms_nobody() {
    let machine = Machine::new(env!("CARGO_BIN_EXE_person"));
    let guests = [
        ("loop", Guest::honest().describe(behaviour::LOOP)),
        (
            "loop-at-start",
            Guest::honest().start("(loop $forever (br $forever))"),
        ),
        ("trap", Guest::honest().describe(behaviour::TRAP)),
        ("memory", Guest::honest().describe(behaviour::GROW_MEMORY)),
        (
            "table",
            Guest::honest()
                .item(behaviour::TABLE)
                .describe(behaviour::GROW_TABLE),
        ),
        (
            "recursion",
            Guest::honest()
                .item(behaviour::RECURSION)
                .describe(behaviour::RECURSE),
        ),
    ];
    for (name, guest) in guests {
        let file = machine.home().join(format!("{name}.wasm"));
        fs::write(&file, guest.component()).unwrap();
        let outcome = machine.run(&["plugin", "install", file.to_str().unwrap(), "--json"]);
        assert_eq!(outcome.error()["blame"], "plugin", "{outcome}");
        assert_eq!(outcome.code, Some(6), "{outcome}");
        assert!(outcome.took < SOON, "{outcome}");
    }
    // The same machine goes on as if nothing had been.
    machine.install("oidc");
    assert!(!machine.plugin_file("guest").exists());
}

/// What the host has in use when it installs an honest plugin, and as much again for a busy allocator.
const FLAT: u64 = 48 << 20;

#[test]
fn a_giant_answer_and_a_compile_bomb_leave_the_hosts_memory_flat() {
    let machine = Machine::new(env!("CARGO_BIN_EXE_person"));
    let cases = [
        (
            "text",
            // A summary of 100 MB, in a memory that has room for it.
            Guest::honest()
                .pages(1_900)
                .describe(&behaviour::summary_of(100_000_000))
                .component(),
            "plugin.answer_size",
        ),
        (
            "bomb",
            // 8 MB that take a compiler some minutes.
            bomb::functions(80, 6_000),
            "plugin.compile_time",
        ),
    ];
    for (name, component, code) in cases {
        let file = machine.home().join(format!("{name}.wasm"));
        fs::write(&file, component).unwrap();
        let install = ["plugin", "install", file.to_str().unwrap(), "--json"];
        let (outcome, peak) = machine.start(&install).finish_watching_memory();
        outcome.failed(code, "plugin", 6);
        assert!(peak > 0 && peak < FLAT, "{peak} bytes: {outcome}");
    }
    machine.install("oidc");
}

#[test]
fn what_is_no_plugin_is_refused_by_name() {
    let machine = Machine::new(env!("CARGO_BIN_EXE_person"));
    let wanting = "(component (import \"wasi:cli/environment@0.2.0\" (instance \
                   (export \"get-arguments\" (func (result (list string)))))))";
    for (bytes, word) in [
        (core_module(), "core module"),
        (b"junk".to_vec(), "WebAssembly"),
        (plain_component(wanting), "wasi:cli/environment"),
    ] {
        let file = machine.home().join("file.wasm");
        fs::write(&file, bytes).unwrap();
        for verb in ["install", "inspect"] {
            let outcome = machine.run(&["plugin", verb, file.to_str().unwrap(), "--json"]);
            let error = outcome.error();
            assert_eq!(outcome.code, Some(6), "{outcome}");
            assert!(
                error["message"].as_str().unwrap().contains(word),
                "{outcome}"
            );
        }
    }
}
