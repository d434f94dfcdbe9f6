//! Workloads, client assertions and exchanges at a certified provider.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use serde_json::json;
use vestibule_e2e::{Browser, Decision, Machine, OidcProvider, Practice};
use vestibule_rehearsal::{Script, Signer, SigningAlgorithm};

use crate::machine_with;

/// A provider that knows this key as that of its client `signing`, and a machine that has it.
fn provider(key: &Signer, settings: &[(&str, &str)]) -> (OidcProvider, Machine) {
    let public = key.public_jwk().unwrap().to_string();
    let all = [settings, &[("CLIENT_JWK", public.as_str())]].concat();
    let provider = OidcProvider::start(&all);
    let machine = machine_with("oidc");
    let file = machine.home().join("client.pem");
    fs::write(&file, key.private_pem().unwrap()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    (provider, machine)
}

/// A tenant whose client signs.
fn tenant(machine: &Machine, name: &str, issuer: &str, settings: &str, policy: &str) {
    let file = json!(machine.home().join("client.pem"));
    machine.tenant(
        name,
        &format!(
            "plugin = \"oidc\"\ninteractive = \"window\"\n\
             [settings]\nissuer = \"{issuer}\"\nclient_id = \"signing\"\n\
             token_endpoint_auth_method = \"private_key_jwt\"\n{settings}\n\
             [secrets]\nclient_key = {{ file = {file} }}\n[policy]\n{policy}\n\
             [network]\nallow_loopback_http = true\n"
        ),
    );
}

#[test]
fn a_workload_signs_in_with_its_key_and_there_is_nobody_to_ask() {
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
        let key = Signer::generate(algorithm).unwrap();
        let (provider, machine) = provider(&key, &[]);
        let policy = "methods = [\"workload\"]\nscopes = [\"api:read\"]";
        let workload = "workload = \"client_credentials\"";
        tenant(&machine, "build", provider.issuer(), workload, policy);
        // In a session of its own: no terminal, and nothing was signed in before.
        let first = machine.with_input(&["token", "build"], "").succeeded();
        assert!(provider.is_active(first.line()), "{first}");
        provider.expect_grants("client_credentials", 1);
        let again = machine.with_input(&["token", "build"], "").succeeded();
        assert_eq!(again.line(), first.line(), "from the store");
        let renewed = machine
            .with_input(&["token", "build", "--refresh"], "")
            .succeeded();
        assert_ne!(renewed.line(), first.line());
        provider.expect_grants("client_credentials", 2);

        let login = machine
            .with_input(&["login", "build", "--force", "--json"], "")
            .succeeded();
        assert_eq!(login.json()["method"], "workload");
        assert_eq!(login.json()["account"], "signing");
        provider.expect_grants("client_credentials", 3);
        let status = machine.run(&["status", "--json"]).succeeded().json();
        let record = &status[0]["records"][0];
        assert_eq!(
            (&record["namespace"], &record["renewable"]),
            (&json!("workload"), &json!(false))
        );
        let last = machine.run(&["token", "build"]).succeeded();
        let _ = machine.run(&["logout", "build"]).succeeded();
        assert!(!provider.is_active(last.line()));
        assert!(machine.sealed().is_empty());
    }
}

#[test]
fn a_key_is_kept_in_the_store_and_signs_from_there() {
    let key = Arc::new(Signer::generate(SigningAlgorithm::Es256).unwrap());
    let idp = Practice::openid(Script::honest().client_key(&key));
    let machine = machine_with("oidc");
    machine.tenant(
        "build",
        &format!(
            "plugin = \"oidc\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n\
             token_endpoint_auth_method = \"private_key_jwt\"\nworkload = \"client_credentials\"\n\
             [secrets]\nclient_key = \"key_store\"\n[policy]\nmethods = [\"workload\"]\n\
             [network]\nallow_loopback_http = true\n",
            idp.issuer(),
            Script::CLIENT_ID
        ),
    );
    let missing = machine.with_input(&["token", "build", "--json"], "");
    missing.failed("tenant.secret", "config", 4);
    let pem = key.private_pem().unwrap();
    let keep = ["tenant", "secret", "build", "client_key"];
    let _ = machine.with_input(&keep, &pem).succeeded();
    let token = machine.with_input(&["token", "build"], "").succeeded();
    assert!(idp.is_live(token.line()));
    for (file, content) in machine.kept() {
        let text = String::from_utf8_lossy(&content);
        for line in pem.lines() {
            assert!(!text.contains(line), "{}", file.display());
        }
    }
    let other = Signer::generate(SigningAlgorithm::Es256).unwrap();
    let _ = machine
        .with_input(&keep, &other.private_pem().unwrap())
        .succeeded();
    let refused = machine.with_input(&["token", "build", "--refresh", "--json"], "");
    refused.failed("provider.refused", "provider", 7);
    let _ = machine.with_input(&keep, "no key at all").succeeded();
    let refused = machine.with_input(&["token", "build", "--refresh", "--json"], "");
    refused.failed("client_key.format", "config", 4);
}

#[test]
fn a_person_signs_in_by_a_client_that_signs_and_the_token_is_exchanged() {
    let key = Signer::generate(SigningAlgorithm::Es256).unwrap();
    let (provider, machine) = provider(&key, &[("REQUIRE_PAR", "1")]);
    let policy = "scopes = [\"openid\", \"offline_access\", \"api:read\"]\naudiences = [\"https://api.example\"]";
    tenant(&machine, "corp", provider.issuer(), "", policy);
    let person = machine.seat(Browser::Chromium, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    assert!(person.report().text().contains("You are signed in"));
    provider.expect_grants("authorization_code", 1);
    let own = machine.run(&["token", "corp"]).succeeded();
    assert_eq!(provider.userinfo(own.line()).json()["sub"], "ada");

    let exchange = ["token", "corp", "--audience", "https://api.example"];
    let exchanged = machine.run(&exchange).succeeded();
    assert_ne!(exchanged.line(), own.line());
    assert!(provider.is_active(exchanged.line()));
    let granted = "urn:ietf:params:oauth:grant-type:token-exchange";
    provider.expect_grants(granted, 1);
    assert_eq!(machine.run(&exchange).succeeded().line(), exchanged.line());
    let elsewhere = machine.run(&[
        "token",
        "corp",
        "--audience",
        "https://evil.example",
        "--json",
    ]);
    elsewhere.failed("policy.denied", "policy", 5);
    assert!(elsewhere.stderr.contains("policy.audiences"), "{elsewhere}");
    provider.expect_grants(granted, 1);

    let status = machine.run(&["status"]).succeeded();
    assert!(
        status.stdout.contains("for audience:https://api.example"),
        "{status}"
    );
    let audit = machine
        .run(&["audit", "show", "--event", "exchange", "--json"])
        .succeeded();
    assert!(
        audit.stdout.contains("audience:https://api.example"),
        "{audit}"
    );
    assert!(
        audit.stdout.contains("\"subject\":\"ada\"")
            || audit.stdout.contains("\"subject\": \"ada\""),
        "{audit}"
    );
    let _ = machine.run(&["logout", "corp"]).succeeded();
    for token in [&own, &exchanged] {
        assert!(!provider.is_active(token.line()), "{token}");
    }
    assert!(machine.sealed().is_empty());
}
