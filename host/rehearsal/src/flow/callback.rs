//! RFC 6749 §4.1.2 with RFC 9207 §2: the authorization response, in the query of a redirect.

use crate::encoding::{Fields, to_form};
use crate::ledger::{AuthorizationRequest, Code, CodeUse};
use crate::people::Person;
use crate::record::SecretKind;
use crate::stage::{Scene, Shape};
use crate::twist::CallbackTwist;
use crate::wire::Response;

/// RFC 6749 §4.1.2 recommends ten minutes at most; a browser needs seconds.
const CODE_TTL: u64 = 60;

/// Colours, a window title, a clickable lie, a reversed name and markup.
pub(crate) const HOSTILE_TEXT: &str = "\u{1b}[2J\u{1b}[31mroot#\u{1b}]0;owned\u{7} \u{1b}]8;;http://mallory.example\u{7}here\u{1b}]8;;\u{7} \u{202e}gpj.exe <script>alert(1)</script>";

pub(crate) enum Outcome {
    Code(String),
    Error {
        error: &'static str,
        description: &'static str,
    },
}

/// A fresh code that stands for the consent.
pub(crate) fn new_code(
    scene: &Scene<'_>,
    request: AuthorizationRequest,
    person: &'static Person,
) -> String {
    let code = scene.mint(SecretKind::Code, "rh_code_");
    let now = scene.now();
    let entry = Code {
        request,
        person,
        auth_time: now,
        expires: now + CODE_TTL,
        use_: CodeUse::Fresh,
    };
    scene.ledger().codes.insert(code.clone(), entry);
    code
}

/// Sends the browser back to the client.
pub(crate) fn answer(
    scene: &Scene<'_>,
    redirect_uri: &str,
    state: Option<&str>,
    outcome: &Outcome,
) -> Response {
    let mut fields = match outcome {
        Outcome::Code(code) => named(&[("code", code)]),
        Outcome::Error { error, description } => {
            named(&[("error", error), ("error_description", description)])
        }
    };
    if let Some(state) = state {
        fields.extend(named(&[("state", state)]));
    }
    // The Identity Center shape answers with code and state alone.
    if scene.stage.shape == Shape::OpenId {
        fields.extend(named(&[("iss", &scene.issuer())]));
    }
    for twist in scene.callback_twists() {
        apply(scene, &mut fields, &twist);
    }
    let query = to_form(
        fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    Response::see_other(&format!("{redirect_uri}{joint}{query}"))
}

fn apply(scene: &Scene<'_>, fields: &mut Fields, twist: &CallbackTwist) {
    match twist {
        CallbackTwist::Iss(issuer) => replace(fields, "iss", issuer),
        CallbackTwist::IssTrailingSlash => replace(fields, "iss", &format!("{}/", scene.issuer())),
        CallbackTwist::IssEncodedTwice => {
            let issuer = scene.issuer();
            let encoded = to_form([("iss", issuer.as_str())]);
            replace(fields, "iss", encoded.trim_start_matches("iss="));
        }
        CallbackTwist::IssMissing => fields.retain(|(name, _)| name != "iss"),
        CallbackTwist::IssTwice => repeat(fields, "iss"),
        CallbackTwist::CodeTwice => repeat(fields, "code"),
        CallbackTwist::StateTwice => repeat(fields, "state"),
        CallbackTwist::StateForeign => replace(fields, "state", &scene.stage.mint.token("forged_")),
        CallbackTwist::StateMissing => fields.retain(|(name, _)| name != "state"),
        CallbackTwist::CodeAndError => fields.extend(named(&[("error", "server_error")])),
        CallbackTwist::TokenInQuery => {
            let token = scene.mint(SecretKind::AccessToken, "rh_at_");
            fields.extend(named(&[("access_token", &token), ("token_type", "Bearer")]));
        }
        CallbackTwist::HostileErrorText => replace(fields, "error_description", HOSTILE_TEXT),
        CallbackTwist::RefusesS256 => {} // said where the request is checked
    }
}

fn named(fields: &[(&str, &str)]) -> Fields {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Changes a field's value, or adds the field.
fn replace(fields: &mut Fields, name: &str, value: &str) {
    match fields.iter_mut().find(|(key, _)| key == name) {
        Some((_, old)) => value.clone_into(old),
        None => fields.extend(named(&[(name, value)])),
    }
}

fn repeat(fields: &mut Fields, name: &str) {
    let again = fields.iter().find(|(key, _)| key == name).cloned();
    fields.extend(again);
}
