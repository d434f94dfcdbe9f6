//! One run of one case, through everything that stands between a provider and a guest.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vestibule_app::broker::browser::{Browser, BrowserUrl, Opening};
use vestibule_app::broker::clock::{SteadyClock, SystemClock};
use vestibule_app::broker::egress::{EgressPolicy, HostPort};
use vestibule_app::broker::http::{HttpClient, Network};
use vestibule_app::broker::keep::Forgetful;
use vestibule_app::broker::{Broker, Credential, Finished, Surroundings};
use vestibule_app::flow;
use vestibule_attacks::puppet::{endpoint, list};
use vestibule_core::approval::Permissions;
use vestibule_core::authentication::Demand;
use vestibule_core::event::{Consent, Event, Observer, Person, Question};
use vestibule_core::plugin::Plugin as _;
use vestibule_core::record::{Facts, Method, Part, Primary};
use vestibule_core::setting::{Setting, SettingValue};
use vestibule_core::start::{Purpose, Start, StoredGrant};
use vestibule_core::tenant::Tenant;
use vestibule_core::{
    Enters, ProviderUrl, Result, Scope, Secret, SecretKind, SecretName, SettingName, TenantName,
};
use vestibule_engine::{Admitted, LoadedPlugin, Sandbox, SandboxOptions};
use vestibule_policy::steps::StepRules;

use crate::case::{self, Case, Shape};
use crate::marker::{Kind, Values};
use crate::provider::{Provider, Seen};

/// What all cases share.
pub(crate) struct World {
    provider: Provider,
    plugin: LoadedPlugin,
    network: Arc<Network>,
    _cache: tempfile::TempDir,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    /// Everything that entered the guest.
    pub(crate) entered: Vec<Entered>,
    /// Every request that the provider saw.
    pub(crate) requests: Vec<Seen>,
    /// What the host drew in this run: state and verifier.
    pub(crate) drawn: Vec<String>,
    pub(crate) ended: Ended,
}

/// What entered the guest at one time.
#[derive(Clone, Debug)]
pub(crate) struct Entered {
    /// The whole value, as it is written for people: what two runs are compared by.
    pub(crate) whole: String,
    /// Every text and number in it, to the letter.
    pub(crate) words: Vec<String>,
    /// The kinds of secrets that the host had taken in by then.
    pub(crate) live: Vec<Kind>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) enum Ended {
    NotApproved(vestibule_core::Error),
    Badly(vestibule_core::Error),
    Well,
}

impl World {
    pub(crate) fn new() -> Self {
        let cache = tempfile::tempdir().unwrap();
        let mut options = SandboxOptions::new(cache.path().join("compiled"));
        options.compiler = Some(vestibule_guests::program::compiler());
        let sandbox = Sandbox::open(options).unwrap();
        let puppet = Admitted::new(vestibule_attacks::stage::puppet()).unwrap();
        Self {
            provider: Provider::start(),
            plugin: sandbox.load(&puppet).unwrap(),
            network: Arc::new(Network::new(Vec::new(), None)),
            _cache: cache,
        }
    }

    /// Plays a case with these secrets.
    pub(crate) fn run(&self, case: &Case, values: Values) -> Run {
        self.provider.plays(case, values);
        let watch = Watch::default();
        let settings = self.settings(case);
        let ended = match self.approve(&settings) {
            Err(refused) => Ended::NotApproved(refused),
            Ok((permissions, tenant)) => {
                let playing = self.play(case, values, &settings, &permissions, &tenant, &watch);
                match self.provider.runtime.block_on(playing) {
                    Ok(_) => Ended::Well,
                    Err(error) => Ended::Badly(error),
                }
            }
        };
        let requests = self.provider.seen();
        let mut drawn: Vec<String> = watch.drawn.into_inner().unwrap();
        drawn.extend(requests.iter().filter_map(verifier));
        Run {
            entered: watch.entered.into_inner().unwrap(),
            requests,
            drawn,
            ended,
        }
    }

    fn approve(&self, settings: &[Setting]) -> Result<(Permissions, Tenant)> {
        let text = "plugin = \"puppet\"\n[policy]\nallow_unknown_identity = true\n[network]\nallow_loopback_http = true\n";
        let tenant = Tenant::parse(&name(), text)?;
        let description = self.plugin.describe(settings)?;
        let profile = description.profile.unwrap();
        let permissions =
            vestibule_policy::permissions(&profile, &description.settings, None, &tenant)?;
        Ok((permissions, tenant))
    }

