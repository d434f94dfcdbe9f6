//! Attack: an address that stands for many tenants of a provider (`/common`) vouches for all of them: by a template in its metadata, by one in
//! its tokens, or by tokens of whichever tenant the person has come from.
//! Stopped by: an issuer is one text, in the tenant file, the metadata and the token, host/broker/src/discovery/metadata.rs,
//! host/broker/src/id_token/claims.rs

use vestibule_attacks::Stage;
use vestibule_attacks::verdict::stopped;
use vestibule_core::Blame;
use vestibule_rehearsal::{IdTokenTwist, MetadataTwist, Role, Script};

/// Tenants of one provider, as tokens of its alias name them, and templates that some programs fill in or match.
const OTHERS: &[&str] = &[
    "/blue/v2.0",
    "/green/v2.0",
    "/{tenantid}/v2.0",
    "/*/v2.0",
    "/common/v2.0",
    "/organizations/v2.0",
];

fn alias() -> Script {
    Script::honest().at_path("/common").any_redirect_path()
}

/// The provider's address, without the path.
fn base(stage: &Stage) -> String {
    stage
        .idp
        .issuer()
        .strip_suffix("/common")
        .unwrap()
        .to_owned()
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

// proves: POL-02
#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_stands_for_many_tenants_is_of_none() {
    let stage = Stage::with(alias()).await;
    let base = base(&stage);
    for other in OTHERS {
        let issuer = format!("{base}{other}");
        stage
            .idp
            .rescript(alias().twist(MetadataTwist::Member("issuer", issuer)));
        let error = stopped(stage.conforming("").await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, "discovery.issuer"),
            "{other}"
        );
        std::fs::remove_file(
            stage.tenant_file(&vestibule_core::TenantName::parse("corp").unwrap()),
        )
        .unwrap();
    }
    assert_eq!(stage.tape.browsers(), 0);
    stage.kept_nothing();
}

// proves: POL-02
#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_tenant_than_the_pinned_one_signs_nobody_in() {
    let stage = Stage::with(alias()).await;
    let base = base(&stage);
    let name = stage.conforming("").await.unwrap();
    for other in OTHERS {
        let issuer = leaked(format!("{base}{other}"));
        stage
            .idp
            .rescript(alias().twist(IdTokenTwist::Claim("iss", issuer)));
        let error = stopped(stage.sign_in(&name).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, "id_token.iss"),
            "{other}"
        );
    }
    stage.kept_nothing();
    stage.idp.rescript(alias());
    stage.sign_in(&name).await.unwrap();
    assert_eq!(stage.sealed(), 1);
    assert_eq!(stage.idp.count(Role::Token) as usize, OTHERS.len() + 1);
}

// proves: POL-02
#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_no_issuer_that_a_tenant_could_name() {
    let stage = Stage::honest().await;
    for issuer in [
        "https://idp.example/{tenantid}/v2.0",
        "https://idp.example/*/v2.0",
        "https://*.idp.example",
    ] {
        let file = vestibule_attacks::stage::conforming_file(&stage.idp, "")
            .replace(&stage.idp.issuer(), issuer);
        let name = vestibule_core::TenantName::parse("template").unwrap();
        let _ = vestibule_app::tenants::remove(stage.vestibule.places(), &name);
        stage.install(&std::fs::read(vestibule_e2e::machine::plugin("oidc")).unwrap());
        let error = stopped(stage.approve_file("template", &file).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Config, "config.url"),
            "{issuer}"
        );
    }
    assert!(stage.idp.requests().is_empty());
    stage.kept_nothing();
}
