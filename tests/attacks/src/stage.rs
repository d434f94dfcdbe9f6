//! The stage: one user's machine with the puppet installed, run through the real library: sandbox, policy, broker and store. The
//! provider is the practice provider, over real HTTP, honest or not as its script says.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use serde_json::Value;
use tempfile::TempDir;
use vestibule_app::broker::browser::{Browser, BrowserUrl, Opening};
use vestibule_app::broker::clock::{Clock, Steady};
use vestibule_app::broker::release::Released;
use vestibule_app::broker::subject_token::Variables;
use vestibule_app::config::{Config, KeystoreConfig, KeystoreName};
use vestibule_app::{
    AuditEvent, Entry, KeyStoreId, Outside, Places, Record, SignIn, SignedIn, TokenQuery, Vestibule,
};
use vestibule_core::event::Observer;
use vestibule_core::record::Method;
use vestibule_core::{Result, TenantName};
use vestibule_e2e::{kept, schema};
use vestibule_rehearsal::{Rehearsal, Script, Visitor};

use crate::leaping::Leaping;
use crate::puppet::Program;
use crate::tape::Tape;
use crate::variables::Environment;

/// A machine with the puppet, and a provider.
pub struct Stage {
    /// The provider.
    pub idp: Rehearsal,
    /// The library, as an embedder has it.
    pub vestibule: Vestibule,
    /// What entered guests, and what was said.
    pub tape: Arc<Tape>,
    /// What waits are counted by.
    pub time: Arc<Leaping>,
    /// The variables of the environment.
    pub variables: Arc<Environment>,
    /// By how many seconds the machine's time of day is wrong.
    pub skew: Arc<AtomicI64>,
    root: TempDir,
    played: AtomicUsize,
    /// The last record that was compared with the schema.
    checked: AtomicU64,
}

impl Stage {
    /// A machine, and a provider that follows this script.
    pub async fn with(script: Script) -> Self {
        Self::seated(script, Arc::new(Visiting)).await
    }

    /// The same with somebody else at the browser.
    ///
    /// # Panics
    /// If it cannot be set up.
    pub async fn seated(script: Script, browser: Arc<dyn Browser>) -> Self {
        let idp = Rehearsal::start(script.any_redirect_path()).await.unwrap();
        let root = TempDir::new().unwrap();
        let time = Arc::new(Leaping::beside(idp.clock()));
        let tape = Arc::new(Tape::timed(Arc::clone(&time)));
        let skew = Arc::new(AtomicI64::new(0));
        let variables = Arc::new(Environment::default());
        let outside = Outside {
            clock: Arc::new(PracticeClock(idp.clock(), Arc::clone(&skew))),
            steady: Arc::clone(&time) as Arc<dyn Steady>,
            observer: Arc::clone(&tape) as Arc<dyn Observer>,
            variables: Arc::clone(&variables) as Arc<dyn Variables>,
            person: Arc::clone(&tape) as Arc<dyn vestibule_core::event::Person>,
            ..Outside::unattended(browser)
        };
        let config = Config {
            keystore: KeystoreConfig {
                use_only: Some(KeystoreName::KernelKeyring),
            },
            ..Config::default()
        };
        let mut below = Places::below(root.path());
        below.config.push(root.path().join("system"));
        let places = Places {
            // Compiling is none of these tests' business: what one has compiled serves the next.
            cache: target().join("tmp/attacks-cache"),
            ..below
        };
        let vestibule = Vestibule::new(places, config, outside)
            .with_compiler(vestibule_guests::program::compiler());
        let stage = Self {
            idp,
            vestibule,
            tape,
            time,
            variables,
            skew,
            root,
            played: AtomicUsize::new(0),
            checked: AtomicU64::new(0),
        };
        stage.install(&puppet());
        stage
    }

    /// A machine, and a provider that is honest.
    pub async fn honest() -> Self {
        Self::with(Script::honest()).await
    }

    /// Installs a component.
    ///
    /// # Panics
    /// If it cannot be installed.
    pub fn install(&self, component: &[u8]) {
        self.vestibule.install_plugin(component.to_vec()).unwrap();
    }

    /// Adds and approves a tenant whose plugin plays this program.
    ///
    /// # Errors
    /// If it may not be approved.
    pub async fn approve(&self, tenant: &str, program: &Program) -> Result<TenantName> {
        self.approve_file(tenant, &program.tenant_file("")).await
    }

