//! The loopback redirect of a tenant.

use serde::{Deserialize, Serialize};

/// The loopback redirect (RFC 8252 section 7.3), where the provider is particular about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedirectOptions {
    /// `127.0.0.1`, `[::1]`, or `localhost` where the provider insists. Absent: whichever address is there.
    pub host: Option<RedirectHost>,
    /// A fixed port. Absent: chosen by the operating system.
    pub port: Option<u16>,
    /// A fixed path. Absent: one that is unique to the issuer.
    pub path: Option<String>,
}

/// The host of a loopback redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectHost {
    /// 127.0.0.1
    #[serde(rename = "127.0.0.1")]
    V4,
    /// ::1
    #[serde(rename = "[::1]")]
    V6,
    /// localhost: both addresses are bound, or none.
    #[serde(rename = "localhost")]
    Localhost,
}
