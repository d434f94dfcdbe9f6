//! OIDC Core §2 and §12.2: the ID token, first and refreshed.

use serde_json::json;

use crate::encoding::{base64url, sha256, sha512};
use crate::jwt;
use crate::ledger::Family;
use crate::members::Members;
use crate::people::PEOPLE;
use crate::provider::grant::{Occasion, has_scope};
use crate::record::SecretKind;
use crate::script::SigningAlgorithm;
use crate::stage::Scene;
use crate::twist::IdTokenTwist;

/// Seconds.
const TTL: u64 = 300;
const YEAR: u64 = 365 * 24 * 3600;

/// `None` only if the cryptographic library fails.
pub(super) fn issue(
    scene: &Scene<'_>,
    family: &Family,
    access: &str,
    occasion: Occasion,
) -> Option<String> {
    let twists = scene.id_token_twists();
    let mut claims = honest(scene, family, access);
    for twist in &twists {
        apply(scene, family, occasion, &mut claims, *twist);
    }
    let fresh_kid = scene.stage.mint.token("kid_");
    let token = jwt::sign(
        &scene.stage.keys,
        scene.script.signing,
        &claims,
        &twists,
        &scene.url("/trap"),
        &fresh_kid,
    )?;
    scene.stage.record.note_secret(SecretKind::IdToken, &token);
    Some(token)
}

fn honest(scene: &Scene<'_>, family: &Family, access: &str) -> Members {
    let now = scene.now();
    let mut claims = Members::new()
        .with("iss", scene.issuer())
        .with("sub", family.person.sub)
        .with("aud", family.client_id.as_str())
        .with("exp", now + TTL)
        .with("iat", now)
        .with("auth_time", family.auth_time)
        .with("at_hash", at_hash(scene.script.signing, access));
    if let Some(nonce) = &family.nonce {
        claims.set("nonce", nonce.as_str());
    }
    if let Some(acr) = &family.acr {
        claims.set("acr", acr.as_str());
    }
    if has_scope(&family.scope, "email") {
        claims.set("email", family.person.email);
        claims.set("email_verified", true);
    }
    if has_scope(&family.scope, "profile") {
        claims.set("name", family.person.name);
        claims.set("preferred_username", family.person.login);
    }
    claims
}

/// §3.1.3.6: the left half of the hash that the signature uses.
fn at_hash(algorithm: SigningAlgorithm, access: &str) -> String {
    let hash = match algorithm {
        SigningAlgorithm::Es256 | SigningAlgorithm::Rs256 => sha256(access),
        SigningAlgorithm::EdDsa => sha512(access),
    };
    base64url(hash.get(..hash.len() / 2).unwrap_or_default())
}

