//! Each twist of the ID token, taken apart on the client's side.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_rehearsal::{IdTokenTwist, Rehearsal, Script};

use crate::code_flow::verified;
use crate::kit::{NONCE, get, refresh, segment, sign_in};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn each_twist_shows_in_the_token() {
    for twist in IdTokenTwist::ALL {
        let idp = Rehearsal::start(Script::honest().twist(*twist))
            .await
            .unwrap();
        let grant = sign_in(&idp).await;
        let token = grant.member("id_token");
        check(*twist, &idp, &token, &grant.member("refresh_token")).await;
    }
}

async fn check(twist: IdTokenTwist, idp: &Rehearsal, token: &str, refresh_token: &str) {
    use IdTokenTwist as T;
    let header = parsed(&segment(token, 0));
    let text = segment(token, 1);
    let signature = token.split('.').nth(2).unwrap();
    let claim = |name: &str| parsed(&text).get(name).cloned();
    let number = |name: &str| claim(name).unwrap().as_u64().unwrap();
    let now = idp.clock().now();
    match twist {
        T::ForeignKey | T::Altered => assert!(verified(idp, token).await.is_err(), "{twist:?}"),
        T::SignatureEmpty => assert_eq!((signature, &header["alg"]), ("", &json!("ES256"))),
        T::AlgNone => assert_eq!((signature, &header["alg"]), ("", &json!("none"))),
        T::AlgNoneMixedCase => assert_eq!((signature, &header["alg"]), ("", &json!("noNe"))),
        T::Hs256WithPublicKey => {
            assert_eq!(header["alg"], "HS256");
            let tag = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let key = hmac::Key::new(hmac::HMAC_SHA256, rsa_pem(idp).await.as_bytes());
            let signed = token.rsplit_once('.').unwrap().0;
            hmac::verify(&key, signed.as_bytes(), &tag)
                .expect("the secret is the PEM of the published key");
        }
        T::Rs256WithEcKey => {
            assert_eq!(
                (&header["alg"], &header["kid"]),
                (&json!("RS256"), &json!("practice-ec"))
            );
            assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap().len(), 64);
        }
        T::EcdsaZeros => assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap(), [0; 64]),
        T::EmbeddedJwk => {
            assert_eq!(header["jwk"]["kty"], "EC");
            assert!(verified(idp, token).await.is_err());
        }
        T::RemoteKeyUrls => {
            assert_eq!(
                (&header["jku"], &header["x5u"]),
                (&json!(format!("{}/trap", idp.issuer())), &header["jku"])
            );
            assert!(verified(idp, token).await.is_err());
        }
        T::EmbeddedX5c => {
            assert!(header["x5c"][0].is_string());
            assert!(verified(idp, token).await.is_err());
        }
        T::KidUrl => assert_eq!(header["kid"], format!("{}/trap", idp.issuer())),
        T::KidPath => assert!(header["kid"].as_str().unwrap().starts_with("../")),
        T::KidUnknown => assert_ne!(
            header["kid"],
            parsed(&segment(&sign_in(idp).await.member("id_token"), 0))["kid"]
        ),
        T::KidMissing => assert!(header.get("kid").is_none()),
        T::CritUnknown => assert_eq!(
            header["crit"],
            json!(["https://rehearsal.example/unheard-of"])
        ),
        T::SubTwice => assert_eq!(text.matches("\"sub\":").count(), 2),
        T::PaddedBase64 => assert!(token.contains('=')),
        T::FourSegments => assert_eq!(token.split('.').count(), 4),
        T::IssTrailingSlash => assert_eq!(claim("iss"), Some(format!("{}/", idp.issuer()).into())),
        T::IssUpperCase => assert_eq!(claim("iss"), Some(idp.issuer().to_uppercase().into())),
        T::IssForeign => assert_ne!(claim("iss"), Some(idp.issuer().into())),
        T::AudForeign => assert_eq!(claim("aud"), Some("another-client".into())),
        T::AudPrefix => assert_eq!(claim("aud"), Some("rehearsal-cl".into())),
        T::AudArray => assert_eq!(claim("aud"), Some(json!([Script::CLIENT_ID]))),
        T::AudExtraNoAzp => {
            assert_eq!(
                (claim("aud"), claim("azp")),
                (Some(json!([Script::CLIENT_ID, "another-client"])), None)
            );
        }
        T::AzpForeign => assert_eq!(claim("azp"), Some("another-client".into())),
        T::Expired => assert!(number("exp") + 200 < now && number("iat") < number("exp")),
        T::ExpString => assert!(claim("exp").unwrap().is_string()),
        T::ExpHuge => assert!(text.contains("\"exp\":1e400")),
        T::ExpMissing => assert_eq!(claim("exp"), None),
        T::IatSlightlyAhead => assert!((now + 10..=now + 30).contains(&number("iat"))),
        T::IatAhead => assert!((now + 90..=now + 120).contains(&number("iat"))),
        T::IatOld => assert!(number("iat") + 360 * 24 * 3600 < now),
        T::NonceForeign => assert_ne!(claim("nonce"), Some(NONCE.into())),
        T::NonceMissing => assert_eq!(claim("nonce"), None),
        T::AtHashForeign => {
            let honest = Rehearsal::start(Script::honest()).await.unwrap();
            let other = segment(&sign_in(&honest).await.member("id_token"), 1);
            assert_ne!(claim("at_hash"), parsed(&other).get("at_hash").cloned());
            let again = segment(&sign_in(idp).await.member("id_token"), 1);
            assert_eq!(
                claim("at_hash"),
                parsed(&again).get("at_hash").cloned(),
                "not of the access token beside it"
            );
        }
        T::AtHashMissing => assert_eq!(claim("at_hash"), None),
        T::TypAccessToken => assert_eq!(header["typ"], "at+jwt"),
        T::TypProof => assert_eq!(header["typ"], "dpop+jwt"),
        T::LogoutToken => assert!(header["typ"] == "logout+jwt" && claim("events").is_some()),
        T::LogoutTokenUntyped => assert!(header["typ"] == "JWT" && claim("events").is_some()),
        T::NamesOfAnother => {
            assert_eq!(claim("email"), Some("grace@rehearsal.example".into()));
            assert_eq!(claim("sub"), Some("u-4f21a0".into()));
        }
        T::NameRepeatsNonce => {
            assert_eq!(claim("name"), Some(URL_SAFE_NO_PAD.encode(NONCE).into()))
        }
        T::Claim(name, text) => assert_eq!(claim(name), Some(text.into())),
        T::ClaimMissing(name) => assert_eq!(claim(name), None),
        T::AuthTimeAgo(seconds) => assert!(number("auth_time") + seconds <= now),
        T::RefreshedIss => assert_ne!(claim("iss"), refreshed(idp, refresh_token, "iss").await),
        T::RefreshedAzp | T::RefreshedAzpForeign => {
            assert_ne!(claim("azp"), refreshed(idp, refresh_token, "azp").await)
        }
        T::RefreshedNonce => {
            assert_ne!(claim("nonce"), refreshed(idp, refresh_token, "nonce").await)
        }
        T::RefreshedSub => assert_ne!(claim("sub"), refreshed(idp, refresh_token, "sub").await),
        T::RefreshedAud => assert_ne!(claim("aud"), refreshed(idp, refresh_token, "aud").await),
        T::RefreshedAuthTime => assert_ne!(
            claim("auth_time"),
            refreshed(idp, refresh_token, "auth_time").await
        ),
    }
    // Where the twist is in the claims alone, the signature is good: nothing else may be the reason for a refusal.
    if matches!(
        twist,
        T::NonceForeign
            | T::NonceMissing
            | T::AtHashForeign
            | T::AtHashMissing
            | T::AzpForeign
            | T::AudArray
    ) {
        verified(idp, token)
            .await
            .unwrap_or_else(|error| panic!("{twist:?}: {error}"));
    }
}

async fn refreshed(idp: &Rehearsal, refresh_token: &str, name: &str) -> Option<Value> {
    let token = refresh(idp, refresh_token).await.member("id_token");
    parsed(&segment(&token, 1)).get(name).cloned()
}

/// SubjectPublicKeyInfo (RFC 5280 §4.1) of the published RSA key, put together from its JWK.
async fn rsa_pem(idp: &Rehearsal) -> String {
    let set = get(&format!("{}/jwks", idp.issuer())).await.json();
    let jwk = set["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kty"] == "RSA")
        .unwrap()
        .clone();
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    assert_eq!((modulus.len(), jwk["e"].as_str()), (256, Some("AQAB")));
    let mut der = vec![
        0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
        0x01,
    ];
    der.extend([
        0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01,
        0x01, 0x00,
    ]);
    der.extend(modulus);
    der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}