    /// Adds and approves a tenant of this file.
    ///
    /// # Errors
    /// If it may not be approved.
    ///
    /// # Panics
    /// If it was refused, and that was not recorded.
    pub async fn approve_file(&self, tenant: &str, file: &str) -> Result<TenantName> {
        let name = TenantName::parse(tenant).unwrap();
        self.vestibule.add_tenant(&name, file)?;
        let before = self.recorded().len();
        let proposed = self.vestibule.propose(&name).await;
        self.is_recorded(before, &name, &proposed);
        self.vestibule.approve(&proposed?)?;
        Ok(name)
    }

    /// Approves what is in a tenant's file once it has this program, in place of what was approved.
    ///
    /// # Errors
    /// If it may not be approved.
    pub async fn approve_again(&self, name: &TenantName, program: &Program) -> Result<()> {
        std::fs::write(self.tenant_file(name), program.tenant_file("")).unwrap();
        let proposal = self.vestibule.propose(name).await?;
        self.vestibule.approve(&proposal)
    }

    /// Writes a client secret to a file that only this user reads.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn client_secret(&self, secret: &str) -> PathBuf {
        let file = self.root().join("client-secret");
        std::fs::write(&file, secret).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    }

    /// Writes the machine's policy, which no user's file overrides.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn lock(&self, text: &str) {
        let system = self.root().join("system");
        std::fs::create_dir_all(&system).unwrap();
        std::fs::write(system.join("policy.toml"), text).unwrap();
    }

    /// Where a tenant's file is.
    #[must_use]
    pub fn tenant_file(&self, name: &TenantName) -> PathBuf {
        self.root().join(format!("config/tenants.d/{name}.toml"))
    }

    /// Approves a new tenant with this program, and signs in.
    ///
    /// # Errors
    /// What the attack came to.
    pub async fn play(&self, program: &Program) -> Result<SignedIn> {
        let name = self.approve(&self.next_tenant(), program).await?;
        self.sign_in(&name).await
    }

    /// A name that no tenant has yet.
    #[must_use]
    pub fn next_tenant(&self) -> String {
        let number = self.played.fetch_add(1, Ordering::SeqCst);
        format!("stage-{number}")
    }

    /// Installs the plugin for conforming providers, and approves the tenant `corp` of this provider with it. `more` are further lines
    /// of the tenant file, before its tables.
    ///
    /// # Errors
    /// If it may not be approved.
    ///
    /// # Panics
    /// If the plugin was not built.
    pub async fn conforming(&self, more: &str) -> Result<TenantName> {
        let file = vestibule_e2e::machine::plugin("oidc");
        self.install(&std::fs::read(file).unwrap());
        let file = conforming_file(&self.idp, more);
        self.approve_file("corp", &file).await
    }

    /// Signs in at a tenant.
    ///
    /// # Errors
    /// What it came to.
    ///
    /// # Panics
    /// If it was refused, and that was not recorded.
    pub async fn sign_in(&self, name: &TenantName) -> Result<SignedIn> {
        let wish = SignIn {
            force: true,
            ..SignIn::default()
        };
        let before = self.recorded().len();
        let ended = self.vestibule.sign_in(name, &wish).await;
        self.is_recorded(before, name, &ended);
        ended
    }

    /// Approves a new tenant with this program, whose policy allows the device flow, and signs in by it.
    ///
    /// # Errors
    /// What the attack came to.
    pub async fn play_by_device(&self, program: &Program) -> Result<SignedIn> {
        let file = program.tenant_file(BY_DEVICE);
        let name = self.approve_file(&self.next_tenant(), &file).await?;
        self.sign_in_by_device(&name).await
    }

    /// Signs in by device, because the person asks for it.
    ///
    /// # Errors
    /// What it came to.
    pub async fn sign_in_by_device(&self, name: &TenantName) -> Result<SignedIn> {
        let wish = SignIn {
            force: true,
            method: Some(Method::Device),
            ..SignIn::default()
        };
        self.vestibule.sign_in(name, &wish).await
    }

    /// Has somebody enter the code that is shown, once so many seconds were waited.
    pub fn enters_code_at(&self, seconds: u64, visitor: Visitor) {
        let tape = Arc::clone(&self.tape);
        self.time.at(seconds, move || async move {
            let prompt = tape.prompts().pop().unwrap();
            visitor.enter(&prompt.uri, &prompt.code).await.unwrap();
        });
    }

    /// `token --refresh`.
    ///
    /// # Errors
    /// What it came to.
    ///
    /// # Panics
    /// If it was refused, and that was not recorded.
    pub async fn refresh(&self, name: &TenantName) -> Result<Released> {
        let query = TokenQuery {
            refresh: true,
            ..TokenQuery::default()
        };
        let before = self.recorded().len();
        let ended = self.vestibule.token(name, &query).await;
        self.is_recorded(before, name, &ended);
        ended
    }

    /// All that was recorded, the oldest first.
    ///
    /// # Panics
    /// If a line of the audit log is no record, or not what the schema of records says.
    #[must_use]
    pub fn recorded(&self) -> Vec<Record> {
        let mut records = Vec::new();
        let unreadable = self
            .vestibule
            .audit_records(&mut |record| records.push(record))
            .unwrap();
        assert_eq!(unreadable, 0);
        self.check_schema(&records);
        records
    }

    /// Each record is what the schema says. Looked at once: there may be many.
    fn check_schema(&self, records: &[Record]) {
        let last = records.last().map_or(0, |record| record.seq);
        let checked = self.checked.fetch_max(last, Ordering::SeqCst);
        let new = records.iter().filter(|record| record.seq > checked);
        let schema: Value = serde_json::from_str(vestibule_app::AUDIT_SCHEMA).unwrap();
        for record in new {
            let written = serde_json::to_value(record).unwrap();
            let problems = schema::problems(&schema, &written);
            assert!(problems.is_empty(), "{problems:#?}: {written:#}");
        }
    }

    /// The last record of this event.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    #[track_caller]
    pub fn last(&self, event: AuditEvent) -> Entry {
        let records = self.recorded();
        let found = records
            .into_iter()
            .rfind(|record| record.entry.event == event);
        found.expect("a record of the event").entry
    }

    /// Where the audit log is.
    #[must_use]
    pub fn audit_folder(&self) -> PathBuf {
        self.root().join("state/audit")
    }

    /// Where this machine keeps things.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Whether any file of this machine holds this text.
    #[must_use]
    pub fn keeps(&self, text: &str) -> bool {
        kept::holds(self.root(), text)
    }

    /// The number of sealed files.
    #[must_use]
    pub fn sealed(&self) -> usize {
        kept::sealed(&self.root().join("state")).len()
    }
}

