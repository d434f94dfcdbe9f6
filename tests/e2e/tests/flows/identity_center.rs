//! A provider of the shape of AWS IAM Identity Center: its own client registration, no ID token, keys as the final credential.

use std::time::Duration;

use serde_json::Value;
use vestibule_e2e::{Browser, Decision, Machine, Practice, person};
use vestibule_rehearsal::{Role, Script, SecretKind};

use crate::machine_with;

const READ_ONLY: [&str; 4] = [
    "token",
    "cloud",
    "--for",
    "account=111122223333,role=ReadOnly",
];

#[test]
fn one_sign_in_serves_keys_without_a_browser_and_the_registration_is_kept() {
    let idp = Practice::identity_center(Script::honest());
    let machine = machine_for(&idp);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine.run(&["login", "cloud"]).succeeded();
    assert!(person.report().text().contains("You are signed in"));
    assert_eq!(idp.count(Role::Registration), 1);

    person.forget();
    let keys = keys(&machine, &READ_ONLY);
    assert!(idp.secrets().iter().any(|secret| {
        secret.kind == SecretKind::CloudKey && keys.to_string().contains(&secret.value)
    }));
    assert_eq!(idp.count(Role::RoleCredentials), 1);
    // The same again comes from the store, other keys from the portal.
    assert_eq!(self::keys(&machine, &READ_ONLY), keys);
    assert_eq!(idp.count(Role::RoleCredentials), 1);
    let other = [
        "token",
        "cloud",
        "--for",
        "account=production,role=ReadOnly",
    ];
    assert_ne!(self::keys(&machine, &other), keys);
    assert_eq!(idp.count(Role::RoleCredentials), 2);
    assert!(!person.was_started(), "keys need no browser");

    let _ = machine.run(&["logout", "cloud"]).succeeded();
    assert_eq!(idp.count(Role::PortalLogout), 1);
    let gone = machine.run(&[&READ_ONLY[..], &["--json"]].concat());
    assert_eq!(gone.code, Some(2), "{gone}");

    let _ = machine.run(&["login", "cloud"]).succeeded();
    let _ = person.report();
    assert_eq!(idp.count(Role::Registration), 1, "it was registered anew");
    let _ = machine.run(&["logout", "cloud"]).succeeded();
}

#[test]
fn a_role_that_is_not_assigned_is_refused_by_its_name() {
    let idp = Practice::identity_center(Script::honest());
    let machine = machine_for(&idp);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine.run(&["login", "cloud"]).succeeded();
    let _ = person.report();

    let wish = [
        "token",
        "cloud",
        "--for",
        "account=444455556666,role=PowerUser",
        "--json",
    ];
    let refused = machine.run(&wish);
    assert_eq!(refused.stdout, "");
    refused.failed("provider.denied", "user", 3);
}

#[test]
fn a_code_that_is_entered_elsewhere_serves_keys_as_well() {
    let idp = Practice::identity_center(Script::honest().poll_interval(Duration::from_secs(1)));
    let machine = machine_allowing(&idp, "methods = [\"browser\", \"device\"]\n");
    let login = machine.start(&["login", "cloud", "--method", "device"]);
    let (address, code) = login.device_code();
    person::enter_code(Browser::Visitor, Decision::Approve, &address, &code).unwrap();
    let outcome = login.finish().succeeded();
    assert!(
        outcome
            .stderr
            .contains("  plugin   aws-identity-center sha256:"),
        "{outcome}"
    );
    let sent = idp.requests_to(Role::DeviceAuthorization);
    assert_eq!(sent[0].field("startUrl"), Some(idp.start_url().as_str()));
    assert!(sent[0].field("clientSecret").is_some());
    let token = idp.requests_to(Role::Token);
    assert!(token.iter().all(|seen| seen.field("deviceCode").is_some()));
    let keys = keys(&machine, &READ_ONLY);
    assert!(idp.secrets().iter().any(|secret| {
        secret.kind == SecretKind::CloudKey && keys.to_string().contains(&secret.value)
    }));
    let _ = machine.run(&["logout", "cloud"]).succeeded();
    assert_eq!(idp.count(Role::PortalLogout), 1);
}

fn keys(machine: &Machine, arguments: &[&str]) -> Value {
    machine
        .run(&[arguments, &["--json"]].concat())
        .succeeded()
        .json()
}

fn machine_for(idp: &Practice) -> Machine {
    machine_allowing(idp, "")
}

/// With further lines of the tenant's policy.
fn machine_allowing(idp: &Practice, policy: &str) -> Machine {
    let machine = machine_with("aws-identity-center");
    machine.tenant(
        "cloud",
        &format!(
            "plugin = \"aws-identity-center\"\ninteractive = \"window\"\n\
             [settings]\nstart_url = \"{}\"\nregion = \"eu-west-1\"\n\
             oidc_endpoint = \"{}\"\nportal_endpoint = \"{}\"\n\
             [policy]\nallow_unknown_identity = true\n{policy}\
             [network]\nallow_loopback_http = true\n",
            idp.start_url(),
            idp.oidc_url(),
            idp.portal_url()
        ),
    );
    machine
}