    async fn play(
        &self,
        case: &Case,
        values: Values,
        settings: &[Setting],
        permissions: &Permissions,
        tenant: &Tenant,
        watch: &Watch,
    ) -> Result<Finished> {
        let name = name();
        let scopes = [Scope::parse("use").unwrap()];
        let browser = Consenting(values, Arc::clone(&watch.states));
        let around = Surroundings {
            tenant: &name,
            permissions,
            policy: &tenant.policy,
            redirect: &tenant.redirect,
            plugin: "puppet",
            plugin_digest: "sha256:0",
            scopes: &scopes,
            demand: &Demand::default(),
            observer: watch,
            person: &FirstOption,
            browser: &browser,
            memory: &Forgetful,
            clock: &SystemClock,
            steady: &SteadyClock::default(),
        };
        let urls: Vec<ProviderUrl> = permissions
            .endpoints
            .values()
            .map(|endpoint| endpoint.url().unwrap())
            .collect();
        let egress = EgressPolicy::new(urls.iter().map(HostPort::of)).allow_loopback_http();
        let http = HttpClient::new(egress, Arc::clone(&self.network));
        let mut broker = Broker::new(around, http);
        broker.set_client("client".to_owned(), Credential::None)?;
        let start = Start {
            purpose: purpose(&mut broker, case.purpose, values)?,
            settings: settings.to_vec(),
            method: Method::Browser,
            scopes: scopes.to_vec(),
            registered: true,
        };
        let mut rules = StepRules::new(permissions, tenant, &start);
        let ended = flow::drive(&self.plugin, start, &mut rules, &mut broker, watch).await;
        watch.take_states();
        ended
    }

    /// The program, as the tenant file would have it.
    fn settings(&self, case: &Case) -> Vec<Setting> {
        let program = json!({
            "profile": self.profile(case),
            "steps": {(case.purpose.word()): case.steps},
        });
        let text = program.to_string();
        let pieces = text.as_bytes().chunks(4_000);
        let texts = pieces.map(|piece| String::from_utf8(piece.to_vec()).unwrap());
        vec![Setting {
            name: SettingName::parse("program").unwrap(),
            value: SettingValue::Texts(texts.collect()),
        }]
    }

    fn profile(&self, case: &Case) -> Value {
        let plugin = &case.plugin;
        let at = |role: &str, class: &str| endpoint(role, class, &self.provider.url(role));
        let mut authorization = at("authorization", "Authorization");
        authorization["method"] = json!("Get");
        let mut token = at("token", "Token");
        let mut api = at("api", "Resource");
        if plugin.json {
            token["dialect"]["encoding"] = json!("Json");
            api["dialect"]["encoding"] = json!("Json");
        }
        if let Some(rename) = plugin.rename {
            token["dialect"]["renames"] = json!([rename]);
        }
        if plugin.token_header {
            api["token_header"] = json!(TOKEN_HEADER);
        }
        let mut profile = json!({
            "server": {"Fixed": self.provider.url("")},
            "client": {"Configured": {"client_id": "client", "authentication": "None"}},
            "methods": ["browser"],
            "scopes": ["use"],
            "endpoints": [authorization, token, at("revocation", "Revocation"), api, at("public", "Public")],
            "readable": [],
            "secrets": [
                {
                    "name": "handle",
                    "kind": "Opaque",
                    "born_role": "api",
                    "born_pointer": plugin.born,
                    "goes": [{"role": "api", "placement": {"Member": "handle"}}],
                },
                {
                    "name": "session_key",
                    "kind": "CloudKey",
                    "born_role": "api",
                    "born_pointer": "/keys/session",
                    "goes": [],
                },
            ],
            "identity": "Unknown",
            "derivation": [{"name": "what", "summary": "which"}],
            "hosts": [],
        });
        for (role, pointer, shape) in &plugin.readable {
            let text = json!({"Text": [".*", 200]});
            let shape = match shape {
                Shape::Text => json!({"One": text}),
                Shape::Integer => json!({"One": "Integer"}),
                Shape::Rows => json!({"Rows": [
                    {"pointer": "/name", "kind": text},
                    {"pointer": "/id", "kind": "Integer"},
                ]}),
            };
            list(&mut profile, "readable")
                .push(json!({"role": role, "pointer": pointer, "shape": shape}));
        }
        profile
    }
}

/// The header that carries the token where the description says so.
pub(crate) const TOKEN_HEADER: &str = "x-practice-token";

impl case::Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Refresh => "refresh",
            Self::Revoke => "revoke",
            Self::Derive => "derive",
        }
    }
}

fn purpose(broker: &mut Broker<'_>, purpose: case::Purpose, values: Values) -> Result<Purpose> {
    let part = |name: &str, kind, marker: Kind| Part {
        name: SecretName::parse(name).unwrap(),
        kind,
        secret: Secret::new(marker.value(values)),
    };
    let mut stored = || -> Result<StoredGrant> {
        broker.continue_session(&facts())?;
        let parts = broker.admit(vec![
            part("access_token", SecretKind::AccessToken, Kind::Access),
            part("refresh_token", SecretKind::RefreshToken, Kind::Refresh),
        ])?;
        Ok(StoredGrant { parts })
    };
    Ok(match purpose {
        case::Purpose::SignIn => Purpose::SignIn { login_hint: None },
        case::Purpose::Refresh => Purpose::Refresh(stored()?),
        case::Purpose::Revoke => Purpose::Revoke(stored()?),
        case::Purpose::Derive => Purpose::Derive {
            grant: stored()?,
            parameters: vec![(SettingName::parse("what").unwrap(), "this".to_owned())],
            interactive: true,
        },
    })
}

