//! A stage for attacks: the real library with the real sandbox, a guest that plays whatever it is told, and the practice provider,
//! honest or not. The attacks themselves are in `tests/`, one file each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a stage that cannot be set up is a failed test"
)]

pub mod handed;
pub mod leaping;
pub mod puppet;
pub mod stage;
pub mod tape;
pub mod variables;
pub mod verdict;
pub mod workload;

pub use handed::{Handed, Handing};
pub use leaping::Leaping;
pub use puppet::Program;
pub use stage::Stage;
pub use tape::{Prompt, Tape};
pub use variables::Environment;
