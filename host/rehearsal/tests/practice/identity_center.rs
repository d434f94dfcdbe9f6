//! The shape of AWS IAM Identity Center, from registration to keys.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use vestibule_rehearsal::{Rehearsal, Role, Script, SecretKind, Visitor};

use crate::kit::{
    Answer, CHALLENGE, Callback, STATE, VERIFIER, come_back, get, http, post_json, send, values,
};

struct Signed {
    client: Value,
    grant: Answer,
}

async fn register(idp: &Rehearsal) -> Answer {
    let body = json!({
        "clientName": "vestibule",
        "clientType": "public",
        "scopes": ["sso:account:access"],
        "grantTypes": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "redirectUris": ["http://127.0.0.1/callback"],
        "issuerUrl": idp.start_url(),
    });
    post_json(&format!("{}/client/register", idp.oidc_url()), &body).await
}

async fn token(idp: &Rehearsal, client: &Value, more: Value) -> Answer {
    let mut body = json!({"clientId": client["clientId"], "clientSecret": client["clientSecret"]});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    post_json(&format!("{}/token", idp.oidc_url()), &body).await
}

async fn sign_in(idp: &Rehearsal) -> Signed {
    let client = register(idp).await.json();
    let callback = Callback::listen().await;
    let mut url = Url::parse(&format!("{}/authorize", idp.oidc_url())).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", client["clientId"].as_str().unwrap()),
        ("redirect_uri", &callback.uri()),
        ("state", STATE),
        ("code_challenge_method", "S256"),
        ("code_challenge", CHALLENGE),
        ("scopes", "sso:account:access"),
    ]);
    let (_, fields) = come_back(&Visitor::approve("ada"), url.as_str(), &callback).await;
    assert_eq!(values(&fields, "state"), [STATE]);
    assert!(values(&fields, "iss").is_empty());
    let code = values(&fields, "code")[0];
    let redeem = json!({
        "grantType": "authorization_code", "code": code, "redirectUri": callback.uri(), "codeVerifier": VERIFIER,
    });
    let grant = token(idp, &client, redeem).await;
    Signed { client, grant }
}

async fn portal(idp: &Rehearsal, path: &str, token: &str) -> Answer {
    send(
        http()
            .get(format!("{}{path}", idp.portal_url()))
            .header("x-amz-sso_bearer_token", token),
    )
    .await
}

#[tokio::test]
async fn a_registered_client_signs_in_and_derives_keys() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let signed = sign_in(&idp).await;
    assert_eq!(signed.grant.status, 200, "{}", signed.grant.text);
    assert!(
        signed.grant.json().get("idToken").is_none() && signed.grant.json()["expiresIn"] == 300
    );
    let access = signed.grant.member("accessToken");

    let accounts = portal(&idp, "/assignment/accounts", &access).await.json();
    assert_eq!(accounts["accountList"].as_array().unwrap().len(), 3);
    let roles = portal(&idp, "/assignment/roles?account_id=111122223333", &access)
        .await
        .json();
    assert_eq!(
        roles["roleList"][1],
        json!({"roleName": "PowerUser", "accountId": "111122223333"})
    );

    let path = "/federation/credentials?account_id=111122223333&role_name=PowerUser";
    let keys = portal(&idp, path, &access).await.json()["roleCredentials"].clone();
    assert!(
        keys["accessKeyId"].as_str().unwrap().starts_with("ASIA")
            && keys["accessKeyId"].as_str().unwrap().len() == 20
    );
    assert!(keys["expiration"].as_u64().unwrap() > idp.clock().now() * 1000);
    assert!(
        idp.secrets()
            .iter()
            .any(|one| one.kind == SecretKind::CloudKey && keys["secretAccessKey"] == one.value)
    );

    let not_assigned = "/federation/credentials?account_id=444455556666&role_name=PowerUser";
    assert_eq!(portal(&idp, not_assigned, &access).await.status, 403);
    assert_eq!(
        portal(&idp, "/assignment/accounts", "wrong").await.status,
        401
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let access = sign_in(&idp).await.grant.member("accessToken");
    let first = portal(&idp, "/assignment/accounts?max_result=2", &access)
        .await
        .json();
    assert_eq!(first["accountList"].as_array().unwrap().len(), 2);
    let path = format!(
        "/assignment/accounts?max_result=2&next_token={}",
        first["nextToken"].as_str().unwrap()
    );
    let second = portal(&idp, &path, &access).await.json();
    assert_eq!(second["accountList"].as_array().unwrap().len(), 1);
    assert!(second.get("nextToken").is_none());
}

