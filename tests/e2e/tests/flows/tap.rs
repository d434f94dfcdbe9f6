//! A tap on every value that enters a guest, during whole flows through the real sandbox and the real plugins: no secret crosses,
//! in no form. The provider remembers every secret that it gave or was given, so that nothing depends on what the host calls secret.

use std::fs;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use vestibule_app::config::{Config, KeystoreConfig, KeystoreName};
use vestibule_app::{Outside, Places, SignIn, TokenQuery, Vestibule, plugins, tenants};
use vestibule_broker::browser::{Browser, BrowserUrl, Opening};
use vestibule_core::event::{Event, Observer};
use vestibule_core::{SettingName, TenantName};
use vestibule_e2e::{encodings, machine};
use vestibule_rehearsal::{Fault, Rehearsal, Role, Script, Secret, Visitor};

/// Endpoints of the practice provider whose answers a plugin may read anything of.
const ANSWERING: [Role; 10] = [
    Role::Discovery,
    Role::Token,
    Role::PushedAuthorization,
    Role::Revocation,
    Role::UserInfo,
    Role::Registration,
    Role::Accounts,
    Role::AccountRoles,
    Role::RoleCredentials,
    Role::PortalLogout,
];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_an_openid_provider_enters_the_guest() {
    let idp = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    let bench = Bench::new("oidc", &openid_tenant(&idp)).await;
    let seen = bench.whole_life(&renewed()).await;
    assert!(
        seen.len() > 12,
        "sign-in, refresh and revocation: {seen:#?}"
    );
    assert_no_secret(&seen, &idp.secrets(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_an_identity_center_enters_the_guest() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let bench = Bench::new("aws-identity-center", &identity_center_tenant(&idp)).await;
    // The account by its name and no role: both lists are read.
    let seen = bench.whole_life(&keys_of("production")).await;
    assert!(
        seen.iter().any(|text| text.contains("444455556666")),
        "the tap sees what may cross"
    );
    assert_no_secret(&seen, &idp.secrets(), 8);
}

// proves: PLUG-06
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_echoes_every_credential_tells_the_guest_nothing() {
    // Beside an honest answer: the flows go on to their end.
    for fault in [Fault::EchoInMembers, Fault::EchoInHeaders] {
        echoed(&fault, &ANSWERING, 8).await;
    }
    // In place of one: each endpoint in turn, so that the flows get that far.
    for fault in [Fault::EchoInError, Fault::ErrorInOk] {
        for role in ANSWERING {
            echoed(&fault, &[role], 0).await;
        }
    }
}

/// Both providers echo what they know at these endpoints, after an honest approval.
async fn echoed(fault: &Fault, roles: &[Role], secrets: usize) {
    let echoing = |script: Script| {
        let add = |script: Script, role: &Role| script.fault(*role, fault.clone());
        roles.iter().fold(script, add)
    };
    let idp = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    let bench = Bench::new("oidc", &openid_tenant(&idp)).await;
    idp.rescript(echoing(Script::honest().any_redirect_path()));
    let seen = bench.whole_life(&renewed()).await;
    assert_no_secret(&seen, &idp.secrets(), secrets);

    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let bench = Bench::new("aws-identity-center", &identity_center_tenant(&idp)).await;
    idp.rescript(echoing(Script::honest()));
    let seen = bench.whole_life(&keys_of("production")).await;
    assert_no_secret(&seen, &idp.secrets(), secrets);
}

/// One user of the library, whose every flow is tapped.
struct Bench {
    vestibule: Vestibule,
    tap: Arc<Tap>,
    tenant: TenantName,
    _home: TempDir,
}

impl Bench {
    async fn new(plugin: &str, tenant_file: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let places = Places::below(home.path());
        let config = Config {
            keystore: KeystoreConfig {
                use_only: Some(KeystoreName::Memory),
            },
            ..Config::default()
        };
        let tap = Arc::new(Tap::default());
        let outside = Outside {
            observer: Arc::clone(&tap) as Arc<dyn Observer>,
            ..Outside::unattended(Arc::new(VisitorAtTheBrowser))
        };
        let vestibule = Vestibule::new(places.clone(), config, outside)
            .with_compiler(machine::program("vestibule-compile"));
        let component = fs::read(machine::plugin(plugin)).unwrap();
        plugins::install(&places, vestibule.sandbox().unwrap(), component).unwrap();
        let tenant = TenantName::parse("tapped").unwrap();
        tenants::add(&places, &tenant, tenant_file).unwrap();
        let proposal = vestibule.propose(&tenant).await.unwrap();
        vestibule.approve(&proposal).unwrap();
        Self {
            vestibule,
            tap,
            tenant,
            _home: home,
        }
    }

    /// Sign-in, a token, the end; whatever comes of each. Everything that the guest saw.
    async fn whole_life(&self, token: &TokenQuery) -> Vec<String> {
        let wish = SignIn {
            in_this_process: true,
            ..SignIn::default()
        };
        let _ = self.vestibule.sign_in(&self.tenant, &wish).await;
        let _ = self.vestibule.token(&self.tenant, token).await;
        let _ = self.vestibule.sign_out(&self.tenant, None).await;
        self.tap.seen()
    }
}

/// Writes down every value that enters a guest.
#[derive(Default)]
struct Tap(Mutex<Vec<String>>);

impl Tap {
    fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Tap {
    fn event(&self, event: &Event<'_>) {
        let mut seen = self.0.lock().unwrap();
        // The settings are the tenant's own, and hold no secret; what else there is stands in the debug form.
        if let Event::Began { start } = event {
            seen.push(format!("{start:?}"));
        }
        if let Event::Replied { reply } = event {
            reply.for_each_text(&mut |text| seen.push(text.to_owned()));
            reply.for_each_integer(&mut |value| seen.push(value.to_string()));
            // A kind of value that the visits above leave out would still be here.
            seen.push(format!("{reply:?}"));
        }
    }
}

/// The practice provider's visitor, who approves.
struct VisitorAtTheBrowser;

impl Browser for VisitorAtTheBrowser {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        let url = url.as_str().to_owned();
        tokio::spawn(async move { Visitor::approve("ada").visit(&url).await });
        Box::pin(async { Ok(()) })
    }
}

#[track_caller]
fn assert_no_secret(seen: &[String], secrets: &[Secret], at_least: usize) {
    assert!(!seen.is_empty(), "no guest was started");
    assert!(
        secrets.len() >= at_least,
        "the flow did not run: {} secrets",
        secrets.len()
    );
    for secret in secrets {
        for form in encodings::of(&secret.value) {
            let hit = seen.iter().find(|text| text.contains(&form));
            assert!(hit.is_none(), "{:?} has crossed: {hit:?}", secret.kind);
        }
    }
}

fn renewed() -> TokenQuery {
    TokenQuery {
        refresh: true,
        ..TokenQuery::default()
    }
}

fn keys_of(account: &str) -> TokenQuery {
    let account = (SettingName::parse("account").unwrap(), account.to_owned());
    TokenQuery {
        derived_for: vec![account],
        ..TokenQuery::default()
    }
}

fn openid_tenant(idp: &Rehearsal) -> String {
    format!(
        "plugin = \"oidc\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n[network]\nallow_loopback_http = true\n",
        idp.issuer(),
        Script::CLIENT_ID
    )
}

fn identity_center_tenant(idp: &Rehearsal) -> String {
    format!(
        "plugin = \"aws-identity-center\"\n\
         [settings]\nstart_url = \"{}\"\nregion = \"eu-west-1\"\noidc_endpoint = \"{}\"\nportal_endpoint = \"{}\"\n\
         [policy]\nallow_unknown_identity = true\n[network]\nallow_loopback_http = true\n",
        idp.start_url(),
        idp.oidc_url(),
        idp.portal_url()
    )
}
