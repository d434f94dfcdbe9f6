//! The taint test: random providers that hide secrets in their replies, random plugins over the step language, the real sandbox,
//! policy, broker and HTTP client between them.
//!
//! Three things must hold of each case, whatever the provider answers and the plugin asks:
//! - no secret enters the guest, in any encoding;
//! - each secret reaches the provider in its own cells alone: issuer, role and field;
//! - nothing derived from a secret enters the guest: run again with other secrets of other lengths, everything that the guest gets to
//!   see is the same. (References are random by design, and are compared by the order in which they appear.)
//!
//! `PROPTEST_CASES` says how many; `cargo xtask soak --only taint` runs 100,000.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

mod case;
mod marker;
mod oracle;
mod provider;
mod run;

use proptest::test_runner::{Config, TestRunner};

use crate::run::World;

/// What continuous integration has time for.
const CASES: u32 = 2_000;

// proves: PLUG-02, PLUG-03, PLUG-06
#[test]
fn no_secret_and_nothing_derived_from_one_reaches_a_guest_or_a_foreign_cell() {
    let cases = std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let world = World::new();
    let mut seen = oracle::Coverage::default();
    let seen = std::cell::RefCell::new(&mut seen);
    let outcome = TestRunner::new(config).run(&case::cases(), |case| {
        seen.borrow_mut().add(oracle::judge(&world, &case)?);
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
    // A test in which nothing happens proves nothing.
    seen.borrow().must_be_wide(cases);
}

#[test]
fn the_oracle_sees_what_it_looks_for() {
    oracle::tests::self_check();
}
