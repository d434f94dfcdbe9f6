//! A conforming OpenID provider.

use std::time::Duration;

use vestibule_app::TokenQuery;
use vestibule_app::core::{Blame, Kind};
use vestibule_rehearsal::{IdTokenTwist, Rehearsal, Role, Script, Visitor};

use crate::house::{House, text};

pub(crate) fn tenant_file(idp: &Rehearsal) -> String {
    format!(
        "plugin = \"oidc\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n[policy]\nscopes = [\"openid\", \"offline_access\", \"profile\"]\n[network]\nallow_loopback_http = true\n",
        idp.issuer(),
        Script::CLIENT_ID
    )
}

async fn signed_in(script: Script) -> (Rehearsal, House, vestibule_app::core::TenantName) {
    let idp = Rehearsal::start(script.any_redirect_path()).await.unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("oidc");
    let name = house.tenant("practice", &tenant_file(&idp)).await;
    house.sign_in(&name).await.unwrap();
    (idp, house, name)
}

#[tokio::test]
async fn a_sign_in_gives_a_token_that_works_until_the_sign_out() {
    let (idp, house, name) = signed_in(Script::honest()).await;
    let token = text(
        &house
            .vestibule
            .token(&name, &TokenQuery::default())
            .await
            .unwrap(),
        "access_token",
    );
    assert!(idp.is_live(&token));
    assert_eq!(idp.count(Role::Token), 1);

    let forced = TokenQuery {
        refresh: true,
        ..TokenQuery::default()
    };
    let renewed = text(
        &house.vestibule.token(&name, &forced).await.unwrap(),
        "access_token",
    );
    assert_ne!(renewed, token);
    assert_eq!(idp.count(Role::Token), 2);

    let out = house.vestibule.sign_out(&name, None).await.unwrap();
    assert!(out.unconfirmed.is_empty(), "{out:?}");
    assert!(!idp.is_live(&renewed));
    assert_eq!(house.sealed(), 0);
    let gone = house
        .vestibule
        .token(&name, &TokenQuery::default())
        .await
        .unwrap_err();
    assert_eq!(gone.kind(), Kind::LoginRequired);
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed_and_a_valid_one_is_not() {
    let (idp, house, name) = signed_in(Script::honest().access_ttl(Duration::from_secs(300))).await;
    let query = TokenQuery::default();
    let first = text(
        &house
            .vestibule
            .token_at_hand(&name, &query)
            .unwrap()
            .unwrap(),
        "access_token",
    );
    idp.clock().advance(Duration::from_secs(290));
    assert!(
        house
            .vestibule
            .token_at_hand(&name, &query)
            .unwrap()
            .is_none()
    );
    let second = text(
        &house.vestibule.token(&name, &query).await.unwrap(),
        "access_token",
    );
    assert_ne!(first, second);
    assert_eq!(idp.count(Role::Token), 2);
    assert_eq!(house.browsers(), 1, "a refresh opens no browser");
}

#[tokio::test]
async fn a_second_sign_in_opens_no_browser_while_the_grant_is_good() {
    let (_idp, house, name) = signed_in(Script::honest()).await;
    assert!(house.sign_in(&name).await.unwrap().already);
    assert_eq!(house.browsers(), 1);
}

#[tokio::test]
async fn a_denied_consent_is_the_persons_and_leaves_nothing() {
    let idp = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    let house = House::new(&idp, Visitor::deny());
    house.install("oidc");
    let name = house.tenant("practice", &tenant_file(&idp)).await;
    let error = house.sign_in(&name).await.unwrap_err();
    assert_eq!(error.blame(), Blame::User, "{error}");
    assert_eq!(idp.count(Role::Token), 0);
    assert_eq!(house.sealed(), 0);
}

#[tokio::test]
async fn a_forged_id_token_is_the_providers_and_leaves_nothing() {
    for (twist, code) in [
        (IdTokenTwist::ForeignKey, "id_token.signature"),
        (IdTokenTwist::NonceForeign, "id_token.nonce"),
    ] {
        let idp = Rehearsal::start(Script::honest().any_redirect_path().twist(twist))
            .await
            .unwrap();
        let house = House::new(&idp, Visitor::approve("ada"));
        house.install("oidc");
        let name = house.tenant("practice", &tenant_file(&idp)).await;
        let error = house.sign_in(&name).await.unwrap_err();
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, code),
            "{error}"
        );
        assert_eq!(house.sealed(), 0);
    }
}

#[tokio::test]
async fn those_who_waited_for_a_short_lived_token_take_it_and_do_not_refresh_in_turn() {
    let (idp, house, name) = signed_in(Script::honest().access_ttl(Duration::from_secs(20))).await;
    let query = TokenQuery::default();
    let (first, second, third) = tokio::join!(
        house.vestibule.token(&name, &query),
        house.vestibule.token(&name, &query),
        house.vestibule.token(&name, &query)
    );
    let first = text(&first.unwrap(), "access_token");
    assert_eq!(text(&second.unwrap(), "access_token"), first);
    assert_eq!(text(&third.unwrap(), "access_token"), first);
    assert_eq!(
        idp.count(Role::Token),
        2,
        "one for the code, one for all three"
    );
}