fn apply(
    scene: &Scene<'_>,
    family: &Family,
    occasion: Occasion,
    claims: &mut Members,
    twist: IdTokenTwist,
) {
    let now = scene.now();
    let client = family.client_id.as_str();
    let refreshed = occasion == Occasion::Refresh;
    match twist {
        IdTokenTwist::SubTwice => claims.push_raw("sub", "\"u-mallory\""),
        IdTokenTwist::IssTrailingSlash => claims.set("iss", format!("{}/", scene.issuer())),
        IdTokenTwist::IssUpperCase => claims.set("iss", scene.issuer().to_ascii_uppercase()),
        IdTokenTwist::IssForeign => claims.set("iss", "https://mallory.example"),
        IdTokenTwist::AudForeign => claims.set("aud", "another-client"),
        IdTokenTwist::AudPrefix => {
            claims.set(
                "aud",
                client
                    .chars()
                    .take(client.chars().count().saturating_sub(1))
                    .collect::<String>(),
            );
        }
        IdTokenTwist::AudArray => claims.set("aud", json!([client])),
        IdTokenTwist::AudExtraNoAzp => {
            claims.set("aud", json!([client, "another-client"]));
            claims.remove("azp");
        }
        IdTokenTwist::AzpForeign => claims.set("azp", "another-client"),
        IdTokenTwist::Expired => {
            claims.set("iat", now.saturating_sub(2 * TTL));
            claims.set("exp", now.saturating_sub(TTL));
        }
        IdTokenTwist::ExpString => claims.set("exp", (now + TTL).to_string()),
        IdTokenTwist::ExpHuge => claims.set_raw("exp", "1e400"),
        IdTokenTwist::ExpMissing => claims.remove("exp"),
        IdTokenTwist::IatSlightlyAhead => claims.set("iat", now + 30),
        IdTokenTwist::IatAhead => claims.set("iat", now + 120),
        IdTokenTwist::IatOld => claims.set("iat", now.saturating_sub(YEAR)),
        IdTokenTwist::NonceForeign => claims.set("nonce", scene.stage.mint.token("forged_")),
        IdTokenTwist::NonceMissing => claims.remove("nonce"),
        IdTokenTwist::AtHashForeign => {
            claims.set(
                "at_hash",
                at_hash(scene.script.signing, "another access token"),
            );
        }
        IdTokenTwist::AtHashMissing => claims.remove("at_hash"),
        IdTokenTwist::RefreshedSub if refreshed => {
            let other = PEOPLE.iter().find(|person| person.sub != family.person.sub);
            claims.set("sub", other.map_or("u-mallory", |person| person.sub));
        }
        IdTokenTwist::RefreshedAud if refreshed => claims.set("aud", "another-client"),
        IdTokenTwist::RefreshedAuthTime if refreshed => {
            claims.set("auth_time", family.auth_time + 1)
        }
        IdTokenTwist::RefreshedIss if refreshed => claims.set("iss", "https://mallory.example"),
        IdTokenTwist::RefreshedAzp if refreshed => claims.set("azp", client),
        IdTokenTwist::RefreshedAzpForeign if refreshed => claims.set("azp", "another-client"),
        IdTokenTwist::RefreshedNonce if refreshed => {
            claims.set("nonce", scene.stage.mint.token("forged_"))
        }
        IdTokenTwist::RefreshedSub
        | IdTokenTwist::RefreshedAud
        | IdTokenTwist::RefreshedAuthTime
        | IdTokenTwist::RefreshedIss
        | IdTokenTwist::RefreshedAzp
        | IdTokenTwist::RefreshedAzpForeign
        | IdTokenTwist::RefreshedNonce => {}
        IdTokenTwist::LogoutToken | IdTokenTwist::LogoutTokenUntyped => claims.set(
            "events",
            json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
        ),
        IdTokenTwist::NamesOfAnother => {
            let other = PEOPLE.iter().find(|person| person.sub != family.person.sub);
            if let Some(other) = other {
                claims.set("email", other.email);
                claims.set("name", other.name);
                claims.set("preferred_username", other.login);
            }
        }
        IdTokenTwist::Claim(name, text) => claims.set(name, text),
        IdTokenTwist::ClaimMissing(name) => claims.remove(name),
        IdTokenTwist::AuthTimeAgo(seconds) => claims.set("auth_time", now.saturating_sub(seconds)),
        IdTokenTwist::NameRepeatsNonce => {
            claims.set(
                "name",
                base64url(family.nonce.as_deref().unwrap_or_default()),
            );
        }
        // The header, the signature and the form: see `jwt`.
        IdTokenTwist::ForeignKey
        | IdTokenTwist::Altered
        | IdTokenTwist::SignatureEmpty
        | IdTokenTwist::AlgNone
        | IdTokenTwist::AlgNoneMixedCase
        | IdTokenTwist::Hs256WithPublicKey
        | IdTokenTwist::Rs256WithEcKey
        | IdTokenTwist::EcdsaZeros
        | IdTokenTwist::EmbeddedJwk
        | IdTokenTwist::EmbeddedX5c
        | IdTokenTwist::RemoteKeyUrls
        | IdTokenTwist::KidPath
        | IdTokenTwist::KidUrl
        | IdTokenTwist::KidUnknown
        | IdTokenTwist::KidMissing
        | IdTokenTwist::CritUnknown
        | IdTokenTwist::PaddedBase64
        | IdTokenTwist::FourSegments
        | IdTokenTwist::TypAccessToken
        | IdTokenTwist::TypProof => {}
    }
}
