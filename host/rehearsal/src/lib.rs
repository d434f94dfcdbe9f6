//! The practice IdP: a real OAuth 2.0 / OpenID Connect provider on loopback, honest by default and scripted to misbehave.
//!
//! It is what `vestibule demo` signs in to, and what tests and plugin evaluations hold against a client. It does everything
//! for real (signatures, PKCE, rotation, revocation), keeps everything in memory and within bounds, writes down every request,
//! and remembers every secret that it gave or was given, so that a test can look for them where they must not be.
//!
//! It knows nothing of the other crates: a client that shares code with its judge proves little.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use vestibule_rehearsal::{Rehearsal, Script, Visitor};
//!
//! let idp = Rehearsal::start(Script::honest().any_redirect_path()).await?;
//! // ... a client prints the authorization URL that it would open in a browser ...
//! # let url = String::new();
//! Visitor::approve("ada").visit(&url).await?;
//! assert!(idp.secrets().len() > 3);
//! # Ok(()) }
//! ```
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod bounded;
mod clock;
mod encoding;
mod fault;
mod flow;
mod gzip;
mod identity_center;
mod jwt;
mod keys;
mod ledger;
mod members;
mod mint;
mod page;
mod people;
mod platform;
mod provider;
mod record;
mod rehearsal;
mod script;
mod signer;
mod stage;
mod twist;
mod visitor;
mod wire;

pub use clock::Clock;
pub use people::{ACCOUNTS, Account, PEOPLE, Person};
pub use platform::{Answering, Asked, Platform};
pub use record::{Role, Secret, SecretKind, Seen};
pub use rehearsal::{Rehearsal, ResourceServer};
pub use script::{Par, Script, SigningAlgorithm};
pub use signer::Signer;
pub use twist::{
    CallbackTwist, DeviceTwist, ExpiresInTwist, Fault, Form, GrantTwist, IdTokenTwist, JwksTwist,
    MetadataTwist, ScopeTwist, Twist, WorkloadTwist,
};
pub use visitor::{Visit, VisitError, Visitor};
