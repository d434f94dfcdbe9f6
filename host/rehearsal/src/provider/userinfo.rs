//! OIDC Core §5.3: who the token's person is.

use crate::members::Members;
use crate::people::PEOPLE;
use crate::provider::api;
use crate::provider::grant::has_scope;
use crate::stage::Scene;
use crate::twist::Twist;
use crate::wire::Response;

pub(super) fn answer(scene: &Scene<'_>) -> Response {
    let (family, scope) = match api::bearer(scene) {
        Ok(found) => found,
        Err(response) => return response,
    };
    if !has_scope(&scope, "openid") {
        return Response::empty(403).header(
            "WWW-Authenticate",
            "Bearer error=\"insufficient_scope\", scope=\"openid\"",
        );
    }
    let other = || PEOPLE.iter().find(|person| person.sub != family.person.sub);
    let lie = scene.script.has(Twist::UserInfoOfAnotherSubject);
    let person = if lie {
        other().unwrap_or(family.person)
    } else {
        family.person
    };
    let mut members = Members::new().with("sub", person.sub);
    if has_scope(&scope, "profile") {
        members = members
            .with("name", person.name)
            .with("preferred_username", person.login);
    }
    if has_scope(&scope, "email") {
        members = members
            .with("email", person.email)
            .with("email_verified", true);
    }
    Response::json(200, &members)
}
