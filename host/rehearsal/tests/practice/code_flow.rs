//! RFC 6749 §4.1 with PKCE, RFC 9207 and RFC 9126, honestly.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use vestibule_rehearsal::{Par, Rehearsal, Role, Script, SecretKind, SigningAlgorithm, Visitor};

use crate::kit::{
    Callback, NONCE, SCOPE, STATE, VERIFIER, authorization_url, code, come_back, get, get_with,
    post, redeem, sign_in, values,
};

#[tokio::test]
async fn a_consent_becomes_tokens_that_open_the_api() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let callback = Callback::listen().await;
    let url = authorization_url(&idp, &callback.uri(), SCOPE);
    let (_, fields) = come_back(&Visitor::approve("grace"), &url, &callback).await;
    assert_eq!(values(&fields, "state"), [STATE]);
    assert_eq!(values(&fields, "iss"), [idp.issuer()]);

    let grant = redeem(&idp, values(&fields, "code")[0], &callback.uri(), VERIFIER).await;
    assert_eq!(grant.status, 200, "{}", grant.text);
    assert_eq!(grant.headers["cache-control"], "no-store");
    assert_eq!(grant.json()["expires_in"], 300);

    let hello = get_with(&idp.api_url(), &grant.member("access_token"))
        .await
        .json();
    assert_eq!(hello["login"], "grace");
    let info = get_with(
        &format!("{}/userinfo", idp.issuer()),
        &grant.member("access_token"),
    )
    .await
    .json();
    assert_eq!(info["sub"], hello["sub"]);
    assert_eq!(get(&idp.api_url()).await.status, 401);
}

#[tokio::test]
async fn an_independent_verifier_believes_the_id_token_of_every_algorithm() {
    for signing in [
        SigningAlgorithm::Es256,
        SigningAlgorithm::Rs256,
        SigningAlgorithm::EdDsa,
    ] {
        let idp = Rehearsal::start(Script::honest().signing(signing).at_path("/realms/one"))
            .await
            .unwrap();
        let token = sign_in(&idp).await.member("id_token");
        let claims = verified(&idp, &token)
            .await
            .unwrap_or_else(|error| panic!("{signing:?}: {error}"));
        assert_eq!(claims["nonce"], NONCE);
        assert_eq!(claims["preferred_username"], "ada");
    }
}

/// Verifies signature, issuer, audience and time against the published keys.
pub(crate) async fn verified(
    idp: &Rehearsal,
    token: &str,
) -> Result<Value, jsonwebtoken::errors::Error> {
    let set: JwkSet =
        serde_json::from_str(&get(&format!("{}/jwks", idp.issuer())).await.text).unwrap();
    let header = decode_header(token)?;
    let jwk = set
        .find(&header.kid.unwrap_or_default())
        .expect("a published key");
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[idp.issuer()]);
    rules.set_audience(&[Script::CLIENT_ID]);
    Ok(decode::<Value>(token, &DecodingKey::from_jwk(jwk)?, &rules)?.claims)
}

