//! RFC 6749 §5.1: the successful token response.

use serde_json::Value;

use crate::flow::tokens;
use crate::ledger::Family;
use crate::members::Members;
use crate::provider::id_token;
use crate::record::SecretKind;
use crate::stage::Scene;
use crate::twist::{ExpiresInTwist, GrantTwist, ScopeTwist};
use crate::wire::Response;

/// What the tokens are given for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    First,
    Refresh,
}

pub(super) fn issue(
    scene: &Scene<'_>,
    family: &Family,
    asked: &str,
    occasion: Occasion,
) -> Response {
    let twists = scene.grant_twists();
    let scope = granted_scope(asked, &twists);
    let ttl = if twists.contains(&GrantTwist::ExpiresIn(ExpiresInTwist::FiveSeconds)) {
        5
    } else {
        scene.access_ttl()
    };

    let access = tokens::new_access(scene, family, &scope, ttl);
    let mut members = Members::new()
        .with("access_token", access.as_str())
        .with("token_type", "Bearer");
    members.set("expires_in", ttl);
    members.set("scope", scope.as_str());
    if has_scope(&family.scope, "offline_access") && rotates(&twists, occasion) {
        members.set("refresh_token", tokens::new_refresh(scene, family));
    }
    if has_scope(&scope, "openid") && !twists.contains(&GrantTwist::NoIdToken) {
        let Some(id_token) = id_token::issue(scene, family, &access, occasion) else {
            return Response::empty(500);
        };
        members.set("id_token", id_token);
    }
    for twist in &twists {
        apply(scene, &mut members, twist);
    }
    Response::json(200, &members)
}

fn apply(scene: &Scene<'_>, members: &mut Members, twist: &GrantTwist) {
    match twist {
        GrantTwist::TokenType(name) => members.set("token_type", name.as_str()),
        GrantTwist::TokenTypeMissing => members.remove("token_type"),
        GrantTwist::ExpiresIn(lifetime) => match lifetime {
            ExpiresInTwist::Missing => members.remove("expires_in"),
            ExpiresInTwist::Negative => members.set("expires_in", -300),
            ExpiresInTwist::Text => members.set("expires_in", "300"),
            ExpiresInTwist::Huge => members.set_raw("expires_in", "1e999"),
            ExpiresInTwist::Eternal => members.set("expires_in", i64::MAX),
            ExpiresInTwist::FiveSeconds => {} // true already
        },
        GrantTwist::Scope(ScopeTwist::Missing) => members.remove("scope"),
        GrantTwist::Scope(ScopeTwist::Null) => members.set("scope", Value::Null),
        GrantTwist::IdTokenFromElsewhere(token) => members.set("id_token", token.as_str()),
        GrantTwist::AccessTokenTwice => {
            let second = scene.mint(SecretKind::AccessToken, "rh_at_");
            members.push_raw("access_token", &Value::from(second).to_string());
        }
        // Decided before the response was written.
        GrantTwist::Scope(ScopeTwist::Narrower | ScopeTwist::Wider)
        | GrantTwist::NoRotation
        | GrantTwist::NoRefreshToken
        | GrantTwist::NoIdToken
        | GrantTwist::LyingJwtAccessToken
        | GrantTwist::RefusesRefresh => {}
    }
}

fn granted_scope(asked: &str, twists: &[GrantTwist]) -> String {
    if twists.contains(&GrantTwist::Scope(ScopeTwist::Narrower)) {
        asked.split(' ').next().unwrap_or_default().to_owned()
    } else if twists.contains(&GrantTwist::Scope(ScopeTwist::Wider)) {
        format!("{asked} admin")
    } else {
        asked.to_owned()
    }
}

fn rotates(twists: &[GrantTwist], occasion: Occasion) -> bool {
    let kept = occasion == Occasion::Refresh && twists.contains(&GrantTwist::NoRotation);
    !kept && !twists.contains(&GrantTwist::NoRefreshToken)
}

pub(super) fn has_scope(scope: &str, wanted: &str) -> bool {
    scope.split(' ').any(|one| one == wanted)
}
