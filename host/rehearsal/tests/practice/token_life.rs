//! RFC 6749 §6, RFC 9700 §4.14.2, RFC 7009 and RFC 7662: how tokens live and die.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use vestibule_rehearsal::{Clock, Rehearsal, Script};

use crate::kit::{Answer, form, get_with, http, post, refresh, send, sign_in};

async fn introspect(idp: &Rehearsal, token: &str) -> Value {
    let rs = idp.resource_server();
    let answer = introspect_as(idp, &rs.id, &rs.secret, token).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn introspect_as(idp: &Rehearsal, id: &str, secret: &str, token: &str) -> Answer {
    let request = http()
        .post(format!("{}/introspect", idp.issuer()))
        .header(
            "Authorization",
            format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))),
        )
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form(&[("token", token)]));
    send(request).await
}

async fn revoke(idp: &Rehearsal, token: &str) -> Answer {
    post(
        &format!("{}/revoke", idp.issuer()),
        &[("client_id", Script::CLIENT_ID), ("token", token)],
    )
    .await
}

#[tokio::test]
async fn refresh_rotates_and_keeps_who_and_when() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let first = sign_in(&idp).await;
    let second = refresh(&idp, &first.member("refresh_token")).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert_ne!(
        second.member("refresh_token"),
        first.member("refresh_token")
    );
    let claims = |answer: &Answer| -> Value {
        serde_json::from_str(&crate::kit::segment(&answer.member("id_token"), 1)).unwrap()
    };
    for name in ["sub", "aud", "iss", "auth_time", "nonce"] {
        assert_eq!(claims(&first)[name], claims(&second)[name], "{name}");
    }
}

#[tokio::test]
async fn a_reused_refresh_token_kills_the_family() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let first = sign_in(&idp).await;
    let second = refresh(&idp, &first.member("refresh_token")).await;
    assert!(idp.is_live(&second.member("access_token")));

    assert_eq!(
        refresh(&idp, &first.member("refresh_token")).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        refresh(&idp, &second.member("refresh_token")).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        get_with(&idp.api_url(), &second.member("access_token"))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn ten_refreshes_at_once_let_one_through() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let token = sign_in(&idp).await.member("refresh_token");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let body = form(&[
            ("grant_type", "refresh_token"),
            ("client_id", Script::CLIENT_ID),
            ("refresh_token", &token),
        ]);
        let url = format!("{}/token", idp.issuer());
        let request = http()
            .post(url)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        tasks.spawn(async move { send(request).await.status });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
}

#[tokio::test]
async fn a_refresh_never_gets_more_than_was_granted() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let token = sign_in(&idp).await.member("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", Script::CLIENT_ID),
        ("refresh_token", &token),
        ("scope", "openid admin"),
    ];
    assert_eq!(
        post(&format!("{}/token", idp.issuer()), &fields)
            .await
            .error(),
        "invalid_scope"
    );
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_all_with_it_and_an_access_token_goes_alone() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let first = sign_in(&idp).await;
    assert_eq!(
        introspect(&idp, &first.member("access_token")).await["active"],
        true
    );
    assert_eq!(
        introspect(&idp, &first.member("refresh_token")).await["username"],
        "ada"
    );

    assert_eq!(
        revoke(&idp, &first.member("access_token")).await.status,
        200
    );
    assert_eq!(
        introspect(&idp, &first.member("access_token")).await["active"],
        false
    );
    assert_eq!(
        introspect(&idp, &first.member("refresh_token")).await["active"],
        true
    );

    let second = refresh(&idp, &first.member("refresh_token")).await;
    assert_eq!(
        revoke(&idp, &second.member("refresh_token")).await.status,
        200
    );
    for member in ["access_token", "refresh_token"] {
        let answer = introspect(&idp, &second.member(member)).await;
        assert_eq!(answer, serde_json::json!({"active": false}), "{member}");
    }
    assert_eq!(revoke(&idp, "never-issued").await.status, 200);
}

#[tokio::test]
async fn introspection_wants_a_credential() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let token = sign_in(&idp).await.member("access_token");
    let rs = idp.resource_server();
    assert_eq!(
        introspect_as(&idp, &rs.id, "wrong", &token).await.status,
        401
    );
    assert_eq!(
        introspect_as(&idp, Script::CLIENT_ID, "", &token)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn tokens_age_with_the_clock_of_the_test() {
    let clock = Clock::new();
    let script = Script::honest()
        .clock(&clock)
        .access_ttl(Duration::from_secs(10))
        .refresh_ttl(Duration::from_secs(100));
    let idp = Rehearsal::start(script).await.unwrap();
    let grant = sign_in(&idp).await;
    assert_eq!(
        get_with(&idp.api_url(), &grant.member("access_token"))
            .await
            .status,
        200
    );
    clock.advance(Duration::from_secs(11));
    assert_eq!(
        get_with(&idp.api_url(), &grant.member("access_token"))
            .await
            .status,
        401
    );
    clock.advance(Duration::from_secs(100));
    assert_eq!(
        refresh(&idp, &grant.member("refresh_token")).await.error(),
        "invalid_grant"
    );
}
