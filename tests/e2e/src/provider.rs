//! A certified OpenID provider (`tests/idps/oidc-provider`), in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::http;
use crate::wait::wait_for;

/// Node starts in a second; many times that on a busy machine.
const START: Duration = Duration::from_secs(60);

/// How long the line of an event may stay in the pipe.
const EVENT: Duration = Duration::from_secs(5);

/// A running provider. Ends with the test.
pub struct OidcProvider {
    process: Child,
    issuer: String,
    events: Arc<Mutex<Vec<Value>>>,
}

impl OidcProvider {
    /// Starts one with these settings of its own (see the head of `server.mjs`).
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(settings: &[(&str, &str)]) -> Self {
        // Which redirect path the host will use follows from the issuer, and the issuer from the port: so that comes first.
        // Somebody else may take it before node does.
        (0..5)
            .find_map(|_| Self::try_start(free_port(), settings))
            .expect("the provider starts: are its packages installed (cargo xtask setup)?")
    }

    fn try_start(port: u16, settings: &[(&str, &str)]) -> Option<Self> {
        let issuer = format!("http://127.0.0.1:{port}");
        let mut process = Command::new("node")
            .arg("server.mjs")
            .current_dir(folder())
            .env("PORT", port.to_string())
            .env("REDIRECT_PATHS", redirect_path(&issuer))
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed (cargo xtask setup)");
        let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let events = Arc::new(Mutex::new(Vec::new()));
        let provider = Self {
            process,
            issuer,
            events: Arc::clone(&events),
        };
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Ok(event) = serde_json::from_str(&line) {
                    events
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(event);
                }
            }
        });
        wait_for(START, || provider.is_ready_or_gone())?.then_some(provider)
    }

    fn is_ready_or_gone(&self) -> Option<bool> {
        if !self.named("ready").is_empty() {
            return Some(true);
        }
        // A process that has ended has no more lines to come; whether it has is asked of the system, not of the handle.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()));
        stat.is_ok_and(|stat| stat.contains(") Z "))
            .then_some(false)
    }

    /// Its issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How many tokens it has given for this grant type.
    #[must_use]
    pub fn grants(&self, grant_type: &str) -> usize {
        let granted = self.named("grant.success");
        granted
            .iter()
            .filter(|event| event["grant_type"] == grant_type)
            .count()
    }

    /// The events of this name so far.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<Value> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events
            .iter()
            .filter(|event| event["event"] == name)
            .cloned()
            .collect()
    }

    /// Waits until at least so many tokens were given for this grant type: what it prints arrives a little later.
    ///
    /// # Panics
    /// If they were not.
    #[track_caller]
    pub fn expect_grants(&self, grant_type: &str, count: usize) {
        let enough = wait_for(EVENT, || (self.grants(grant_type) >= count).then_some(()));
        assert!(enough.is_some(), "{:?}", self.named("grant.success"));
        assert_eq!(self.grants(grant_type), count);
    }

    /// What userinfo answers to this access token.
    #[must_use]
    pub fn userinfo(&self, token: &str) -> http::Answer {
        let bearer = format!("Bearer {token}");
        http::get(
            &format!("{}/me", self.issuer),
            &[("Authorization", &bearer)],
        )
        .expect("the provider answers")
    }

    /// Whether the provider calls this token active, when its resource server asks (RFC 7662).
    #[must_use]
    pub fn is_active(&self, token: &str) -> bool {
        let form: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .finish();
        let credentials =
            base64::engine::general_purpose::STANDARD.encode("rs:resource-server-secret");
        let basic = format!("Basic {credentials}");
        let url = format!("{}/token/introspection", self.issuer);
        let answer = http::post(&url, &[("Authorization", &basic)], &form);
        let answer = answer.expect("the provider answers");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["active"]
            .as_bool()
            .expect("RFC 7662 section 2.2")
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The path that is unique to an issuer, worked out apart from the program under test.
#[must_use]
pub fn redirect_path(issuer: &str) -> String {
    let digest = Sha256::digest(issuer);
    let name: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("/oauth/{name}")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../idps/oidc-provider")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}