#[tokio::test]
async fn refresh_rotates_and_logout_ends_all() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let signed = sign_in(&idp).await;
    let again =
        json!({"grantType": "refresh_token", "refreshToken": signed.grant.member("refreshToken")});
    let second = token(&idp, &signed.client, again.clone()).await;
    assert_eq!(second.status, 200, "{}", second.text);

    let access = second.member("accessToken");
    let logout = http()
        .post(format!("{}/logout", idp.portal_url()))
        .header("x-amz-sso_bearer_token", &access);
    assert_eq!(send(logout).await.status, 200);
    assert_eq!(
        portal(&idp, "/assignment/accounts", &access).await.status,
        401
    );
    let dead = json!({"grantType": "refresh_token", "refreshToken": second.member("refreshToken")});
    let refused = token(&idp, &signed.client, dead).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (400, "invalid_grant")
    );
    assert_eq!(refused.headers["x-amzn-errortype"], "InvalidGrantException");
}

#[tokio::test]
async fn a_reused_refresh_token_kills_the_family() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let signed = sign_in(&idp).await;
    let spend =
        json!({"grantType": "refresh_token", "refreshToken": signed.grant.member("refreshToken")});
    let second = token(&idp, &signed.client, spend.clone()).await;
    assert_eq!(
        token(&idp, &signed.client, spend).await.error(),
        "invalid_grant"
    );
    assert!(!idp.is_live(&second.member("accessToken")));
}

#[tokio::test]
async fn a_registration_expires_and_a_wrong_secret_is_refused() {
    let script = Script::honest().registration_ttl(Duration::from_secs(1000));
    let idp = Rehearsal::start_identity_center(script).await.unwrap();
    let signed = sign_in(&idp).await;
    let registered = signed.client["clientSecretExpiresAt"].as_u64().unwrap()
        - signed.client["clientIdIssuedAt"].as_u64().unwrap();
    assert_eq!(registered, 1000);
    let spend =
        json!({"grantType": "refresh_token", "refreshToken": signed.grant.member("refreshToken")});

    let mut forged = signed.client.clone();
    forged["clientSecret"] = json!("wrong");
    assert_eq!(token(&idp, &forged, spend.clone()).await.status, 401);
    idp.clock().advance(Duration::from_secs(1001));
    assert_eq!(
        token(&idp, &signed.client, spend).await.error(),
        "invalid_client"
    );
}

#[tokio::test]
async fn registration_wants_what_the_service_wants() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let url = format!("{}/client/register", idp.oidc_url());
    let good = json!({
        "clientName": "x", "clientType": "public", "grantTypes": ["authorization_code"],
        "redirectUris": ["http://127.0.0.1/cb"], "issuerUrl": idp.start_url(),
    });
    assert_eq!(post_json(&url, &good).await.status, 200);
    for (member, value, error) in [
        (
            "clientType",
            json!("confidential"),
            "invalid_client_metadata",
        ),
        ("clientName", json!(null), "invalid_client_metadata"),
        (
            "redirectUris",
            json!(["https://mallory.example/cb"]),
            "invalid_redirect_uri",
        ),
        ("redirectUris", json!([]), "invalid_redirect_uri"),
        ("issuerUrl", json!(null), "invalid_client_metadata"),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        assert_eq!(post_json(&url, &bad).await.error(), error, "{member}");
    }
}

#[tokio::test]
async fn a_device_can_sign_in_too() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let client = register(&idp).await.json();
    let body = json!({"clientId": client["clientId"], "clientSecret": client["clientSecret"], "startUrl": idp.start_url()});
    let started = post_json(&format!("{}/device_authorization", idp.oidc_url()), &body).await;
    let poll = json!({
        "grantType": "urn:ietf:params:oauth:grant-type:device_code", "deviceCode": started.member("deviceCode"),
    });
    assert_eq!(
        token(&idp, &client, poll.clone()).await.error(),
        "authorization_pending"
    );
    Visitor::approve("grace")
        .visit(&started.member("verificationUriComplete"))
        .await
        .unwrap();
    assert_eq!(
        token(&idp, &client, poll.clone()).await.error(),
        "slow_down"
    );
    idp.clock().advance(Duration::from_secs(11));
    let grant = token(&idp, &client, poll).await;
    assert!(idp.is_live(&grant.member("accessToken")));
}

#[tokio::test]
async fn it_has_no_discovery_and_the_log_speaks_of_roles() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    assert_eq!(
        get(&format!(
            "{}/.well-known/openid-configuration",
            idp.issuer()
        ))
        .await
        .status,
        404
    );
    sign_in(&idp).await;
    let roles: Vec<Role> = idp.requests().iter().map(|seen| seen.role).collect();
    assert_eq!(
        roles,
        [
            Role::Unknown,
            Role::Registration,
            Role::Authorization,
            Role::Consent,
            Role::Token
        ]
    );
    assert_eq!(
        idp.requests_to(Role::Token)[0].field("codeVerifier"),
        Some(VERIFIER)
    );
}
