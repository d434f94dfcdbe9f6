//! The nouns of Vestibule. No I/O, no wasm, no cryptography: what every other crate speaks of, and the types that carry its laws.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod allowed;
pub mod approval;
pub mod authentication;
pub mod cleared;
pub mod description;
pub mod error;
pub mod event;
pub mod limits;
pub mod matrix;
pub mod name;
pub mod pattern;
pub mod plugin;
pub mod record;
pub mod reply;
pub mod secret;
pub mod setting;
pub mod start;
pub mod step;
pub mod tenant;
pub mod text;
pub mod url;
pub mod words;

pub use allowed::{Allowed, Denied, Rulebook};
pub use cleared::{Barrier, Cleared, Enters};
pub use error::{Blame, Error, Kind, Result};
pub use name::{
    EnvironmentName, MemberName, PluginName, Pointer, RoleName, Scope, SecretName, SettingName,
    TenantName,
};
pub use pattern::Pattern;
pub use secret::{Reference, Secret, SecretKind};
pub use text::Shown;
pub use url::{Issuer, Origin, ProviderUrl, UrlProblem};
