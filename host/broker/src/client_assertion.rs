//! The assertion by which a client authenticates (RFC 7523 sections 2.2 and 3, as draft-ietf-oauth-rfc7523bis has them; OIDC Core
//! section 9): one for each request, for this issuer alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use vestibule_core::approval::Permissions;
use vestibule_core::limits::CLIENT_ASSERTION_SECONDS;
use vestibule_core::tenant::{AssertionAudience, TenantPolicy};
use vestibule_core::{Error, Result, Secret};

use crate::client_key::ClientKey;
use crate::random;

/// `client_assertion_type` (RFC 7523 section 2.2).
pub(crate) const CLIENT_ASSERTION_TYPE: &str =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The type by which nobody takes it for anything else (RFC 8725 section 3.11, rfc7523bis section 4).
const TYPE: &str = "client-authentication+jwt";

/// Whom assertions are for: the issuer, character for character, and nobody else. Not the endpoint that one is sent to: a provider that
/// writes another's endpoint into its metadata would get what is good there (CAUTH-01).
///
/// # Errors
/// If the tenant says that the token endpoint stands for the issuer, and it is elsewhere.
pub(crate) fn audience(permissions: &Permissions, policy: &TenantPolicy) -> Result<String> {
    match policy.client_assertion_audience {
        AssertionAudience::Issuer => Ok(permissions.issuer.clone()),
        AssertionAudience::TokenEndpoint => {
            let endpoint = permissions.endpoint("token")?;
            if endpoint.url()?.origin() != permissions.issuer()?.url().origin() {
                return Err(Error::policy(
                    "client_assertion.audience",
                    "policy.client_assertion_audience names the token endpoint, which is not on the issuer's own host",
                )
                .hint("leave the line out: assertions then name the issuer"));
            }
            Ok(endpoint.url.clone())
        }
    }
}

/// Signs a fresh one, at a time in Unix seconds.
///
/// # Errors
/// If the system has no random numbers, or the key does not sign.
pub(crate) fn sign(key: &ClientKey, client_id: &str, audience: &str, now: u64) -> Result<Secret> {
    let mut header = json!({"alg": key.algorithm(), "typ": TYPE});
    if let (Some(kid), Some(header)) = (key.kid(), header.as_object_mut()) {
        header.insert("kid".to_owned(), kid.into());
    }
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": random::fresh()?.expose(),
        "iat": now,
        "exp": now.saturating_add(CLIENT_ASSERTION_SECONDS),
    });
    let mut assertion = URL_SAFE_NO_PAD.encode(header.to_string());
    assertion.push('.');
    URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut assertion);
    let signature = key.sign(assertion.as_bytes())?;
    assertion.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut assertion);
    Ok(Secret::new(assertion))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::client_key::tests::{es256_pem, jwk_of_es256};
    use crate::vault::tests::permissions;

    fn parts(assertion: &Secret) -> (Value, Value) {
        let parts: Vec<&str> = assertion.expose().split('.').collect();
        let [header, claims, _signature] = parts[..] else {
            panic!("it has {} parts", parts.len())
        };
        let read = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        (read(header), read(claims))
    }

    #[test]
    fn an_assertion_says_who_for_whom_and_for_how_long() {
        let key = ClientKey::parse(&es256_pem()).unwrap();
        let assertion = sign(&key, "cli", "https://idp.example", 1000).unwrap();
        let (header, claims) = parts(&assertion);
        assert_eq!(
            header,
            json!({"alg": "ES256", "typ": "client-authentication+jwt"})
        );
        assert_eq!(claims["iss"], "cli");
        assert_eq!(claims["sub"], "cli");
        assert_eq!(claims["aud"], "https://idp.example");
        assert_eq!(claims["iat"], 1000);
        assert_eq!(claims["exp"], 1000 + CLIENT_ASSERTION_SECONDS);
        let (_, again) = parts(&sign(&key, "cli", "https://idp.example", 1000).unwrap());
        assert_ne!(claims["jti"], again["jti"]);
        assert_eq!(claims.as_object().unwrap().len(), 6);
    }

    #[test]
    fn a_key_that_has_a_name_says_it() {
        let key = ClientKey::parse(&jwk_of_es256(&[("kid", "2026-01")])).unwrap();
        let (header, _) = parts(&sign(&key, "cli", "https://idp.example", 0).unwrap());
        assert_eq!(header["kid"], "2026-01");
    }

    #[test]
    fn the_audience_is_the_issuer_unless_a_line_says_otherwise_of_its_own_host() {
        let mut permissions = permissions();
        permissions.issuer = "https://idp.example/realms/one".to_owned();
        let mut policy = TenantPolicy::default();
        assert_eq!(
            audience(&permissions, &policy).unwrap(),
            "https://idp.example/realms/one"
        );
        policy.client_assertion_audience = AssertionAudience::TokenEndpoint;
        assert_eq!(
            audience(&permissions, &policy).unwrap(),
            "https://idp.example/x"
        );
        for elsewhere in [
            "https://login.example/realms/one",
            "https://idp.example:8443",
            "https://sub.idp.example",
        ] {
            permissions.issuer = elsewhere.to_owned();
            let problem = audience(&permissions, &policy).unwrap_err();
            assert_eq!(problem.code(), "client_assertion.audience", "{elsewhere}");
        }
    }
}
