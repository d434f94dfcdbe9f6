//! The `sso` portal: accounts, roles and short-lived keys, for a token in `x-amz-sso_bearer_token`.

use serde_json::{Value, json};

use crate::encoding::{Fields, field};
use crate::identity_center::reply::portal_error;
use crate::members::Members;
use crate::people::{ACCOUNTS, Account};
use crate::record::SecretKind;
use crate::stage::Scene;
use crate::wire::Response;

const TOKEN_HEADER: &str = "x-amz-sso_bearer_token";
/// Seconds that the keys live.
const KEY_TTL: u64 = 3600;

/// `ListAccounts`.
pub(super) fn accounts(scene: &Scene<'_>) -> Response {
    if let Err(response) = session(scene) {
        return response;
    }
    let all = ACCOUNTS
        .iter()
        .map(|account| json!({"accountId": account.id, "accountName": account.name, "emailAddress": account.email}));
    listed("accountList", all.collect(), &scene.request.query())
}

/// `ListAccountRoles`.
pub(super) fn roles(scene: &Scene<'_>) -> Response {
    if let Err(response) = session(scene) {
        return response;
    }
    let query = scene.request.query();
    let Some(account) = account(&query) else {
        return portal_error(404, "ResourceNotFoundException", "No such account");
    };
    let all = account
        .roles
        .iter()
        .map(|role| json!({"roleName": role, "accountId": account.id}));
    listed("roleList", all.collect(), &query)
}

/// `GetRoleCredentials`.
pub(super) fn credentials(scene: &Scene<'_>) -> Response {
    if let Err(response) = session(scene) {
        return response;
    }
    let query = scene.request.query();
    let wanted = field(&query, "role_name");
    let assigned = account(&query)
        .is_some_and(|account| account.roles.iter().any(|role| Some(*role) == wanted));
    if !assigned {
        return portal_error(403, "ForbiddenException", "No access");
    }
    // Milliseconds here, seconds everywhere else: as the service has it.
    let expiration = (scene.now() + KEY_TTL) * 1000;
    let keys = json!({
        "accessKeyId": access_key_id(scene),
        "secretAccessKey": scene.mint(SecretKind::CloudKey, ""),
        "sessionToken": scene.mint(SecretKind::CloudKey, "rh_st_"),
        "expiration": expiration,
    });
    Response::json(200, &Members::new().with("roleCredentials", keys))
}

/// `Logout`: the session and all that came of it end.
pub(super) fn logout(scene: &Scene<'_>) -> Response {
    match session(scene) {
        Ok(family) => {
            scene.ledger().revoke_family(&family);
            Response::empty(200)
        }
        Err(response) => response,
    }
}

/// The family behind the token.
fn session(scene: &Scene<'_>) -> Result<String, Response> {
    let now = scene.now();
    let ledger = scene.ledger();
    scene
        .request
        .header(TOKEN_HEADER)
        .and_then(|token| ledger.live_access(token, now))
        .map(|(_, family)| family.id.clone())
        .ok_or_else(|| {
            portal_error(
                401,
                "UnauthorizedException",
                "Session token not found or invalid",
            )
        })
}

fn account(query: &Fields) -> Option<&'static Account> {
    let id = field(query, "account_id")?;
    ACCOUNTS.iter().find(|account| account.id == id)
}

/// One page of a list: `max_result` and `next_token` in, `nextToken` out while there is more.
fn listed(name: &str, all: Vec<Value>, query: &Fields) -> Response {
    let from = field(query, "next_token").map_or(Some(0), |token| token.parse::<usize>().ok());
    let size = field(query, "max_result").map_or(Some(100), |size| {
        size.parse::<usize>().ok().filter(|n| *n > 0)
    });
    let (Some(from), Some(size)) = (from, size) else {
        return portal_error(
            400,
            "InvalidRequestException",
            "bad next_token or max_result",
        );
    };
    let end = from.saturating_add(size);
    let more = end < all.len();
    let page: Vec<Value> = all.into_iter().skip(from).take(size).collect();
    let mut members = Members::new().with(name, page);
    if more {
        members.set("nextToken", end.to_string());
    }
    Response::json(200, &members)
}

/// `ASIA` and sixteen capital letters or digits. Not a secret.
fn access_key_id(scene: &Scene<'_>) -> String {
    let random = scene.stage.mint.token("").to_ascii_uppercase();
    let letters: String = random
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(16)
        .collect();
    format!("ASIA{letters}")
}