/// The kernel keeps the key as long as the machine runs.
impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.vestibule.forget_key(KeyStoreId::KernelKeyring);
    }
}

/// Lines of a tenant file that allow the device flow.
pub const BY_DEVICE: &str = "[policy]\nmethods = [\"browser\", \"device\"]\n";

/// A tenant file of the plugin for conforming providers.
#[must_use]
pub fn conforming_file(idp: &Rehearsal, more: &str) -> String {
    format!(
        "plugin = \"oidc\"\ninteractive = \"window\"\n{more}\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n\
         [network]\nallow_loopback_http = true\n",
        idp.issuer(),
        Script::CLIENT_ID
    )
}

/// The puppet's component.
///
/// # Panics
/// If it was not built.
#[must_use]
pub fn puppet() -> Vec<u8> {
    let file = puppet_file();
    std::fs::read(&file)
        .unwrap_or_else(|_| panic!("{} is missing: cargo xtask plugins", file.display()))
}

/// Another release of the puppet, which asks for this besides: lists of the profile, with what is added to them.
///
/// # Panics
/// If the puppet has no room for it.
#[must_use]
pub fn puppet_that_asks_for(more: &Value) -> Vec<u8> {
    let mark = b"what this release of the puppet asks for: ";
    let mut component = puppet();
    let places: Vec<usize> = component
        .windows(mark.len())
        .enumerate()
        .filter(|(_, window)| window == mark)
        .map(|(at, _)| at + mark.len())
        .collect();
    let [at] = places[..] else {
        panic!("the mark stands {} times in the puppet", places.len());
    };
    let more = more.to_string();
    assert!(more.len() < 900, "there is no room for {more}");
    component[at..at + more.len()].copy_from_slice(more.as_bytes());
    component
}

/// Where the puppet's component is.
#[must_use]
pub fn puppet_file() -> PathBuf {
    target().join("guests/puppet.wasm")
}

/// Cargo's target folder: the running test lies in `PROFILE/deps` there.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a file");
    test.ancestors()
        .nth(3)
        .expect("a test lies in deps")
        .to_owned()
}

struct PracticeClock(vestibule_rehearsal::Clock, Arc<AtomicI64>);

impl Clock for PracticeClock {
    fn now(&self) -> u64 {
        self.0
            .now()
            .saturating_add_signed(self.1.load(Ordering::SeqCst))
    }
}

/// The practice provider's visitor, who approves.
struct Visiting;

impl Browser for Visiting {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        let url = url.as_str().to_owned();
        tokio::spawn(async move { Visitor::approve("ada").visit(&url).await });
        Box::pin(async { Ok(()) })
    }
}
