//! Each key of the lock: a file within it, a file beyond it, and a file that is silent.

use vestibule_core::TenantName;
use vestibule_core::tenant::Locks;

use super::*;

/// A tenant of these lines, held within a lock of those.
fn held(lines: &str, lock: &str) -> Result<Tenant, Beyond> {
    let text = format!("plugin = \"p\"\n{lines}\n");
    let mut tenant = Tenant::parse(&TenantName::parse("t").unwrap(), &text).unwrap();
    let locks = Locks::parse(lock).unwrap();
    hold(&mut tenant, &Written::new(&text), &locks.all).map(|()| tenant)
}

#[test]
fn a_file_beyond_a_lock_is_refused_at_its_key() {
    for (lock, within, without, path) in [
        ("plugins = [\"p\"]", "", None, "plugin"),
        ("plugins = [\"q\"]", "-", Some(""), "plugin"),
        (
            "[policy]\nmethods = [\"browser\"]",
            "[policy]\nmethods = [\"browser\"]",
            Some("[policy]\nmethods = [\"browser\", \"device\"]"),
            "policy.methods",
        ),
        (
            "[policy]\nmethods = [\"workload\"]",
            "[policy]\nmethods = [\"workload\"]",
            Some(""),
            "policy.methods",
        ),
        (
            "[policy]\nscopes = [\"a\", \"b\"]",
            "[policy]\nscopes = [\"a\"]",
            Some("[policy]\nscopes = [\"a\", \"c\"]"),
            "policy.scopes",
        ),
        (
            "[policy]\nscopes = [\"a\"]",
            "[policy]\ndevice.scopes = [\"a\"]",
            Some("[policy]\ndevice.scopes = [\"b\"]"),
            "policy.device.scopes",
        ),
        (
            "[policy]\naudiences = [\"x\", \"y\"]",
            "[policy]\naudiences = [\"y\"]",
            Some("[policy]\naudiences = [\"z\"]"),
            "policy.audiences",
        ),
        (
            "[policy]\nrisk = \"high\"",
            "[policy]\nrisk = \"high\"",
            Some("[policy]\nrisk = \"normal\""),
            "policy.risk",
        ),
        (
            "[policy]\nconsent = \"each_sign_in\"",
            "[policy]\nconsent = \"each_sign_in\"",
            Some("[policy]\nconsent = \"approval\""),
            "policy.consent",
        ),
        (
            "[policy]\non_alert = \"refuse\"",
            "[policy]\non_alert = \"refuse\"",
            Some("[policy]\non_alert = \"warn\""),
            "policy.on_alert",
        ),
        (
            "[policy]\nmax_session = \"12h\"",
            "[policy]\nmax_session = \"12h\"",
            Some("[policy]\nmax_session = \"13h\""),
            "policy.max_session",
        ),
        (
            "[policy]\nmax_idle = \"1h\"",
            "[policy]\nmax_idle = \"59m\"",
            Some("[policy]\nmax_idle = \"61m\""),
            "policy.max_idle",
        ),
        (
            "[policy]\nmax_token = \"1h\"",
            "[policy]\nmax_token = \"1m\"",
            Some("[policy]\nmax_token = \"2h\""),
            "policy.max_token",
        ),
        (
            "[policy.identity]\nissuers = [\"https://a.example\"]",
            "[policy.identity]\nissuers = [\"https://a.example\"]",
            Some("[policy.identity]\nissuers = [\"https://b.example\"]"),
            "policy.identity.issuers",
        ),
        (
            "[policy.identity]\nemail_domains = [\"a.example\"]",
            "[policy.identity]\nemail_domains = [\"a.example\"]",
            Some("[policy.identity]\nemail_domains = [\"b.example\"]"),
            "policy.identity.email_domains",
        ),
        (
            "[policy.identity]\nacr = [\"phr\"]",
            "[policy.identity]\nacr = [\"phr\"]",
            Some("[policy.identity]\nacr = [\"phr\", \"pwd\"]"),
            "policy.identity.acr",
        ),
        (
            "[policy.identity]\nmax_age = \"1h\"",
            "[policy.identity]\nmax_age = \"1h\"",
            Some("[policy.identity]\nmax_age = \"2h\""),
            "policy.identity.max_age",
        ),
        (
            "[policy.identity]\nclaims.tid = [\"a\"]",
            "[policy.identity]\nclaims.hd = [\"x\"]",
            Some("[policy.identity]\nclaims.tid = [\"b\"]"),
            "policy.identity.claims.tid",
        ),
        (
            "[policy]\nallow_unrotated_refresh_token = false",
            "",
            Some("[policy]\nallow_unrotated_refresh_token = true"),
            "policy.allow_unrotated_refresh_token",
        ),
        (
            "[policy]\nallow_unknown_identity = false",
            "",
            Some("[policy]\nallow_unknown_identity = true"),
            "policy.allow_unknown_identity",
        ),
        (
            "[policy]\nallow_unauthenticated_exchange = false",
            "",
            Some("[policy]\nallow_unauthenticated_exchange = true"),
            "policy.allow_unauthenticated_exchange",
        ),
        (
            "[policy]\nclient_assertion_audience = \"issuer\"",
            "[policy]\nclient_assertion_audience = \"issuer\"",
            Some("[policy]\nclient_assertion_audience = \"token_endpoint\""),
            "policy.client_assertion_audience",
        ),
        (
            "[policy]\naccept_unannounced_iss = false",
            "",
            Some("[policy]\naccept_unannounced_iss = true"),
            "policy.accept_unannounced_iss",
        ),
        (
            "[network]\nallow_loopback_http = false",
            "[network]\nallow_loopback_http = false",
            Some("[network]\nallow_loopback_http = true"),
            "network.allow_loopback_http",
        ),
        (
            "[network]\nprivate_hosts = [\"a.corp\"]",
            "[network]\nprivate_hosts = [\"a.corp\"]",
            Some("[network]\nprivate_hosts = [\"b.corp\"]"),
            "network.private_hosts",
        ),
    ] {
        if within != "-" {
            assert!(held(within, lock).is_ok(), "{lock} / {within}");
        }
        if let Some(without) = without {
            let beyond = held(without, lock).unwrap_err();
            assert_eq!(beyond.path.join("."), path, "{lock} / {without}");
            assert!(
                beyond.message.contains("this machine's policy allows"),
                "{}",
                beyond.message
            );
        }
    }
}

