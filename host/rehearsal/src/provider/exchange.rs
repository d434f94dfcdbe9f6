//! RFC 8693 §2: a token for one for somebody else. The honest provider gives no more than the subject has, and no longer.

use crate::encoding::{Fields, single};
use crate::flow::tokens;
use crate::ledger::Family;
use crate::members::Members;
use crate::provider::workload;
use crate::stage::{Client, Scene};
use crate::twist::WorkloadTwist;
use crate::wire::Response;

/// §3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// What is exchanged.
struct Subject {
    family: Family,
    /// Nothing, if somebody else has issued it.
    scope: Option<String>,
    expires: Option<u64>,
}

pub(super) fn answer(scene: &Scene<'_>, client: &Client, form: &Fields) -> Response {
    if let Some(refused) = workload::echo(scene, form) {
        return refused;
    }
    let invalid = |what| Response::oauth_error(400, "invalid_request", what);
    let names = [
        "subject_token",
        "subject_token_type",
        "actor_token",
        "actor_token_type",
    ];
    let more = ["requested_token_type", "audience", "scope"];
    if names
        .iter()
        .chain(&more)
        .any(|name| single(form, name).is_err())
    {
        return invalid("a parameter is repeated");
    }
    let value = |name| single(form, name).ok().flatten();
    let (Some(token), Some(kind)) = (value("subject_token"), value("subject_token_type")) else {
        return invalid("subject_token and subject_token_type are needed");
    };
    match (value("actor_token"), value("actor_token_type")) {
        (None, None) => {}
        (Some(actor), Some(kind)) if subject(scene, client, actor, kind).is_some() => {}
        (Some(_), Some(_)) => return super::token::invalid_grant(),
        _ => return invalid("actor_token and actor_token_type come together"),
    }
    let issued = value("requested_token_type").unwrap_or(ACCESS_TOKEN);
    if ![ACCESS_TOKEN, JWT].contains(&issued) {
        return invalid("no such type is issued");
    }
    let Some(subject) = subject(scene, client, token, kind) else {
        return super::token::invalid_grant();
    };
    let scope = match (value("scope"), &subject.scope) {
        (None, had) => had.clone().unwrap_or_else(|| "api:read".to_owned()),
        (Some(wanted), Some(had))
            if wanted
                .split(' ')
                .any(|one| !had.split(' ').any(|had| had == one)) =>
        {
            return Response::oauth_error(400, "invalid_scope", "more than the subject has");
        }
        (Some(wanted), _) => wanted.to_owned(),
    };
    issue(scene, &subject, &scope, issued, value("audience"))
}

/// An access token of this provider and client, or an assertion of the platform.
fn subject(scene: &Scene<'_>, client: &Client, token: &str, kind: &str) -> Option<Subject> {
    let now = scene.now();
    if kind == ACCESS_TOKEN {
        let ledger = scene.ledger();
        let (access, family) = ledger.live_access(token, now)?;
        return (family.client_id == client.id).then(|| Subject {
            family: family.clone(),
            scope: Some(access.scope.clone()),
            expires: Some(access.expires),
        });
    }
    workload::asserted(scene, token)?;
    Some(Subject {
        family: workload::family(scene, client, ""),
        scope: None,
        expires: None,
    })
}

fn issue(
    scene: &Scene<'_>,
    subject: &Subject,
    scope: &str,
    issued: &str,
    audience: Option<&str>,
) -> Response {
    let twists = scene.workload_twists();
    let now = scene.now();
    let left = subject
        .expires
        .map_or(u64::MAX, |end| end.saturating_sub(now));
    let mut ttl = scene.access_ttl().min(left);
    let mut scope = scope.to_owned();
    let mut token_type = if issued == JWT { "N_A" } else { "Bearer" };
    for twist in &twists {
        match twist {
            WorkloadTwist::LongerLife => ttl = 30 * 86_400,
            WorkloadTwist::WiderScope => scope.push_str(" admin"),
            WorkloadTwist::NotToBeUsed => token_type = "N_A",
            WorkloadTwist::IssuedTokenType(_)
            | WorkloadTwist::IssuedTokenTypeMissing
            | WorkloadTwist::RefusesWithEcho
            | WorkloadTwist::RefreshToken => {}
        }
    }
    let access = tokens::new_access(scene, &subject.family, &scope, ttl);
    if let (Some(audience), Some(entry)) = (audience, scene.ledger().access.get_mut(&access)) {
        entry.audience = Some(audience.to_owned());
    }
    let mut members = Members::new()
        .with("access_token", access)
        .with("issued_token_type", issued)
        .with("token_type", token_type)
        .with("expires_in", ttl)
        .with("scope", scope.as_str());
    for twist in &twists {
        match twist {
            WorkloadTwist::IssuedTokenType(other) => {
                members.set("issued_token_type", other.as_str());
            }
            WorkloadTwist::IssuedTokenTypeMissing => members.remove("issued_token_type"),
            WorkloadTwist::RefreshToken => {
                members.set("refresh_token", tokens::new_refresh(scene, &subject.family));
            }
            WorkloadTwist::LongerLife
            | WorkloadTwist::WiderScope
            | WorkloadTwist::NotToBeUsed
            | WorkloadTwist::RefusesWithEcho => {}
        }
    }
    Response::json(200, &members)
}
