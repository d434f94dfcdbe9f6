//! Discovery documents and key sets, honest and twisted.

use serde_json::Value;
use vestibule_rehearsal::{IdTokenTwist, JwksTwist, MetadataTwist, Par, Rehearsal, Script};

use crate::code_flow::verified;
use crate::kit::{get, sign_in};

async fn document(idp: &Rehearsal) -> Value {
    get(&format!(
        "{}/.well-known/openid-configuration",
        idp.issuer()
    ))
    .await
    .json()
}

async fn keys(idp: &Rehearsal) -> Vec<Value> {
    get(&format!("{}/jwks", idp.issuer())).await.json()["keys"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn both_documents_say_the_same_each_in_its_place() {
    let idp = Rehearsal::start(Script::honest().at_path("/realms/one"))
        .await
        .unwrap();
    let origin = format!("http://{}", idp.address());
    let oidc = document(&idp).await;
    let oauth = get(&format!(
        "{origin}/.well-known/oauth-authorization-server/realms/one"
    ))
    .await
    .json();
    assert_eq!(oidc, oauth);
    assert_eq!(oidc["issuer"], format!("{origin}/realms/one"));
    assert_eq!(oidc["token_endpoint"], format!("{origin}/realms/one/token"));
    assert_eq!(oidc["authorization_response_iss_parameter_supported"], true);
    assert_eq!(
        get(&format!("{origin}/.well-known/openid-configuration"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn what_is_not_offered_is_not_advertised() {
    let idp = Rehearsal::start(Script::honest().par(Par::Absent).without_device_flow())
        .await
        .unwrap();
    let document = document(&idp).await;
    assert!(
        document
            .get("pushed_authorization_request_endpoint")
            .is_none()
    );
    assert!(document.get("device_authorization_endpoint").is_none());
    assert!(
        !document["grant_types_supported"]
            .to_string()
            .contains("device_code")
    );
}

#[tokio::test]
async fn each_twist_shows_in_the_document() {
    const ISS: &str = "authorization_response_iss_parameter_supported";
    for twist in MetadataTwist::all() {
        let idp = Rehearsal::start(Script::honest().twist(twist.clone()))
            .await
            .unwrap();
        let url = format!("{}/.well-known/openid-configuration", idp.issuer());
        let answer = get(&url).await;
        let document = answer.json();
        match &twist {
            MetadataTwist::Member(name, value) => assert_eq!(document[*name], *value),
            MetadataTwist::MemberMissing(name) => assert!(document.get(*name).is_none()),
            MetadataTwist::MemberMistyped(name) => assert!(document[*name].is_array()),
            MetadataTwist::IssuerTrailingSlash => {
                assert_eq!(document["issuer"], format!("{}/", idp.issuer()))
            }
            MetadataTwist::IssuerUpperCase => {
                assert_eq!(
                    document["issuer"],
                    idp.issuer().replacen("http:", "HTTP:", 1)
                );
            }
            MetadataTwist::NotJson => assert_eq!(answer.headers["content-type"], "text/html"),
            MetadataTwist::IssNotAdvertised => assert!(document.get(ISS).is_none()),
            MetadataTwist::IssDisappears => {
                assert_eq!(document[ISS], true);
                assert!(get(&url).await.json().get(ISS).is_none());
            }
        }
    }
}

#[tokio::test]
async fn the_honest_set_has_a_key_of_each_kind() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let kinds: Vec<_> = keys(&idp)
        .await
        .iter()
        .map(|key| key["kty"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["EC", "RSA", "OKP"]);
}

#[tokio::test]
async fn each_twist_shows_in_the_key_set() {
    for twist in JwksTwist::ALL {
        let idp = Rehearsal::start(Script::honest().twist(*twist))
            .await
            .unwrap();
        let keys = keys(&idp).await;
        let fitting = |key: &&Value| key["kid"] == "practice-ec";
        match twist {
            JwksTwist::Huge => assert_eq!(keys.len(), 100_003),
            JwksTwist::MixedBad => {
                assert!(
                    keys.len() > 8
                        && keys.iter().any(Value::is_null)
                        && keys.iter().any(|key| key["kty"] == "oct")
                );
                assert!(keys.iter().any(|key| key.get("d").is_some()));
                assert!(
                    keys.iter().rfind(fitting).unwrap()["x"]
                        .as_str()
                        .unwrap()
                        .len()
                        == 43
                );
            }
            JwksTwist::KidOfOtherTypes => {
                let kinds: Vec<_> = keys
                    .iter()
                    .filter(fitting)
                    .map(|key| key["kty"].as_str().unwrap())
                    .collect();
                assert_eq!(kinds, ["EC", "RSA", "EC"]);
            }
            JwksTwist::ForEncryption => assert!(keys.iter().all(|key| key["use"] == "enc")),
            JwksTwist::TwoFit => {
                assert_eq!(keys.iter().filter(|key| key["alg"] == "ES256").count(), 2)
            }
            JwksTwist::Empty => assert!(keys.is_empty()),
        }
    }
}

#[tokio::test]
async fn the_same_kid_at_two_providers_is_two_keys() {
    let (one, other) = (
        Rehearsal::start(Script::honest()).await.unwrap(),
        Rehearsal::start(Script::honest()).await.unwrap(),
    );
    assert_eq!(keys(&one).await[0]["kid"], keys(&other).await[0]["kid"]);
    assert_ne!(keys(&one).await[0]["x"], keys(&other).await[0]["x"]);
}

#[tokio::test]
async fn twists_combine() {
    let script = Script::honest()
        .twist(JwksTwist::TwoFit)
        .twist(IdTokenTwist::KidMissing)
        .twist(IdTokenTwist::NonceMissing);
    let idp = Rehearsal::start(script).await.unwrap();
    let token = sign_in(&idp).await.member("id_token");
    assert!(
        !crate::kit::segment(&token, 0).contains("kid")
            && !crate::kit::segment(&token, 1).contains("nonce")
    );
    assert_eq!(keys(&idp).await.len(), 4);
    idp.rescript(Script::honest());
    assert!(
        verified(&idp, &sign_in(&idp).await.member("id_token"))
            .await
            .is_ok()
    );
}
