//! Attack: supply or override a standard endpoint of a discovered issuer, so that codes and tokens go elsewhere.
//! Stopped by: metadata first and never overridden, and hosts approved by name (host/policy/src/approval/roles.rs, hosts.rs, overlap.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{endpoint, list};
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Blame, TenantName};
use vestibule_rehearsal::{MetadataTwist, Script};

fn with(stage: &Stage, row: Value) -> Program {
    Program::honest(&stage.idp).profile(|profile| list(profile, "endpoints").push(row))
}

const STANDARD: [(&str, &str); 6] = [
    ("authorization", "Authorization"),
    ("pushed_authorization_request", "Authorization"),
    ("token", "Token"),
    ("revocation", "Revocation"),
    ("introspection", "Introspection"),
    ("userinfo", "Userinfo"),
];

// proves: PLUG-04
#[tokio::test(flavor = "multi_thread")]
async fn what_the_metadata_has_is_not_overridden() {
    let stage = Stage::honest().await;
    for (role, class) in STANDARD {
        let own = format!("{}/elsewhere", stage.idp.issuer());
        for url in ["https://mallory.example/in", own.as_str()] {
            let error = stage
                .refuses(&with(&stage, endpoint(role, class, url)), "approval.roles")
                .await;
            assert_eq!(error.blame(), Blame::Plugin, "{role} {url}");
        }
    }
}

// proves: PLUG-04
#[tokio::test(flavor = "multi_thread")]
async fn what_the_metadata_lacks_is_supplied_on_an_approved_host_only() {
    let lacking = MetadataTwist::MemberMissing("introspection_endpoint");
    let stage = Stage::with(Script::honest().twist(lacking)).await;
    let elsewhere = endpoint(
        "introspection",
        "Introspection",
        "https://mallory.example/in",
    );
    let error = stage
        .refuses(&with(&stage, elsewhere.clone()), "approval.hosts")
        .await;
    assert_eq!(error.blame(), Blame::Plugin);

    // By name it may be, and is shown among what gets secrets, as supplied by the plugin.
    let named = with(&stage, elsewhere)
        .profile(|profile| list(profile, "hosts").push(json!("mallory.example")));
    let name = stage.approve("named", &named).await.unwrap();
    let pinned = stage
        .vestibule
        .approval(&name)
        .unwrap()
        .unwrap()
        .permissions;
    assert!(
        pinned
            .supplied
            .iter()
            .any(|role| role.as_str() == "introspection")
    );
    assert_eq!(pinned.hosts, ["mallory.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_leads_no_secret_elsewhere_unseen() {
    let stage = Stage::honest().await;
    let to = |role: &str, class: &str| endpoint(role, class, "https://mallory.example/in");
    // A standard class under a name of one's own, and the reverse.
    for (role, class) in [
        ("tokens", "Token"),
        ("revoke", "Revocation"),
        ("me", "Userinfo"),
        ("id_token", "Resource"),
        ("registration", "Resource"),
        ("device_authorization", "Public"),
    ] {
        stage
            .refuses(&with(&stage, to(role, class)), "approval.roles")
            .await;
    }
    // The token endpoint under the name of a resource.
    let token = format!("{}/token", stage.idp.issuer());
    for disguised in [
        token.clone(),
        format!("{token}/"),
        format!("{token}?x=y"),
        token.replace("token", "TOK%45N"),
    ] {
        let row = endpoint("mine", "Resource", &disguised);
        stage.refuses(&with(&stage, row), "approval.overlap").await;
    }
    // A resource may be anywhere; whoever approves is shown where the token would go.
    let file = with(&stage, to("exfiltrate", "Resource")).tenant_file("");
    let name = TenantName::parse("shown").unwrap();
    vestibule_app::tenants::add(stage.vestibule.places(), &name, &file).unwrap();
    let proposal = stage.vestibule.propose(&name).await.unwrap();
    let shown = proposal
        .approval
        .permissions
        .origins()
        .unwrap()
        .with_secrets;
    assert!(
        shown
            .iter()
            .any(|origin| origin.as_str() == "https://mallory.example")
    );
}
