//! A provider that answers what a case says, and keeps every request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::case::{Answer, Case, Plugin, object, write};
use crate::marker::{Kind, Values};

/// A request, as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) role: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What it answers now, and what it has seen.
#[derive(Default)]
struct Stage {
    now: Option<(Case, Values)>,
    seen: Vec<Seen>,
}

/// The provider. Lives as long as its runtime.
pub(crate) struct Provider {
    pub(crate) runtime: Runtime,
    pub(crate) address: SocketAddr,
    stage: Arc<Mutex<Stage>>,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let stage = Arc::new(Mutex::new(Stage::default()));
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&stage));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0)))
            .unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self {
            runtime,
            address,
            stage,
        }
    }

    pub(crate) fn url(&self, role: &str) -> String {
        format!("http://{}/{role}", self.address)
    }

    pub(crate) fn plays(&self, case: &Case, values: Values) {
        let mut stage = self.stage.lock().unwrap();
        stage.now = Some((case.clone(), values));
        stage.seen.clear();
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.stage.lock().unwrap().seen.clone()
    }
}

async fn answer(
    State(stage): State<Arc<Mutex<Stage>>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let role = uri.path().trim_start_matches('/').to_owned();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut stage = stage.lock().unwrap();
    stage.seen.push(Seen {
        role: role.clone(),
        target: format!("{method} {uri}"),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let Some((case, values)) = &stage.now else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let [of_token, of_api, of_others] = &case.answers;
    match role.as_str() {
        "token" => respond(of_token, tokens(&case.plugin, *values), *values),
        "api" => respond(of_api, born(case.plugin.born, *values), *values),
        _ => respond(of_others, Map::new(), *values),
    }
}

/// What an honest token endpoint says (RFC 6749 section 5.1), in this provider's dialect.
fn tokens(plugin: &Plugin, values: Values) -> Map<String, Value> {
    let standard = [
        ("access_token", json!(Kind::Access.value(values))),
        ("refresh_token", json!(Kind::Refresh.value(values))),
        ("token_type", json!("Bearer")),
        ("expires_in", json!(300)),
    ];
    let here = |name: &str| match plugin.rename {
        Some((from, to)) if from == name => to.to_owned(),
        _ => name.to_owned(),
    };
    standard
        .into_iter()
        .map(|(name, value)| (here(name), value))
        .collect()
}

/// The provider's own secrets, where they are born.
fn born(pointer: &str, values: Values) -> Map<String, Value> {
    let handle = pointer.rsplit('/').filter(|token| !token.is_empty()).fold(
        json!(Kind::Handle.value(values)),
        |inner, name| json!({ name: inner }),
    );
    let mut members = handle.as_object().cloned().unwrap();
    members.insert("keys".into(), json!({"session": Kind::Key.value(values)}));
    members
}

fn respond(answer: &Answer, honest: Map<String, Value>, values: Values) -> Response {
    let mut members = object(&answer.members, values);
    members.extend(honest);
    let mut response = Response::new(Value::Object(members).to_string().into());
    *response.status_mut() =
        StatusCode::from_u16(answer.redirect.unwrap_or(answer.status)).unwrap();
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    for (name, pieces) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(&write(pieces, values)) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    if answer.redirect.is_some() {
        let target = format!("/redirected?token={}", Kind::Access.value(values));
        headers.insert("location", HeaderValue::from_str(&target).unwrap());
    }
    response
}
