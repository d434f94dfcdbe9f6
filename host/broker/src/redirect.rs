//! The loopback redirect of a tenant: the issuer's own path, unless the tenant file pins what the provider insists on.

use vestibule_core::tenant::{RedirectHost as Wanted, RedirectOptions};
use vestibule_core::{Issuer, Result};

use crate::loopback::{RedirectHost, RedirectTarget};

/// Works out where the provider shall send the browser.
///
/// # Errors
/// If the tenant file pins a port or a path that cannot be used.
pub fn target(issuer: &Issuer, options: &RedirectOptions) -> Result<RedirectTarget> {
    let mut target = RedirectTarget::for_issuer(issuer.as_str());
    if let Some(host) = options.host {
        target = target.with_host(match host {
            Wanted::V4 => RedirectHost::Ipv4,
            Wanted::V6 => RedirectHost::Ipv6,
            Wanted::Localhost => RedirectHost::Localhost,
        });
    }
    if let Some(port) = options.port {
        target = target.with_port(port)?;
    }
    if let Some(path) = &options.path {
        target = target.with_path(path)?;
    }
    Ok(target)
}
