//! RFC 8628, honestly.

use std::time::Duration;

use vestibule_rehearsal::{DeviceTwist, Rehearsal, Script, Visitor};

use crate::kit::{Answer, get, post};

async fn start(idp: &Rehearsal) -> Answer {
    let fields = [
        ("client_id", Script::CLIENT_ID),
        ("scope", "openid offline_access"),
    ];
    post(&format!("{}/device_authorization", idp.issuer()), &fields).await
}

async fn poll(idp: &Rehearsal, device_code: &str) -> Answer {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", Script::CLIENT_ID),
        ("device_code", device_code),
    ];
    post(&format!("{}/token", idp.issuer()), &fields).await
}

#[tokio::test]
async fn a_device_polls_slows_down_and_gets_its_tokens_once() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let started = start(&idp).await;
    let device_code = started.member("device_code");
    assert_eq!(started.json()["interval"], 5);

    assert_eq!(
        poll(&idp, &device_code).await.error(),
        "authorization_pending"
    );
    assert_eq!(poll(&idp, &device_code).await.error(), "slow_down");
    idp.clock().advance(Duration::from_secs(6));
    assert_eq!(
        poll(&idp, &device_code).await.error(),
        "slow_down",
        "the interval has grown to ten seconds"
    );

    let visit = Visitor::approve("ada")
        .visit(&started.member("verification_uri_complete"))
        .await
        .unwrap();
    assert!(visit.answered && visit.body.contains("connected"));
    idp.clock().advance(Duration::from_secs(16));
    let grant = poll(&idp, &device_code).await;
    assert_eq!(grant.status, 200, "{}", grant.text);
    assert!(idp.is_live(&grant.member("access_token")));
    idp.clock().advance(Duration::from_secs(16));
    assert_eq!(poll(&idp, &device_code).await.error(), "invalid_grant");
}

#[tokio::test]
async fn denial_expiry_and_unknown_codes_are_told_apart() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let denied = start(&idp).await;
    Visitor::deny()
        .visit(&denied.member("verification_uri_complete"))
        .await
        .unwrap();
    assert_eq!(
        poll(&idp, &denied.member("device_code")).await.error(),
        "access_denied"
    );

    let late = start(&idp).await;
    idp.clock().advance(Duration::from_secs(601));
    assert_eq!(
        poll(&idp, &late.member("device_code")).await.error(),
        "expired_token"
    );
    assert_eq!(
        get(&late.member("verification_uri_complete")).await.status,
        404
    );
    assert_eq!(poll(&idp, "never-issued").await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_provider_without_the_flow_has_no_such_endpoint() {
    let idp = Rehearsal::start(Script::honest().without_device_flow())
        .await
        .unwrap();
    assert_eq!(start(&idp).await.status, 404);
}

#[tokio::test]
async fn a_code_that_is_typed_connects_the_device_as_well() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let started = start(&idp).await;
    let page = started.member("verification_uri");
    let asked = get(&page).await;
    assert!(asked.text.contains("method=\"get\"") && asked.text.contains("user_code"));
    let typed = started.member("user_code").to_lowercase();
    let visit = Visitor::approve("ada").enter(&page, &typed).await.unwrap();
    assert!(visit.answered && visit.body.contains("connected"));
    let grant = poll(&idp, &started.member("device_code")).await;
    assert_eq!(grant.status, 200, "{}", grant.text);
}

#[tokio::test]
async fn each_twist_spoils_what_it_names() {
    let answer = |twist: DeviceTwist| async move {
        let idp = Rehearsal::start(Script::honest().twist(twist))
            .await
            .unwrap();
        start(&idp).await
    };
    let without = answer(DeviceTwist::Without("interval")).await;
    assert!(without.json().get("interval").is_none());
    let same = answer(DeviceTwist::DeviceCodeIsUserCode).await;
    assert_eq!(same.member("device_code"), same.member("user_code"));
    let told = answer(DeviceTwist::DeviceCodeInAddress).await;
    let address = told.member("verification_uri_complete");
    assert!(address.contains(&told.member("device_code")), "{address}");
}
