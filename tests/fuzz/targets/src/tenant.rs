//! Tenant files.

use vestibule_core::tenant::Tenant;
use vestibule_core::{Blame, TenantName};

/// A tenant is the same when it was written down and read again; a file that is none is the configuration's fault.
pub fn run(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let name = TenantName::parse("work").unwrap();
    match Tenant::parse(&name, &text) {
        Ok(tenant) => {
            let written = serde_json::to_string(&tenant).expect("a tenant can be written");
            let read: Tenant = serde_json::from_str(&written).expect("and read again");
            assert_eq!(read, tenant);
            for span in [tenant.policy.max_session, tenant.policy.max_token] {
                assert!(span.is_none_or(|span| (1..=10 * 365 * 86_400).contains(&span.as_secs())));
            }
            true
        }
        Err(error) => {
            assert_eq!(error.blame(), Blame::Config);
            assert!(!error.message().contains(['\x1b', '\n']), "{error:?}");
            false
        }
    }
}
