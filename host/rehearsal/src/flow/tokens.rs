//! RFC 6749 §1.4 and §1.5: access and refresh tokens are made, written down, and spent.

use crate::encoding::base64url;
use crate::ledger::{AccessToken, Family, RefreshToken};
use crate::record::SecretKind;
use crate::stage::Scene;
use crate::twist::GrantTwist;

pub(crate) fn new_access(scene: &Scene<'_>, family: &Family, scope: &str, ttl: u64) -> String {
    let token = if scene.script.has(GrantTwist::LyingJwtAccessToken) {
        lying_jwt(scene)
    } else {
        scene.mint(SecretKind::AccessToken, "rh_at_")
    };
    let now = scene.now();
    let entry = AccessToken {
        family: family.id.clone(),
        audience: None,
        scope: scope.to_owned(),
        issued: now,
        expires: now + ttl,
        revoked: false,
    };
    scene.ledger().access.insert(token.clone(), entry);
    token
}

/// RFC 9068, in form. Its third part is random, so that it is a secret; nobody who reads the others learns anything true.
fn lying_jwt(scene: &Scene<'_>) -> String {
    let header = base64url(r#"{"alg":"ES256","typ":"at+jwt"}"#);
    let claims = base64url(
        r#"{"iss":"https://mallory.example","sub":"u-mallory","aud":"elsewhere","exp":1,"scope":"admin"}"#,
    );
    scene.mint(SecretKind::AccessToken, &format!("{header}.{claims}."))
}

pub(crate) fn new_refresh(scene: &Scene<'_>, family: &Family) -> String {
    let token = scene.mint(SecretKind::RefreshToken, "rh_rt_");
    let now = scene.now();
    let expires = now + scene.script.refresh_ttl.as_secs();
    let entry = RefreshToken {
        family: family.id.clone(),
        issued: now,
        expires,
        used: false,
    };
    scene.ledger().refresh.insert(token.clone(), entry);
    token
}

/// Spends a refresh token (RFC 9700 §4.14.2). One that was spent before has leaked, here or there, and takes its family with it.
pub(crate) fn spend_refresh(scene: &Scene<'_>, client_id: &str, token: &str) -> Option<Family> {
    let now = scene.now();
    let mut ledger = scene.ledger();
    if let Some(spent) = ledger.refresh.get(token).filter(|token| token.used) {
        let family = spent.family.clone();
        ledger.revoke_family(&family);
        return None;
    }
    let (_, family) = ledger.live_refresh(token, now)?;
    if family.client_id != client_id {
        return None;
    }
    let family = family.clone();
    if !scene.script.has(GrantTwist::NoRotation)
        && let Some(entry) = ledger.refresh.get_mut(token)
    {
        entry.used = true;
    }
    Some(family)
}
