//! A collector of logs for tests, over real HTTP.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use vestibule_app::config::CollectorConfig;

/// A collector on this machine, which answers what it is told to, and otherwise takes everything.
pub(crate) struct Collector {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    runtime: Option<Runtime>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let url = format!("http://{}/v1/logs", socket.local_addr().unwrap());
        let (seen, answers) = (Arc::default(), Arc::default());
        let (seen_here, answers_here) = (Arc::clone(&seen), Arc::clone(&answers));
        let collect = move |headers: HeaderMap, body: Bytes| async move {
            let body = serde_json::from_slice(&body).unwrap();
            let seen: &Mutex<Vec<(HeaderMap, Value)>> = &seen_here;
            seen.lock().unwrap().push((headers, body));
            let answers: &Mutex<VecDeque<(u16, String)>> = &answers_here;
            let answer = answers.lock().unwrap().pop_front();
            let (status, body) = answer.unwrap_or_else(|| (200, "{}".to_owned()));
            let status = StatusCode::from_u16(status).unwrap();
            let elsewhere = [(header::LOCATION, "http://127.0.0.1:9/")];
            match status.is_redirection() {
                true => (status, elsewhere, body).into_response(),
                false => (status, body).into_response(),
            }
        };
        let app = Router::new().route("/v1/logs", axum::routing::post(collect));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(socket).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
        Self {
            url,
            seen,
            answers,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn answers(&self, status: u16, body: &str) {
        self.answers
            .lock()
            .unwrap()
            .push_back((status, body.to_owned()));
    }

    pub(crate) fn requests(&self) -> Vec<(HeaderMap, Value)> {
        self.seen.lock().unwrap().clone()
    }

    /// The numbers of the records of a request.
    pub(crate) fn numbers(request: &Value) -> Vec<u64> {
        let records = &request["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
        let number = |record: &Value| {
            let line = record["body"]["stringValue"].as_str().unwrap();
            let line: Value = serde_json::from_str(line).unwrap();
            line["seq"].as_u64().unwrap()
        };
        records.as_array().unwrap().iter().map(number).collect()
    }

    /// The numbers of all records that came, in order.
    pub(crate) fn all_numbers(&self) -> Vec<u64> {
        let requests = self.requests();
        requests
            .iter()
            .flat_map(|(_, body)| Self::numbers(body))
            .collect()
    }

    pub(crate) fn config(&self) -> CollectorConfig {
        CollectorConfig {
            url: self.url.clone(),
            token_file: None,
            allow_loopback_http: true,
            allow_private_address: false,
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
