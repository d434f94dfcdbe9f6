//! Hostile plugins. Each one tries what a plugin could gain something by; the provider is honest and sees what got through.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod approval;
mod authorization;
mod ending;
mod references;
mod sandboxed;

use vestibule_attacks::{Hostile, Move, Stage};
use vestibule_broker::Finished;
use vestibule_core::{Blame, Error};

/// Plays an attack, which must end by the plugin's fault.
async fn caught(stage: &Stage, moves: Vec<Move>) -> Error {
    blamed(stage.play(&Hostile::new(moves)).await)
}

/// The same after an honest sign-in.
async fn caught_after_sign_in(stage: &Stage, moves: Vec<Move>) -> Error {
    blamed(stage.play(&Hostile::after_sign_in(moves)).await)
}

#[track_caller]
fn blamed(ended: vestibule_core::Result<Finished>) -> Error {
    let error = ended.expect_err("the attack went through");
    assert_eq!(error.blame(), Blame::Plugin, "{error:?}");
    error
}
