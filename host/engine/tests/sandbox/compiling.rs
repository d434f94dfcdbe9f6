//! Compiling in a program of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use vestibule_core::Blame;
use vestibule_core::plugin::Plugin;
use vestibule_engine::{Admitted, CompileBudget, PluginDigest, Progress, Sandbox, SandboxOptions};
use vestibule_guests::{Guest, bomb, program};

use crate::support::{Bench, admitted, assert_plugins_fault, refused};

fn sandbox(bench: &Bench, compile_budget: CompileBudget) -> Sandbox {
    Sandbox::open(SandboxOptions {
        compile_budget,
        ..bench.options()
    })
    .unwrap()
}

fn dear() -> Admitted {
    Admitted::new(bomb::functions(1500, 150)).unwrap()
}

// proves: RES-05
#[test]
fn a_compile_bomb_ends_at_each_of_its_limits_and_the_host_lives_on() {
    let bench = Bench::new();
    let dear = dear();
    let budget = CompileBudget::default();

    let started = Instant::now();
    let wall = Duration::from_millis(400);
    assert_plugins_fault(
        sandbox(&bench, CompileBudget { wall, ..budget }).load(&dear),
        "plugin.compile_time",
        "more than 0.4 s",
    );
    // Killed, not waited for: the whole would take many times as long.
    assert!(started.elapsed() < Duration::from_secs(20));

    let cpu_seconds = 1;
    assert_plugins_fault(
        sandbox(
            &bench,
            CompileBudget {
                cpu_seconds,
                ..budget
            },
        )
        .load(&dear),
        "plugin.compile_time",
        "1 s of processor time",
    );
    let address_space = 48 << 20;
    assert_plugins_fault(
        sandbox(
            &bench,
            CompileBudget {
                address_space,
                ..budget
            },
        )
        .load(&dear),
        "plugin.compile_memory",
        "48 MiB",
    );
    let output_bytes = 4 << 10;
    assert_plugins_fault(
        sandbox(
            &bench,
            CompileBudget {
                output_bytes,
                ..budget
            },
        )
        .load(&admitted(&Guest::honest())),
        "plugin.compile_size",
        "MiB",
    );

    // Too large, too deep and malformed ones do not get so far.
    let too_large = usize::try_from(vestibule_core::limits::COMPONENT_BYTES).unwrap() + 1;
    assert_plugins_fault(Admitted::new(vec![0; too_large]), "plugin.size", "40 MiB");
    let too_deep = b"\0asm\x0d\0\x01\0\x04\xff\xff\xff\x0f".repeat(100_000);
    assert_plugins_fault(Admitted::new(too_deep), "plugin.invalid", "not a valid");
    let mut malformed = Guest::honest().component();
    malformed.truncate(malformed.len() / 2);
    assert_plugins_fault(Admitted::new(malformed), "plugin.invalid", "not a valid");

    let honest = bench.sandbox().load(&admitted(&Guest::honest())).unwrap();
    honest.describe(&[]).unwrap();
}

#[test]
fn a_plugin_is_compiled_once_and_the_person_is_told() {
    let bench = Bench::new();
    let told = Arc::new(AtomicUsize::new(0));
    let sandbox = bench.sandbox().on_progress({
        let told = Arc::clone(&told);
        move |progress| {
            assert_eq!(progress, Progress::Compiling);
            told.fetch_add(1, Ordering::SeqCst);
        }
    });
    for _ in 0..3 {
        sandbox.load(&admitted(&Guest::honest())).unwrap();
    }
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

#[test]
fn a_missing_compiler_is_the_hosts_fault_with_a_hint() {
    let bench = Bench::new();
    let error = refused(bench.without_compiler().load(&admitted(&Guest::honest())));
    assert_eq!(
        (error.code(), error.blame()),
        ("compiler.missing", Blame::Host)
    );
    assert!(error.next_step().unwrap().contains("vestibule-compile"));
}

#[test]
fn a_compiler_is_never_looked_for_by_a_relative_path() {
    let bench = Bench::new();
    let error = refused(Sandbox::open(SandboxOptions {
        compiler: Some(PathBuf::from("vestibule-compile")),
        ..bench.options()
    }));
    assert_eq!(error.code(), "compiler.path");
}

#[cfg(unix)]
#[test]
fn the_compiler_sees_nothing_of_our_environment() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let spy = folder.path().join("spy");
    std::fs::write(&spy, "#!/bin/sh\n/usr/bin/env > \"$0.saw\"\nexit 11\n").unwrap();
    std::fs::set_permissions(&spy, std::fs::Permissions::from_mode(0o755)).unwrap();
    let sandbox = Sandbox::open(SandboxOptions {
        compiler: Some(spy.clone()),
        ..bench.options()
    })
    .unwrap();
    let error = refused(sandbox.load(&admitted(&Guest::honest())));
    assert_eq!(error.code(), "compiler.failed");
    let saw = std::fs::read_to_string(folder.path().join("spy.saw")).unwrap();
    for line in saw.lines() {
        let (name, _) = line.split_once('=').unwrap();
        // The shell sets these itself.
        assert!(["PWD", "OLDPWD", "SHLVL", "_"].contains(&name), "{line}");
    }
}

#[test]
fn it_refuses_what_it_cannot_compile_and_says_why() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let mut child = Command::new(program::compiler())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"junk").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(10));
    assert!(output.stdout.is_empty());
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

// proves: SUP-01
#[test]
fn only_the_pinned_bytes_are_ever_compiled() {
    let bench = Bench::new();
    let pinned = Guest::honest().component();
    let digest = PluginDigest::of(&pinned);
    let altered = Guest::honest()
        .begin(vestibule_guests::behaviour::TRAP)
        .component();

    // A file that is exchanged in a tight loop while it is loaded again and again. Whatever was read, only the pinned one runs.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plugin.wasm");
    std::fs::write(&file, &pinned).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (mut ran, mut refusals) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = false;
            while !stop.load(Ordering::Relaxed) {
                turn = !turn;
                let bytes = if turn { &altered } else { &pinned };
                let next = folder.path().join("next");
                std::fs::write(&next, bytes).unwrap();
                std::fs::rename(&next, &file).unwrap();
            }
        });
        let deadline = Instant::now() + Duration::from_secs(60);
        while (ran < 20 || refusals < 20) && Instant::now() < deadline {
            // From an empty cache every time, so that every load compiles.
            let _ = std::fs::remove_dir_all(bench.cache());
            let bytes = std::fs::read(&file).unwrap();
            match bench.sandbox().load_pinned(bytes, digest) {
                Ok(plugin) => {
                    assert_eq!(plugin.plugin_digest(), digest);
                    crate::support::begin(&plugin).unwrap();
                    ran += 1;
                }
                Err(error) => {
                    assert_eq!(error.code(), "plugin.changed", "{error}");
                    refusals += 1;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(ran > 0 && refusals > 0, "{ran} ran, {refusals} refused");
}

#[test]
fn the_compiling_program_has_the_hosts_wasmtime() {
    let version = |lock: &str| {
        let mut lines = lock
            .lines()
            .skip_while(|line| *line != "name = \"wasmtime\"");
        lines.nth(1).map(str::to_owned).expect("a version")
    };
    let linked = format!("version = \"{}\"", vestibule_engine::config::WASMTIME);
    assert_eq!(version(include_str!("../../../../Cargo.lock")), linked);
    assert_eq!(version(include_str!("../../../compile/Cargo.lock")), linked);
}
