//! How a flow begins, on its way into the guest.

use vestibule_core::record::Method;
use vestibule_core::start::{Purpose, Start, StoredGrant};

use super::{named_to_wit, setting, wit};

pub(crate) fn to_wit(start: &Start) -> wit::Start {
    wit::Start {
        purpose: purpose(&start.purpose),
        settings: setting::to_wit(&start.settings),
        method: match start.method {
            Method::Browser => wit::Methods::BROWSER,
            Method::Device => wit::Methods::DEVICE,
            Method::Workload => wit::Methods::WORKLOAD,
        },
        scopes: start
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        registered: start.registered,
    }
}

fn purpose(purpose: &Purpose) -> wit::Purpose {
    match purpose {
        Purpose::SignIn { login_hint } => wit::Purpose::SignIn(wit::SignIn {
            login_hint: login_hint.clone(),
        }),
        Purpose::Refresh(grant) => wit::Purpose::Refresh(stored_grant(grant)),
        Purpose::Revoke(grant) => wit::Purpose::Revoke(stored_grant(grant)),
        Purpose::Exchange { subject, audience } => wit::Purpose::Exchange(wit::Exchange {
            subject: named_to_wit(subject),
            audience: audience.clone(),
        }),
        Purpose::Derive {
            grant,
            parameters,
            interactive,
        } => wit::Purpose::Derive(wit::Derivation {
            grant: stored_grant(grant),
            parameters: parameters
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
                .collect(),
            interactive: *interactive,
        }),
        Purpose::StepUp(grant) => wit::Purpose::StepUp(stored_grant(grant)),
    }
}

fn stored_grant(grant: &StoredGrant) -> wit::StoredGrant {
    wit::StoredGrant {
        parts: grant.parts.iter().map(named_to_wit).collect(),
    }
}