fn facts() -> Facts {
    Facts {
        primary: Primary::Oauth,
        method: Method::Browser,
        account: None,
        scopes: Vec::new(),
        signed_in_at: 0,
        renewed_at: 0,
        expires_at: u64::MAX,
        ends_at: u64::MAX,
        plugin: String::new(),
        approval: String::new(),
        id_token: None,
        judged_by: None,
        client_id: None,
        actor: None,
    }
}

fn name() -> TenantName {
    TenantName::parse("taint").unwrap()
}

/// The PKCE verifier of a token request.
fn verifier(seen: &Seen) -> Option<String> {
    let form = url::form_urlencoded::parse(seen.body.as_bytes());
    let of_form = form
        .filter(|(name, _)| name == "code_verifier")
        .map(|(_, value)| value.into_owned())
        .next();
    of_form.or_else(|| {
        let json: Value = serde_json::from_str(&seen.body).ok()?;
        json["code_verifier"].as_str().map(str::to_owned)
    })
}

/// The tap.
#[derive(Default)]
struct Watch {
    entered: Mutex<Vec<Entered>>,
    live: Mutex<Vec<Kind>>,
    drawn: Mutex<Vec<String>>,
    states: Arc<Mutex<Vec<String>>>,
}

impl Watch {
    fn take_states(&self) {
        let states = std::mem::take(&mut *self.states.lock().unwrap());
        self.drawn.lock().unwrap().extend(states);
    }
}

impl Watch {
    fn enters(&self, whole: String, value: &dyn Enters) {
        let mut words = Vec::new();
        value.for_each_word(&mut |word| words.push(word.to_owned()));
        let live = self.live.lock().unwrap().clone();
        self.entered
            .lock()
            .unwrap()
            .push(Entered { whole, words, live });
    }
}

impl Observer for Watch {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Began { start } => {
                // The settings are the program, which the test itself wrote.
                let start = Start {
                    settings: Vec::new(),
                    ..(*start).clone()
                };
                self.enters(format!("{start:?}"), &start);
            }
            Event::Replied { reply } => self.enters(format!("{reply:?}"), *reply),
            Event::Kept { kind, .. } => {
                let kind = match kind {
                    SecretKind::AuthorizationCode => Kind::Code,
                    SecretKind::AccessToken => Kind::Access,
                    SecretKind::RefreshToken => Kind::Refresh,
                    SecretKind::Opaque => Kind::Handle,
                    SecretKind::CloudKey => Kind::Key,
                    SecretKind::CodeVerifier
                    | SecretKind::State
                    | SecretKind::Nonce
                    | SecretKind::DeviceCode
                    | SecretKind::IdToken
                    | SecretKind::ClientSecret
                    | SecretKind::ClientKey
                    | SecretKind::ClientAssertion
                    | SecretKind::SubjectAssertion => return,
                };
                self.live.lock().unwrap().push(kind);
            }
            Event::Compiling
            | Event::Asked { .. }
            | Event::Allowed { .. }
            | Event::Denied { .. }
            | Event::Requesting { .. }
            | Event::Placed { .. }
            | Event::Answered { .. }
            | Event::Verified { .. }
            | Event::Browser { .. }
            | Event::BrowserFailed { .. }
            | Event::SigningIn { .. }
            | Event::Notice { .. }
            | Event::Warning { .. }
            | Event::DevicePrompt(_)
            | Event::DeviceWaiting { .. }
            | Event::WaitingForLock { .. } => {}
        }
    }
}

struct FirstOption;

impl Person for FirstOption {
    fn is_present(&self) -> bool {
        true
    }

    fn choose(&self, _question: &Question<'_>) -> Result<usize> {
        Ok(0)
    }

    fn consent(&self, _question: &Consent<'_>) -> Result<bool> {
        Ok(true)
    }
}

/// A browser whose person consents: the code goes to the redirect URI, and the last page is fetched.
struct Consenting(Values, Arc<Mutex<Vec<String>>>);

impl Browser for Consenting {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        let url = url::Url::parse(url.as_str()).unwrap();
        let parameter = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let state = parameter("state");
        self.1.lock().unwrap().push(state.clone());
        let mut callback = url::Url::parse(&parameter("redirect_uri")).unwrap();
        callback
            .query_pairs_mut()
            .append_pair("code", &Kind::Code.value(self.0))
            .append_pair("state", &state);
        tokio::spawn(visit(callback));
        Box::pin(async { Ok(()) })
    }
}

async fn visit(mut url: url::Url) {
    // One redirect, to the page that says how it ended.
    for _ in 0..2 {
        let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let Ok(mut stream) = TcpStream::connect(&host).await else {
            return;
        };
        let path = &url[url::Position::BeforePath..];
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        if stream.write_all(request.as_bytes()).await.is_err()
            || stream.read_to_string(&mut answer).await.is_err()
        {
            return;
        }
        let location = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("location")
                .then(|| value.trim().to_owned())
        });
        let Some(next) = location.and_then(|location| url.join(&location).ok()) else {
            return;
        };
        url = next;
    }
}
