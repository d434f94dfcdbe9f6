//! What may not even be compiled.

use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_engine::{Admitted, PluginDigest};
use vestibule_guests::{Guest, core_module, plain_component};

use crate::support::{Bench, assert_plugins_fault, refused};

#[test]
fn an_honest_guest_is_admitted_under_its_digest() {
    let component = Guest::honest().component();
    let admitted = Admitted::new(component.clone()).unwrap();
    assert_eq!(admitted.digest(), PluginDigest::of(&component));
    assert_eq!(admitted.size(), component.len());
}

// proves: PLUG-12, PLUG-17
#[test]
fn a_component_that_imports_anything_is_refused_with_the_list_of_what_it_wanted() {
    let interfaces = [
        "wasi:cli/environment@0.2.0",
        "wasi:cli/stdin@0.2.0",
        "wasi:cli/stdout@0.2.0",
        "wasi:cli/stderr@0.2.0",
        "wasi:cli/exit@0.2.0",
        "wasi:cli/terminal-input@0.2.0",
        "wasi:io/error@0.2.0",
        "wasi:io/poll@0.2.0",
        "wasi:io/streams@0.2.0",
        "wasi:filesystem/types@0.2.0",
        "wasi:filesystem/preopens@0.2.0",
        "wasi:sockets/network@0.2.0",
        "wasi:sockets/instance-network@0.2.0",
        "wasi:sockets/tcp@0.2.0",
        "wasi:sockets/tcp-create-socket@0.2.0",
        "wasi:sockets/udp@0.2.0",
        "wasi:sockets/udp-create-socket@0.2.0",
        "wasi:sockets/ip-name-lookup@0.2.0",
        "wasi:clocks/monotonic-clock@0.2.0",
        "wasi:clocks/wall-clock@0.2.0",
        "wasi:random/random@0.2.0",
        "wasi:random/insecure@0.2.0",
        "wasi:random/insecure-seed@0.2.0",
        "wasi:http/types@0.2.0",
        "wasi:http/outgoing-handler@0.2.0",
        "vestibule:idp/types@0.1.0",
        "example:host/name@1.2.3",
    ];
    let import = |name: &str| format!("(import \"{name}\" (instance))");
    for name in interfaces {
        let component = plain_component(&format!("(component {})", import(name)));
        assert_plugins_fault(Admitted::new(component), "plugin.imports", name);
    }
    let function = plain_component("(component (import \"get-environment\" (func)))");
    assert_plugins_fault(Admitted::new(function), "plugin.imports", "get-environment");

    let all: String = interfaces.iter().map(|name| import(name)).collect();
    let error = refused(Admitted::new(plain_component(&format!(
        "(component {all})"
    ))));
    for name in interfaces {
        assert!(error.message().contains(name), "{error}");
    }
}

#[test]
fn imports_within_a_component_are_no_imports_of_it() {
    let nested = "(component (component (import \"inner\" (func))) (core module (import \"a\" \"b\" (func))))";
    assert_plugins_fault(
        Admitted::new(plain_component(nested)),
        "plugin.exports",
        "vestibule:idp/types@0.1.0",
    );
}

#[test]
fn a_core_module_and_junk_are_told_apart() {
    assert_plugins_fault(
        Admitted::new(core_module()),
        "plugin.core_module",
        "a core module; wrap it with",
    );
    for junk in [&b""[..], b"\0", b"\0asm", b"#!/bin/sh\n", &[0xff; 4096]] {
        assert_plugins_fault(
            Admitted::new(junk.to_vec()),
            "plugin.not_a_component",
            "not a WebAssembly component",
        );
    }
}

#[test]
fn other_versions_of_the_contract_are_named() {
    let newer = "(component (component $c) (instance $i (instantiate $c))
        (export \"vestibule:idp/types@0.1.0\" (instance $i))
        (export \"vestibule:idp/provider@7.8.9\" (instance $i)))";
    assert_plugins_fault(
        Admitted::new(plain_component(newer)),
        "plugin.abi",
        "needs ABI 7.8.9, this host speaks 0.1.0",
    );
}

#[test]
fn exports_are_what_the_contract_says_and_nothing_else() {
    let exports = |names: &[&str]| {
        let exports: String = names
            .iter()
            .map(|name| format!("(export \"{name}\" (instance $i))"))
            .collect();
        plain_component(&format!(
            "(component (component $c) (instance $i (instantiate $c)) {exports})"
        ))
    };
    let types = "vestibule:idp/types@0.1.0";
    let provider = "vestibule:idp/provider@0.1.0";
    for (names, says) in [
        (&[types][..], "does not export vestibule:idp/provider@0.1.0"),
        (&[provider], "does not export vestibule:idp/types@0.1.0"),
        (
            &[types, provider, "wasi:cli/run@0.2.0"],
            "wasi:cli/run@0.2.0",
        ),
    ] {
        assert_plugins_fault(Admitted::new(exports(names)), "plugin.exports", says);
    }
    // The right names with nothing behind them pass the reading and fail the linking.
    let hollow = Admitted::new(exports(&[types, provider])).unwrap();
    assert_plugins_fault(
        Bench::new().sandbox().load(&hollow),
        "plugin.abi",
        "contract's types",
    );
}

// proves: PLUG-17
#[test]
fn features_that_no_plugin_needs_are_refused() {
    for module in [
        "(memory i64 1)",
        "(memory 1 1 shared)",
        "(memory 1) (memory 1)",
        "(type (struct))",
        "(tag)",
        "(func $f (return_call $f))",
    ] {
        let component = plain_component(&format!("(component (core module {module}))"));
        assert_plugins_fault(Admitted::new(component), "plugin.invalid", "not a valid");
    }
}

#[test]
fn more_than_a_plugin_may_have_is_refused_unread() {
    let size = usize::try_from(COMPONENT_BYTES).unwrap();
    assert_plugins_fault(Admitted::new(vec![0; size + 1]), "plugin.size", "40 MiB");
    assert_plugins_fault(
        Admitted::new(vec![0; size]),
        "plugin.not_a_component",
        "not a WebAssembly component",
    );
}

#[test]
fn cuts_and_flipped_bits_are_judged_without_a_panic() {
    let component = Guest::honest().component();
    for end in (0..component.len()).step_by(7) {
        let cut = Admitted::new(component[..end].to_vec());
        // What follows the last export are names for debuggers, and may be missing.
        assert!(cut.is_err() || end > component.len() / 2, "cut at {end}");
    }
    for at in (0..component.len()).step_by(3) {
        let mut flipped = component.clone();
        flipped[at] ^= 1 << (at % 8);
        // Some bytes are names of no consequence, so that either answer is right.
        let _ = Admitted::new(flipped);
    }
}

#[test]
fn deep_nesting_is_refused() {
    // A component of components, 100,000 deep, without their ends: each is a section as long as the rest.
    let mut nested = Vec::new();
    for _ in 0..100_000 {
        nested.extend_from_slice(b"\0asm\x0d\0\x01\0\x04\xff\xff\xff\x0f");
    }
    assert_plugins_fault(Admitted::new(nested), "plugin.invalid", "not a valid");
    let groups = format!(
        "(component (core module (func {} {})))",
        "block ".repeat(50_000),
        "end ".repeat(50_000)
    );
    assert_plugins_fault(
        Admitted::new(plain_component(&groups)),
        "plugin.exports",
        "does not export",
    );
}
