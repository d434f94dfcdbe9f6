//! RFC 6749 §2.3 and §3.2.1: who calls, by Basic, by secret in the body, by an assertion that its key has signed (RFC 7523 §2.2), or as a
//! public client by name alone.

use serde_json::Value;

use crate::encoding::{Fields, basic, single};
use crate::stage::{Client, Scene};
use crate::wire::Response;

/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds. An assertion that is good for longer is not believed.
const LONGEST: u64 = 3600;

/// The calling client.
///
/// # Errors
/// The answer that refuses it.
pub(super) fn authenticate(scene: &Scene<'_>) -> Result<Client, Response> {
    let form = scene.form();
    if scene.script.client_key.is_some() {
        return by_assertion(scene, &form).ok_or_else(|| refusal(false));
    }
    let in_header = scene.request.header("authorization").and_then(basic);
    let by_basic = in_header.is_some();
    let (id, secret) = match in_header {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (
            single(&form, "client_id").ok().flatten().map(str::to_owned),
            single(&form, "client_secret")
                .ok()
                .flatten()
                .map(str::to_owned),
        ),
    };
    let client = id
        .and_then(|id| scene.client(&id))
        .ok_or_else(|| refusal(by_basic))?;
    if client.secret == secret {
        Ok(client)
    } else {
        Err(refusal(by_basic))
    }
}

/// RFC 7523 §3 as draft-ietf-oauth-rfc7523bis has it: typed, for this issuer alone, in the client's own name, short, and once.
fn by_assertion(scene: &Scene<'_>, form: &Fields) -> Option<Client> {
    let value = |name| single(form, name).ok().flatten();
    let other = scene.request.header("authorization").is_some() || value("client_secret").is_some();
    if other || value("client_assertion_type")? != ASSERTION_TYPE {
        return None;
    }
    let key = scene.script.client_key.as_ref()?;
    let (header, claims) = key.open(value("client_assertion")?)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let client = scene.client(text("sub")?)?;
    let now = scene.now();
    let expires = claims.get("exp")?.as_u64()?;
    let wanted = match scene.script.wants_token_endpoint_as_audience {
        true => scene.url("/token"),
        false => scene.issuer(),
    };
    let believed = header.get("typ")?.as_str()? == "client-authentication+jwt"
        && text("iss")? == client.id
        && value("client_id").is_none_or(|id| id == client.id)
        && text("aud")? == wanted
        && now < expires
        && expires <= now + LONGEST;
    let jti = text("jti")?.to_owned();
    // Bounded, as all that is remembered: a replay of the latest thousands is seen.
    let fresh = believed && scene.ledger().assertions.get(&jti).is_none();
    scene.ledger().assertions.insert(jti, ());
    fresh.then_some(client)
}

/// §5.2: a client that tried the header is answered in kind.
fn refusal(by_basic: bool) -> Response {
    let response =
        Response::oauth_error(401, "invalid_client", "unknown client or wrong credentials");
    if by_basic {
        response.header("WWW-Authenticate", "Basic realm=\"rehearsal\"")
    } else {
        response
    }
}
