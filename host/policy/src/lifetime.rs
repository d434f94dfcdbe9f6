//! Lifetimes (RFC 6749 section 5.1, TOK-06, POL-03): what a provider says is a proposal. All times are whole Unix seconds.

use vestibule_core::limits::{
    ASSUMED_LIFETIME_SECONDS, DEVICE_SESSION_TIME, LONGEST_LIFETIME_SECONDS, RENEW_BEFORE_SECONDS,
    SESSION_TIME,
};
use vestibule_core::record::Method;
use vestibule_core::tenant::TenantPolicy;

/// The lifetime of an access token, in seconds. `expires_in` is what the reply says, if it is a whole number at all.
///
/// Absent, zero and negative lifetimes are short ones; long ones end with what is believed, or with the tenant's `max_token`.
#[must_use]
pub fn access_token_lifetime(expires_in: Option<i64>, policy: &TenantPolicy) -> u32 {
    let said = match expires_in {
        Some(seconds) if seconds > 0 => u32::try_from(seconds).unwrap_or(u32::MAX),
        Some(_) | None => ASSUMED_LIFETIME_SECONDS,
    };
    said.min(longest_lifetime(policy))
}

/// When something expires of which the reply says a point in time, such as the keys of a cloud account. What has no expiry, or
/// one in the past, gets a short life.
#[must_use]
pub fn expiry(now: u64, said: Option<u64>, policy: &TenantPolicy) -> u64 {
    let said = said
        .filter(|said| *said > now)
        .unwrap_or_else(|| now.saturating_add(u64::from(ASSUMED_LIFETIME_SECONDS)));
    said.min(now.saturating_add(u64::from(longest_lifetime(policy))))
}

/// When a grant ends at the latest, whatever the provider grants. Renewals do not move it: it counts from the sign-in. One that came
/// by device ends earlier (DEV-12).
#[must_use]
pub fn session_end(signed_in_at: u64, method: Method, policy: &TenantPolicy) -> u64 {
    let session = policy
        .max_session
        .map_or(SESSION_TIME.as_secs(), |span| span.as_secs());
    let session = match method {
        Method::Browser | Method::Workload => session,
        Method::Device => policy
            .device
            .max_session
            .map_or(DEVICE_SESSION_TIME.as_secs(), |span| span.as_secs())
            .min(session),
    };
    signed_in_at.saturating_add(session)
}

/// Whether a grant has reached its end (`Facts::ends_at`): it is removed, and nobody asks the provider.
#[must_use]
pub fn is_over(now: u64, ends_at: u64) -> bool {
    now >= ends_at
}

/// Whether a token is too close to its expiry to be handed out: it could die on its way.
#[must_use]
pub fn due_for_renewal(now: u64, expires_at: u64) -> bool {
    now.saturating_add(RENEW_BEFORE_SECONDS) >= expires_at
}

fn longest_lifetime(policy: &TenantPolicy) -> u32 {
    let own = policy
        .max_token
        .map(|span| u32::try_from(span.as_secs()).unwrap_or(u32::MAX));
    own.map_or(LONGEST_LIFETIME_SECONDS, |own| {
        own.min(LONGEST_LIFETIME_SECONDS)
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::tenant;

    use super::*;

    fn policy(lines: &str) -> TenantPolicy {
        tenant(&format!("[policy]\n{lines}\n")).policy
    }

    #[test]
    fn a_lifetime_is_short_if_nonsense_and_never_beyond_the_policy() {
        for (said, lines, lifetime) in [
            (Some(3600), "", 3600),
            (Some(1), "", 1),
            (None, "", ASSUMED_LIFETIME_SECONDS),
            (Some(0), "", ASSUMED_LIFETIME_SECONDS),
            (Some(-1), "", ASSUMED_LIFETIME_SECONDS),
            (Some(i64::MIN), "", ASSUMED_LIFETIME_SECONDS),
            (Some(i64::MAX), "", LONGEST_LIFETIME_SECONDS),
            (Some(10 * 365 * 86_400), "", LONGEST_LIFETIME_SECONDS),
            (Some(3600), "max_token = \"10m\"", 600),
            (Some(60), "max_token = \"10m\"", 60),
            (None, "max_token = \"60s\"", 60),
            (
                Some(i64::MAX),
                "max_token = \"3650d\"",
                LONGEST_LIFETIME_SECONDS,
            ),
        ] {
            assert_eq!(
                access_token_lifetime(said, &policy(lines)),
                lifetime,
                "{said:?} {lines}"
            );
        }
    }

    #[test]
    fn an_expiry_is_believed_within_the_same_bounds() {
        let longest = u64::from(LONGEST_LIFETIME_SECONDS);
        let assumed = u64::from(ASSUMED_LIFETIME_SECONDS);
        for (said, lines, at) in [
            (Some(4600), "", 4600),
            (None, "", 1000 + assumed),
            (Some(0), "", 1000 + assumed),
            (Some(1000), "", 1000 + assumed),
            (Some(u64::MAX), "", 1000 + longest),
            (Some(4600), "max_token = \"60s\"", 1060),
        ] {
            assert_eq!(expiry(1000, said, &policy(lines)), at, "{said:?} {lines}");
        }
        assert_eq!(expiry(u64::MAX, None, &policy("")), u64::MAX);
    }

    #[test]
    fn a_session_ends_with_the_policy_or_after_a_month() {
        let end = |lines: &str| session_end(1000, Method::Browser, &policy(lines));
        assert_eq!(end(""), 1000 + 30 * 86_400);
        assert_eq!(end("max_session = \"12h\""), 1000 + 43_200);
        assert_eq!(end("device = { max_session = \"1h\" }"), 1000 + 30 * 86_400);
        assert_eq!(
            session_end(u64::MAX, Method::Browser, &policy("")),
            u64::MAX
        );
        assert!(!is_over(999, 1000));
        assert!(is_over(1000, 1000));
    }

    #[test]
    fn what_came_by_device_ends_earlier_and_never_later() {
        for (lines, hours) in [
            ("", 12),
            ("max_session = \"90d\"", 12),
            ("max_session = \"2h\"", 2),
            ("device = { max_session = \"1h\" }", 1),
            ("device = { max_session = \"90d\" }", 30 * 24),
            ("max_session = \"2h\"\ndevice = { max_session = \"5h\" }", 2),
        ] {
            let end = session_end(1000, Method::Device, &policy(lines));
            assert_eq!(end, 1000 + hours * 3600, "{lines}");
        }
    }

    #[test]
    fn a_token_close_to_its_expiry_is_renewed_first() {
        for (expires_at, due) in [
            (0, true),
            (1000, true),
            (1005, true),
            (1030, true),
            (1031, false),
            (u64::MAX, false),
        ] {
            assert_eq!(due_for_renewal(1000, expires_at), due, "{expires_at}");
        }
        assert!(due_for_renewal(u64::MAX, u64::MAX));
    }
}
