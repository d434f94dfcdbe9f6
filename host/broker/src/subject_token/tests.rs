use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;
use vestibule_core::tenant::Tenant;
use vestibule_core::{Blame, limits};

use super::*;

mod files;
mod platforms;
mod says;

pub(super) const NOW: u64 = 1_800_000_000;
pub(super) const AUDIENCE: &str = "https://idp.example";

/// A tenant with one source or more, and what surrounds it.
pub(super) struct Scene {
    tenant: Tenant,
    variables: BTreeMap<String, String>,
    seen: Seen,
}

/// What was told, in order.
#[derive(Default)]
pub(super) struct Seen(Mutex<Vec<String>>);

impl Observer for Seen {
    fn event(&self, event: &Event<'_>) {
        let text = if let Event::Warning { text } = event {
            format!("warning: {text}")
        } else if let Event::Notice { text } = event {
            format!("notice: {text}")
        } else {
            format!("{event:?}")
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
    }
}

struct Set<'a>(&'a BTreeMap<String, String>);

impl Variables for Set<'_> {
    fn read(&self, name: &str) -> Option<Secret> {
        self.0.get(name).cloned().map(Secret::new)
    }
}

impl Scene {
    /// With one source, `ci`, for the usual audience.
    pub(super) fn of(keys: &str) -> Self {
        Self::with(&format!(
            "[workload.sources.ci]\naudience = \"{AUDIENCE}\"\n{keys}\n"
        ))
    }

    pub(super) fn with(tables: &str) -> Self {
        let text = format!("plugin = \"p\"\n[network]\nallow_loopback_http = true\n{tables}");
        let name = TenantName::parse("t").unwrap();
        Self {
            tenant: Tenant::parse(&name, &text).unwrap(),
            variables: BTreeMap::new(),
            seen: Seen::default(),
        }
    }

    /// Without the exception for loopback.
    pub(super) fn strict(mut self) -> Self {
        self.tenant.network = NetworkExceptions::default();
        self
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What the source `ci` gives.
    pub(super) async fn asks(&self) -> Result<String> {
        let variables = Set(&self.variables);
        let platform = Platform {
            workload: &self.tenant.workload,
            variables: &variables,
            network: Arc::new(Network::new(Vec::new(), None)),
            exceptions: &self.tenant.network,
        };
        let (name, source) = self.tenant.workload.sources.get_key_value("ci").unwrap();
        let asked = Asked {
            name,
            source,
            platform: &platform,
            observer: &self.seen,
            now: NOW,
        };
        let (token, assertion) = asked.assertion().await?;
        asked.tell(&assertion);
        Ok(token.expose().to_owned())
    }

    pub(super) async fn refuses(&self, blame: Blame, code: &str) -> Error {
        let error = self.asks().await.unwrap_err();
        assert_eq!((error.blame(), error.code()), (blame, code), "{error:?}");
        error
    }

    pub(super) fn told(&self) -> Vec<String> {
        self.seen
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A signed JWT, as far as anybody can see who does not know the key.
pub(super) fn jwt(payload: &Value) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let header = json!({"alg": "RS256", "kid": "1", "typ": "JWT"});
    format!(
        "{}.{}.{}",
        encode(&header.to_string()),
        encode(&payload.to_string()),
        encode("a signature")
    )
}

/// A JWT as a platform makes them.
pub(super) fn good() -> String {
    jwt(
        &json!({"iss": "https://platform.example", "sub": "w", "aud": AUDIENCE, "iat": NOW - 10, "exp": NOW + 600}),
    )
}

/// A directory with one file in it.
pub(super) fn directory(file: &str, text: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    put(directory.path(), file, text);
    directory
}

pub(super) fn put(directory: &Path, file: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = directory.join(file);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A source of this kind that reads this directory.
pub(super) fn reading(kind: &str, directory: &Path, file: &str) -> Scene {
    Scene::of(&format!(
        "from = \"{kind}\"\ndirectory = \"{}\"\nfile = \"{file}\"",
        directory.display()
    ))
}
