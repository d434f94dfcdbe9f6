//! The stage: one tenant of an honest OpenID provider, with a resource endpoint of the plugin's own beside the standard ones.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vestibule_app::{Nobody, flow};
use vestibule_broker::browser::{Browser, BrowserUrl, Opening};
use vestibule_broker::clock::{Clock as _, SystemClock};
use vestibule_broker::discovery::{self, Endpoint as Standard};
use vestibule_broker::egress::{EgressPolicy, HostPort};
use vestibule_broker::http::{HttpClient, Network};
use vestibule_broker::keep::Forgetful;
use vestibule_broker::{Broker, Credential, Finished, Surroundings};
use vestibule_core::approval::Permissions;
use vestibule_core::description::{
    Client, ClientAuthentication, Dialect, Encoding, Endpoint, EndpointClass, HttpMethod,
    IdentitySource, Profile, ScopeForm, Server,
};
use vestibule_core::event::Unobserved;
use vestibule_core::plugin::Plugin;
use vestibule_core::record::Method;
use vestibule_core::start::{Purpose, Start};
use vestibule_core::tenant::Tenant;
use vestibule_core::{Issuer, Pointer, ProviderUrl, Result, RoleName, Scope, TenantName};
use vestibule_policy::Discovered;
use vestibule_policy::steps::StepRules;
use vestibule_rehearsal::{Rehearsal, Script, Visitor};

/// The role of the plugin's own endpoint, which takes the access token.
pub const API: &str = "api";

/// A provider, and a tenant of it that was approved.
pub struct Stage {
    /// The provider.
    pub idp: Rehearsal,
    permissions: Permissions,
    tenant: Tenant,
    visits: Arc<AtomicUsize>,
}

impl Stage {
    /// An honest provider, and what an honest plugin for it would have been approved for.
    ///
    /// # Panics
    /// If it cannot be set up.
    pub async fn new() -> Self {
        let idp = Rehearsal::start(Script::honest().any_redirect_path())
            .await
            .unwrap();
        let text = "plugin = \"hostile\"\n[network]\nallow_loopback_http = true\n";
        let tenant = Tenant::parse(&name(), text).unwrap();
        let profile = profile(&idp);
        let issuer = Issuer::parse(&idp.issuer()).unwrap();
        let http = client(std::iter::once(issuer.url()));
        let (metadata, _) = discovery::discover(&http, &issuer, SystemClock.now())
            .await
            .unwrap();
        let url = |standard| metadata.endpoint(standard).cloned();
        let endpoints: BTreeMap<RoleName, ProviderUrl> = Standard::ALL
            .into_iter()
            .filter(|standard| *standard != Standard::Jwks)
            .filter_map(|standard| Some((role(standard.role()), url(standard)?)))
            .collect();
        let discovered = Discovered {
            endpoints,
            jwks_uri: url(Standard::Jwks),
        };
        let permissions = vestibule_policy::permissions(&profile, &[], Some(&discovered), &tenant);
        Self {
            idp,
            permissions: permissions.unwrap(),
            tenant,
            visits: Arc::default(),
        }
    }

    /// Lets a plugin sign in.
    ///
    /// # Errors
    /// What its attack came to.
    pub async fn play(&self, plugin: &dyn Plugin) -> Result<Finished> {
        let name = name();
        let browser = VisitorAtTheBrowser(Arc::clone(&self.visits));
        let scopes = [Scope::parse("openid").unwrap()];
        let around = Surroundings {
            tenant: &name,
            permissions: &self.permissions,
            policy: &self.tenant.policy,
            redirect: &self.tenant.redirect,
            plugin: "hostile",
            scopes: &scopes,
            observer: &Unobserved,
            person: &Nobody,
            browser: &browser,
            memory: &Forgetful,
            clock: &SystemClock,
        };
        let urls: Vec<ProviderUrl> = self
            .permissions
            .endpoints
            .values()
            .map(|endpoint| endpoint.url().unwrap())
            .collect();
        let mut broker = Broker::new(around, client(urls.iter()));
        broker.set_client(Script::CLIENT_ID.to_owned(), Credential::None)?;
        let start = Start {
            purpose: Purpose::SignIn { login_hint: None },
            settings: Vec::new(),
            method: Method::Browser,
            scopes: scopes.to_vec(),
            registered: broker.has_client(),
        };
        let mut rules = StepRules::new(&self.permissions, &self.tenant, &start);
        flow::drive(plugin, &start, &mut rules, &mut broker, &Unobserved).await
    }

    /// How often a browser was opened.
    #[must_use]
    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

/// What an honest plugin says of itself.
#[must_use]
pub fn profile(idp: &Rehearsal) -> Profile {
    let api = Endpoint {
        role: role(API),
        class: EndpointClass::Resource,
        url: Some(ProviderUrl::parse(&idp.api_url()).unwrap()),
        method: HttpMethod::Post,
        token_header: None,
        dialect: Dialect {
            encoding: Encoding::Form,
            renames: Vec::new(),
            scope_form: ScopeForm::Joined(' '),
            error_code: Pointer::parse("/error").unwrap(),
            error_description: Pointer::parse("/error_description").unwrap(),
            outcomes: Vec::new(),
        },
    };
    Profile {
        server: Server::Discovered(Issuer::parse(&idp.issuer()).unwrap()),
        client: Client::Configured {
            client_id: Script::CLIENT_ID.to_owned(),
            authentication: ClientAuthentication::None,
        },
        methods: vec![Method::Browser],
        scopes: vec![Scope::parse("openid").unwrap()],
        endpoints: vec![api],
        readable: Vec::new(),
        secrets: Vec::new(),
        identity: IdentitySource::Oidc,
        derivation: Vec::new(),
        hosts: Vec::new(),
    }
}

fn client<'a>(urls: impl Iterator<Item = &'a ProviderUrl>) -> HttpClient {
    let policy = EgressPolicy::new(urls.map(HostPort::of)).allow_loopback_http();
    HttpClient::new(policy, Arc::new(Network::new(Vec::new(), None)))
}

fn name() -> TenantName {
    TenantName::parse("stage").unwrap()
}

fn role(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

/// The practice provider's visitor, who approves.
struct VisitorAtTheBrowser(Arc<AtomicUsize>);

impl Browser for VisitorAtTheBrowser {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let url = url.as_str().to_owned();
        tokio::spawn(async move { Visitor::approve("ada").visit(&url).await });
        Box::pin(async { Ok(()) })
    }
}
