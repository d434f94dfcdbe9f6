//! Each fuzz target on stable Rust, without libFuzzer: its seeds, and 2,000 changed ones. That finds what has broken; what nobody has
//! thought of yet, `cargo xtask soak` looks for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod mutate;
mod seeds;

use std::collections::BTreeSet;
use std::path::Path;

use vestibule_fuzz::TARGETS;

use mutate::{Dice, mutated};

const CASES: u64 = 2_000;

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = seeds::of(name);
    assert!(seeds.len() >= 3, "{name} has too few seeds");
    let accepted = seeds.iter().filter(|seed| (target.run)(seed)).count();
    assert!(accepted > 0, "no seed of {name} is accepted");
    assert!(accepted < seeds.len(), "no seed of {name} is refused");
    for case in 0..CASES {
        let bytes = mutated(&seeds, &mut Dice::new(case));
        let held = std::panic::catch_unwind(|| (target.run)(&bytes));
        assert!(
            held.is_ok(),
            "case {case}: {:?}",
            bytes.escape_ascii().to_string()
        );
    }
}

/// A test for each target, so that they run beside each other and are named in a report.
macro_rules! replays {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )*

        const REPLAYED: &[&str] = &[$(stringify!($name)),*];
    };
}

replays! {
    admission audit challenge client_key description device_response id_token json jwks listener metadata redirect sealed steps tenant token_reply
}

#[test]
fn every_target_is_replayed_here_and_driven_by_libfuzzer() {
    let named: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(named, BTreeSet::from_iter(REPLAYED.iter().copied()));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz_targets");
    let driven: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        driven,
        BTreeSet::from_iter(named.into_iter().map(str::to_owned))
    );
}
