//! A stage for hostile plugins: an honest provider, the real policy and the real broker, driven by the real loop. A hostile plugin is a
//! list of moves; what it learns on the way it may use, as a guest could.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a stage that cannot be set up is a failed test"
)]

pub mod hostile;
pub mod stage;

pub use hostile::{Hostile, Known, Move};
pub use stage::Stage;