#[tokio::test]
async fn a_wrong_verifier_gets_nothing_and_burns_the_code() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let (code, redirect_uri) = code(&idp, SCOPE).await;
    let wrong = "a".repeat(43);
    assert_eq!(
        redeem(&idp, &code, &redirect_uri, &wrong).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        redeem(&idp, &code, &redirect_uri, VERIFIER).await.error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_code_is_bound_to_its_redirect_uri_and_expires() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let (first, _) = code(&idp, SCOPE).await;
    let elsewhere = "http://127.0.0.1:1/callback";
    assert_eq!(
        redeem(&idp, &first, elsewhere, VERIFIER).await.error(),
        "invalid_grant"
    );

    let (second, redirect_uri) = code(&idp, SCOPE).await;
    idp.clock().advance(std::time::Duration::from_secs(61));
    assert_eq!(
        redeem(&idp, &second, &redirect_uri, VERIFIER).await.error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_replayed_code_kills_what_it_gave() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let (code, redirect_uri) = code(&idp, SCOPE).await;
    let grant = redeem(&idp, &code, &redirect_uri, VERIFIER).await;
    assert!(idp.is_live(&grant.member("access_token")));

    assert_eq!(
        redeem(&idp, &code, &redirect_uri, VERIFIER).await.error(),
        "invalid_grant"
    );
    assert!(!idp.is_live(&grant.member("access_token")));
    assert!(!idp.is_live(&grant.member("refresh_token")));
}

#[tokio::test]
async fn pkce_is_required_and_plain_is_refused() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let good = authorization_url(&idp, "http://127.0.0.1:9/callback", SCOPE);
    for bad in [
        good.replace("code_challenge=", "x="),
        good.replace("S256", "plain"),
        good.replace("&nonce=", "&scope=x&nonce="),
    ] {
        let answer = get(&bad).await;
        let location = answer.headers["location"].to_str().unwrap();
        assert_eq!(answer.status, 303);
        assert!(
            location.contains("error=invalid_request") && location.contains(STATE),
            "{location}"
        );
    }
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_is_never_redirected_to() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let good = authorization_url(&idp, "http://127.0.0.1:9/callback", SCOPE);
    assert_eq!(get(&good).await.status, 200);
    for bad in [
        good.replace("callback", "elsewhere"),
        good.replace("127.0.0.1%3A9", "mallory.example"),
        good.replace("rehearsal-cli", "nobody"),
    ] {
        let answer = get(&bad).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert!(!answer.headers.contains_key("location"));
    }
    idp.rescript(Script::honest().any_redirect_path());
    assert_eq!(
        get(&good.replace("callback", "elsewhere")).await.status,
        200
    );
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_for_a_while() {
    let idp = Rehearsal::start(Script::honest().par(Par::Required))
        .await
        .unwrap();
    let callback = Callback::listen().await;
    let direct = authorization_url(&idp, &callback.uri(), SCOPE);
    assert_eq!(get(&direct).await.status, 400);

    let push = || async {
        let query = url::Url::parse(&direct).unwrap();
        let pairs: Vec<(String, String)> = query.query_pairs().into_owned().collect();
        let fields: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let answer = post(&format!("{}/par", idp.issuer()), &fields).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        format!(
            "{}/authorize?client_id={}&request_uri={}",
            idp.issuer(),
            Script::CLIENT_ID,
            answer.member("request_uri")
        )
    };
    let url = push().await;
    let (_, fields) = come_back(&Visitor::approve("ada"), &url, &callback).await;
    let grant = redeem(&idp, values(&fields, "code")[0], &callback.uri(), VERIFIER).await;
    assert_eq!(grant.status, 200, "{}", grant.text);
    assert_eq!(get(&url).await.status, 400, "used");

    let late = push().await;
    idp.clock().advance(std::time::Duration::from_secs(91));
    assert_eq!(get(&late).await.status, 400, "expired");
}

#[tokio::test]
async fn a_confidential_client_must_authenticate() {
    let idp = Rehearsal::start(Script::honest().client_secret("s:cr+t%"))
        .await
        .unwrap();
    let (code, redirect_uri) = code(&idp, SCOPE).await;
    assert_eq!(
        redeem(&idp, &code, &redirect_uri, VERIFIER).await.error(),
        "invalid_client"
    );
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", Script::CLIENT_ID),
        ("client_secret", "s:cr+t%"),
        ("code", &code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(
        post(&format!("{}/token", idp.issuer()), &fields)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn every_request_and_every_secret_is_written_down() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let grant = sign_in(&idp).await;
    let token = &idp.requests_to(Role::Token)[0];
    assert_eq!(token.field("code_verifier"), Some(VERIFIER));
    assert_eq!(
        (token.method.as_str(), token.path.as_str(), token.answered),
        ("POST", "/token", Some(200))
    );
    assert_eq!(idp.count(Role::Authorization), 1);

    let secrets = idp.secrets();
    let holds = |kind, value: &str| {
        secrets
            .iter()
            .any(|secret| secret.kind == kind && secret.value == value)
    };
    assert!(
        holds(SecretKind::State, STATE)
            && holds(SecretKind::Nonce, NONCE)
            && holds(SecretKind::Verifier, VERIFIER)
    );
    for (kind, member) in [
        (SecretKind::AccessToken, "access_token"),
        (SecretKind::RefreshToken, "refresh_token"),
        (SecretKind::IdToken, "id_token"),
    ] {
        assert!(holds(kind, &grant.member(member)), "{member}");
    }
    assert!(holds(SecretKind::Code, token.field("code").unwrap()));
}

#[tokio::test]
async fn a_stopped_provider_leaves_no_port_behind() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let address = idp.address();
    assert!(address.ip().is_loopback());
    idp.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
