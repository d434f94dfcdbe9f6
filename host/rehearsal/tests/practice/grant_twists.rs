//! Each twist of a successful token response and of UserInfo, seen by the client.

use serde_json::Value;
use vestibule_rehearsal::{ExpiresInTwist, GrantTwist, Rehearsal, ScopeTwist, Script, Twist};

use crate::kit::{SCOPE, get_with, refresh, segment, sign_in};

#[tokio::test]
async fn each_twist_shows_in_the_token_response() {
    for twist in GrantTwist::all() {
        let idp = Rehearsal::start(Script::honest().twist(twist.clone()))
            .await
            .unwrap();
        let answer = sign_in(&idp).await;
        assert_eq!(answer.status, 200, "{twist:?}");
        let member = |name: &str| answer.json().get(name).cloned();
        match &twist {
            GrantTwist::TokenType(name) => {
                assert_eq!(member("token_type"), Some(name.as_str().into()))
            }
            GrantTwist::TokenTypeMissing => assert_eq!(member("token_type"), None),
            GrantTwist::ExpiresIn(ExpiresInTwist::Missing) => {
                assert_eq!(member("expires_in"), None)
            }
            GrantTwist::ExpiresIn(ExpiresInTwist::Negative) => {
                assert_eq!(member("expires_in"), Some((-300).into()))
            }
            GrantTwist::ExpiresIn(ExpiresInTwist::Text) => {
                assert_eq!(member("expires_in"), Some("300".into()))
            }
            GrantTwist::ExpiresIn(ExpiresInTwist::Huge) => {
                assert!(answer.text.contains("\"expires_in\":1e999"))
            }
            GrantTwist::ExpiresIn(ExpiresInTwist::Eternal) => {
                assert_eq!(member("expires_in"), Some(i64::MAX.into()))
            }
            GrantTwist::ExpiresIn(ExpiresInTwist::FiveSeconds) => {
                assert_eq!(member("expires_in"), Some(5.into()));
                idp.clock().advance(std::time::Duration::from_secs(6));
                assert!(!idp.is_live(&answer.member("access_token")));
            }
            GrantTwist::Scope(ScopeTwist::Narrower) => {
                assert_eq!(member("scope"), Some("openid".into()))
            }
            GrantTwist::Scope(ScopeTwist::Wider) => {
                assert_eq!(member("scope"), Some(format!("{SCOPE} admin").into()))
            }
            GrantTwist::Scope(ScopeTwist::Missing) => assert_eq!(member("scope"), None),
            GrantTwist::Scope(ScopeTwist::Null) => assert_eq!(member("scope"), Some(Value::Null)),
            GrantTwist::NoRotation => {
                let token = answer.member("refresh_token");
                for _ in 0..2 {
                    let again = refresh(&idp, &token).await;
                    assert_eq!(again.status, 200);
                    assert!(again.json().get("refresh_token").is_none());
                }
            }
            GrantTwist::NoRefreshToken => assert_eq!(member("refresh_token"), None),
            GrantTwist::NoIdToken => assert_eq!(member("id_token"), None),
            GrantTwist::AccessTokenTwice => {
                assert_eq!(answer.text.matches("\"access_token\":").count(), 2)
            }
            GrantTwist::IdTokenFromElsewhere(token) => {
                assert_eq!(member("id_token"), Some(token.as_str().into()))
            }
            GrantTwist::LyingJwtAccessToken => {
                let token = answer.member("access_token");
                assert!(segment(&token, 1).contains("mallory"), "{token}");
                assert!(idp.is_live(&token));
            }
            GrantTwist::RefusesRefresh => {
                assert_eq!(
                    refresh(&idp, &answer.member("refresh_token")).await.error(),
                    "invalid_grant"
                );
            }
        }
    }
}

#[tokio::test]
async fn userinfo_can_speak_of_somebody_else() {
    let idp = Rehearsal::start(Script::honest().twist(Twist::UserInfoOfAnotherSubject))
        .await
        .unwrap();
    let grant = sign_in(&idp).await;
    let claims: Value = serde_json::from_str(&segment(&grant.member("id_token"), 1)).unwrap();
    let info = get_with(
        &format!("{}/userinfo", idp.issuer()),
        &grant.member("access_token"),
    )
    .await
    .json();
    assert_ne!(info["sub"], claims["sub"]);
}