#[test]
fn where_the_file_is_silent_the_bound_is_the_default() {
    let tenant = held(
        "",
        "[policy]\nmethods = [\"browser\", \"device\"]\nrisk = \"high\"\nscopes = [\"a\"]\naudiences = [\"x\"]\nmax_session = \"12h\"\n\
         max_idle = \"1h\"\nmax_token = \"5m\"\nrequire_binding = true\n\
         [policy.identity]\nissuers = [\"https://a.example\"]\nemail_domains = [\"a.example\"]\nacr = [\"phr\"]\nmax_age = \"2h\"\nclaims.tid = [\"t\"]\n",
    )
    .unwrap();
    let policy = &tenant.policy;
    // The default stays what it is if it is within the bound: nothing is widened.
    assert_eq!(
        policy.methods.as_deref(),
        Some([Method::Browser].as_slice())
    );
    assert_eq!(policy.scopes, None);
    assert_eq!(policy.scopes_within.as_ref().map(Vec::len), Some(1));
    assert_eq!(
        (policy.risk, policy.consent()),
        (Risk::High, Consent::EachSignIn)
    );
    assert_eq!(
        policy.audiences.as_deref(),
        Some(["x".to_owned()].as_slice())
    );
    let seconds = |span: Option<Span>| span.map(Span::as_secs);
    assert_eq!(seconds(policy.max_session), Some(12 * 3600));
    assert_eq!(seconds(policy.max_idle), Some(3600));
    assert_eq!(seconds(policy.max_token), Some(300));
    assert_eq!(seconds(policy.identity.max_age), Some(7200));
    assert!(policy.require_binding);
    assert_eq!(policy.identity.acr.as_ref().map(Vec::len), Some(1));
    assert_eq!(policy.identity.issuers.as_ref().map(Vec::len), Some(1));
    assert_eq!(
        policy.identity.email_domains.as_ref().map(Vec::len),
        Some(1)
    );
    assert_eq!(policy.identity.claims["tid"].len(), 1);
}

#[test]
fn a_second_lock_narrows_what_the_first_has_filled_in() {
    let text = "plugin = \"p\"\n";
    let written = Written::new(text);
    let mut tenant = Tenant::parse(&TenantName::parse("t").unwrap(), text).unwrap();
    for lock in [
        "[policy]\nmax_session = \"12h\"\naudiences = [\"x\", \"y\"]\nscopes = [\"a\", \"b\"]",
        "[policy]\nmax_session = \"8h\"\naudiences = [\"y\", \"z\"]\nscopes = [\"b\", \"c\"]",
        "[policy]\nmax_session = \"10h\"",
    ] {
        let lock = Locks::parse(lock).unwrap().all;
        hold(&mut tenant, &written, &lock).unwrap();
    }
    assert_eq!(tenant.policy.max_session.map(Span::as_secs), Some(8 * 3600));
    assert_eq!(
        tenant.policy.audiences.as_deref(),
        Some(["y".to_owned()].as_slice())
    );
    let within: Vec<&str> = tenant
        .policy
        .scopes_within
        .iter()
        .flatten()
        .map(|scope| scope.as_str())
        .collect();
    assert_eq!(within, ["b"]);
}

#[test]
fn an_empty_lock_changes_nothing() {
    let lines = "[policy]\nmethods = [\"device\"]\nallow_unknown_identity = true\n[network]\nallow_loopback_http = true";
    let text = format!("plugin = \"p\"\n{lines}\n");
    let own = Tenant::parse(&TenantName::parse("t").unwrap(), &text).unwrap();
    assert_eq!(held(lines, "").unwrap(), own);
}
