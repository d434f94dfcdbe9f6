//! A provider of the shape of AWS IAM Identity Center.

use std::time::Duration;

use vestibule_app::TokenQuery;
use vestibule_app::core::record::RecordKind;
use vestibule_app::core::{SettingName, TenantName};
use vestibule_app::tenants::TenantFile;
use vestibule_rehearsal::{ACCOUNTS, Rehearsal, Role, Script, Visitor};

use crate::house::{House, text};

pub(crate) fn tenant_file(idp: &Rehearsal) -> String {
    format!(
        "plugin = \"aws-identity-center\"\n[settings]\nstart_url = \"{}\"\nregion = \"eu-central-1\"\noidc_endpoint = \"{}\"\nportal_endpoint = \"{}\"\n\
         [policy]\nallow_unknown_identity = true\n[network]\nallow_loopback_http = true\n",
        idp.start_url(),
        idp.oidc_url(),
        idp.portal_url()
    )
}

const ACCESS_TTL: Duration = Duration::from_secs(300);

fn keys_for(account: &str, role: &str) -> TokenQuery {
    let name = |text: &str| SettingName::parse(text).unwrap();
    TokenQuery {
        derived_for: vec![
            (name("account"), account.into()),
            (name("role"), role.into()),
        ],
        ..TokenQuery::default()
    }
}

/// The keys of the first account's first role.
pub(crate) fn keys_for_first() -> TokenQuery {
    keys_for(ACCOUNTS[0].id, ACCOUNTS[0].roles[0])
}

#[tokio::test]
async fn one_sign_in_serves_many_keys_without_a_browser() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("aws-identity-center");
    let name = house.tenant("aws", &tenant_file(&idp)).await;
    house.sign_in(&name).await.unwrap();
    assert_eq!(idp.count(Role::Registration), 1);

    let account = &ACCOUNTS[0];
    let query = keys_for(account.id, account.roles[0]);
    let keys = house.vestibule.token(&name, &query).await.unwrap();
    let secret = text(&keys, "secret_access_key");
    assert_eq!(keys.names().count(), 3);
    assert_eq!(house.browsers(), 1);

    // What renews the sign-in stays with the sign-in.
    let status = house.vestibule.status_of(name.clone()).unwrap();
    for record in status.records {
        assert_eq!(
            record.renewable,
            record.kind == RecordKind::Grant,
            "{:?}",
            record.kind
        );
    }

    let asked = idp.requests().len();
    let again = house.vestibule.token(&name, &query).await.unwrap();
    assert_eq!(text(&again, "secret_access_key"), secret);
    assert_eq!(
        idp.requests().len(),
        asked,
        "the second time they come from the store"
    );

    house.vestibule.sign_out(&name, None).await.unwrap();
    assert_eq!(house.sealed(), 1, "the registration stays");
    house.sign_in(&name).await.unwrap();
    assert_eq!(
        idp.count(Role::Registration),
        1,
        "and serves the next sign-in"
    );
}

#[tokio::test]
async fn a_session_is_ended_although_its_access_token_has_expired() {
    let idp = Rehearsal::start_identity_center(Script::honest().access_ttl(ACCESS_TTL))
        .await
        .unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("aws-identity-center");
    let name = house.tenant("aws", &tenant_file(&idp)).await;
    house.sign_in(&name).await.unwrap();
    idp.clock().advance(ACCESS_TTL * 2);

    let out = house.vestibule.sign_out(&name, None).await.unwrap();
    assert_eq!(out.confirmed.len(), 1, "{out:?}");
    assert!(out.unconfirmed.is_empty(), "{out:?}");
    let alive: Vec<_> = idp
        .secrets()
        .into_iter()
        .filter(|secret| idp.is_live(&secret.value))
        .collect();
    assert!(alive.is_empty(), "{alive:?}");
}

// proves: DISC-08
#[tokio::test]
async fn two_tenants_of_one_issuer_have_the_same_endpoints() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("aws-identity-center");
    let _first = house.tenant("aws", &tenant_file(&idp)).await;
    // The same again is fine: another policy, another region.
    let _same = house.tenant("aws-too", &tenant_file(&idp)).await;

    let elsewhere = tenant_file(&idp).replace(
        &format!("oidc_endpoint = \"{}\"", idp.oidc_url()),
        "oidc_endpoint = \"https://mallory.example\"",
    );
    assert_ne!(elsewhere, tenant_file(&idp));
    let name = TenantName::parse("mallory").unwrap();
    let tenant = TenantFile::parse(&name, &elsewhere).unwrap();
    let refused = house.vestibule.propose_tenant(&name, tenant).await;
    let error = refused.unwrap_err();
    assert_eq!(error.code(), "approval.issuer", "{error}");
    assert!(error.message().contains("mallory.example"), "{error}");

    // Nothing stands in the way of one who comes after those two have gone.
    for earlier in ["aws", "aws-too"] {
        let earlier = TenantName::parse(earlier).unwrap();
        house.vestibule.remove_tenant(&earlier).await.unwrap();
    }
    let tenant = TenantFile::parse(&name, &elsewhere).unwrap();
    assert!(house.vestibule.propose_tenant(&name, tenant).await.is_ok());
}
