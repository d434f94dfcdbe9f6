//! Attack: encode data in host names, which a lookup would carry to whoever answers for the domain.
//! Stopped by: no wildcards, an issuer on a host that a setting names, no host but those that were approved whole (host/policy/src/approval/hosts.rs, host/broker/src/egress.rs).

use serde_json::json;
use vestibule_attacks::puppet::{call, discover, endpoint, list, reference, told};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{MetadataTwist, Role, Script};

// proves: PLUG-15
#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_its_own_making_is_looked_up_for_approval() {
    let stage = Stage::honest().await;
    for issuer in [
        "https://data.mallory.example",
        "https://secret-settings.in-a-name.mallory.example/tenant",
    ] {
        let program = Program::honest(&stage.idp)
            .profile(|profile| profile["server"] = json!({"Discovered": issuer}));
        let error = stage.refuses(&program, "approval.hosts").await;
        assert_eq!(error.blame(), Blame::Plugin, "{issuer}");
        assert!(error.message().contains("mallory.example"), "{error:?}");
    }
}

// proves: PLUG-15
#[tokio::test(flavor = "multi_thread")]
async fn a_description_names_no_pattern_of_hosts() {
    let stage = Stage::honest().await;
    for host in [
        "*.mallory.example",
        "*",
        "data.*.example",
        ".mallory.example",
        "mallory.example.",
        "**.example",
        "?.mallory.example",
        "{data}.mallory.example",
        "%64ata.mallory.example",
        "mallory.example:53",
        "https://mallory.example",
        "mallory.example/x",
        "",
        " ",
        "mallory example",
        "MALLORY.example",
        "user@mallory.example",
        "[::1]",
        "0x7f.1",
    ] {
        let program =
            Program::honest(&stage.idp).profile(|profile| list(profile, "hosts").push(json!(host)));
        let error = stage.refuses(&program, "approval.hosts").await;
        assert_eq!(error.blame(), Blame::Plugin, "{host}");
    }
    for url in [
        "https://*.mallory.example/in",
        "https://{told}.mallory.example/in",
        "https://$told.mallory.example/in",
    ] {
        let program = Program::honest(&stage.idp)
            .profile(|profile| list(profile, "endpoints").push(endpoint("drop", "Public", url)));
        let ended = stage.approve(&stage.next_tenant(), &program).await;
        let error = ended.unwrap_err();
        assert_eq!(error.code(), "plugin.url", "{url}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_places_no_endpoint_on_a_host_that_was_not_approved() {
    for member in [
        "token_endpoint",
        "authorization_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    ] {
        let elsewhere = MetadataTwist::Member(member, "https://data.mallory.example/in".to_owned());
        let stage = Stage::with(Script::honest().twist(elsewhere)).await;
        let ended = stage.approve("corp", &Program::honest(&stage.idp)).await;
        let error = ended.unwrap_err();
        assert!(
            [Blame::Policy, Blame::Provider].contains(&error.blame()),
            "{member}: {error:?}"
        );
        assert!(
            error.message().contains("data.mallory.example"),
            "{member}: {error:?}"
        );
        assert_eq!(stage.idp.count(Role::Token), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_has_no_host_to_name() {
    let stage = Stage::honest().await;
    for role in [
        "data.mallory.example",
        "api.data",
        "https://data.mallory.example",
    ] {
        let program = Program::honest(&stage.idp).steps(
            "sign-in",
            vec![
                discover(),
                call(role, reference("access_token"), &[], vec![]),
            ],
        );
        assert_eq!(caught(stage.play(&program).await).code(), "plugin.name");
    }
    // Nor does what it knows become part of one.
    let step = json!({"Request": {"role": told(), "exchange": {"Call": {"token": null, "query": [], "body": []}}}});
    let program = Program::honest(&stage.idp).after_tokens(vec![step]);
    assert_eq!(caught(stage.play(&program).await).code(), "plugin.name");
    assert_eq!(stage.idp.count(Role::Api), 0);
}
