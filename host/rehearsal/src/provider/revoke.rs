//! RFC 7009 §2: a refresh token takes its family with it, an access token goes alone, an unknown one is no error.

use crate::encoding::single;
use crate::provider::client_auth;
use crate::provider::token::invalid_grant;
use crate::stage::Scene;
use crate::wire::Response;

pub(super) fn answer(scene: &Scene<'_>) -> Response {
    let client = match client_auth::authenticate(scene) {
        Ok(client) => client,
        Err(response) => return response,
    };
    let form = scene.form();
    let Ok(Some(token)) = single(&form, "token") else {
        return Response::oauth_error(400, "invalid_request", "token is needed, once");
    };
    let mut ledger = scene.ledger();
    let refresh = ledger
        .refresh
        .get(token)
        .map(|refresh| refresh.family.clone());
    let access = ledger.access.get(token).map(|access| access.family.clone());
    let Some(family) = refresh.as_ref().or(access.as_ref()) else {
        return Response::empty(200);
    };
    if ledger
        .families
        .get(family)
        .is_some_and(|family| family.client_id != client.id)
    {
        return invalid_grant();
    }
    if let Some(family) = refresh {
        ledger.revoke_family(&family);
    } else if let Some(access) = ledger.access.get_mut(token) {
        access.revoked = true;
    }
    Response::empty(200)
}
