//! A user's machine for one test: directories of its own, installed plugins, and a browser that consents.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use vestibule_app::broker::browser::{Browser, BrowserUrl, Opening};
use vestibule_app::broker::clock::Clock;
use vestibule_app::config::{Config, KeystoreConfig, KeystoreName};
use vestibule_app::core::event::{Event, Observer};
use vestibule_app::core::{Result, TenantName};
use vestibule_app::{KeyStoreId, Outside, Places, SignIn, SignedIn, Vestibule};
use vestibule_e2e::kept;
use vestibule_rehearsal::{Rehearsal, Visitor};

pub(crate) struct House {
    pub(crate) vestibule: Vestibule,
    pub(crate) tape: Arc<Tape>,
    pub(crate) root: Arc<TempDir>,
}

/// Writes down what enters a guest, and what is said.
#[derive(Default)]
pub(crate) struct Tape {
    pub(crate) entered: Mutex<Vec<String>>,
    pub(crate) browsers: Mutex<usize>,
    pub(crate) said: Mutex<String>,
}

impl Observer for Tape {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Began { start } => self.entered.lock().unwrap().push(format!("{start:?}")),
            Event::Replied { reply } => self.entered.lock().unwrap().push(format!("{reply:?}")),
            Event::Browser { .. } => *self.browsers.lock().unwrap() += 1,
            Event::Notice { text } | Event::Warning { text } => {
                self.said.lock().unwrap().push_str(text)
            }
            _ => {}
        }
    }
}

struct Consenting(Visitor);

impl Browser for Consenting {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        Box::pin(async move {
            let (visitor, url) = (self.0.clone(), url.as_str().to_owned());
            tokio::spawn(async move { visitor.visit(&url).await });
            Ok(())
        })
    }
}

struct PracticeClock(vestibule_rehearsal::Clock);

impl Clock for PracticeClock {
    fn now(&self) -> u64 {
        self.0.now()
    }
}

/// The kernel keeps the key as long as the machine runs.
impl Drop for House {
    fn drop(&mut self) {
        let _ = self.vestibule.forget_key(KeyStoreId::KernelKeyring);
    }
}

impl House {
    pub(crate) fn new(idp: &Rehearsal, visitor: Visitor) -> Self {
        Self::at(Arc::new(TempDir::new().unwrap()), idp, visitor)
    }

    /// Another person at the same machine account: the same directories, another browser.
    pub(crate) fn as_somebody_else(&self, idp: &Rehearsal, visitor: Visitor) -> Self {
        Self::at(Arc::clone(&self.root), idp, visitor)
    }

    fn at(root: Arc<TempDir>, idp: &Rehearsal, visitor: Visitor) -> Self {
        let tape = Arc::new(Tape::default());
        let outside = Outside {
            clock: Arc::new(PracticeClock(idp.clock())),
            observer: Arc::clone(&tape) as Arc<dyn Observer>,
            ..Outside::unattended(Arc::new(Consenting(visitor)))
        };
        let config = Config {
            keystore: KeystoreConfig {
                use_only: Some(KeystoreName::KernelKeyring),
            },
            ..Config::default()
        };
        let vestibule = Vestibule::new(Places::below(root.path()), config, outside)
            .with_compiler(vestibule_guests::program::compiler());
        Self {
            vestibule,
            tape,
            root,
        }
    }

    pub(crate) fn install(&self, plugin: &str) {
        let path = plugins().join(format!("{plugin}.wasm"));
        let bytes = std::fs::read(&path)
            .unwrap_or_else(|_| panic!("{} is missing: cargo xtask plugins", path.display()));
        vestibule_app::plugins::install(
            self.vestibule.places(),
            self.vestibule.sandbox().unwrap(),
            bytes,
        )
        .unwrap();
    }

    pub(crate) async fn tenant(&self, name: &str, file: &str) -> TenantName {
        let name = TenantName::parse(name).unwrap();
        vestibule_app::tenants::add(self.vestibule.places(), &name, file).unwrap();
        let proposal = self.vestibule.propose(&name).await.unwrap();
        self.vestibule.approve(&proposal).unwrap();
        name
    }

    pub(crate) async fn sign_in(&self, name: &TenantName) -> Result<SignedIn> {
        self.vestibule.sign_in(name, &SignIn::default()).await
    }

    pub(crate) fn browsers(&self) -> usize {
        *self.tape.browsers.lock().unwrap()
    }

    /// Everything that entered a guest.
    pub(crate) fn entered(&self) -> Vec<String> {
        self.tape.entered.lock().unwrap().clone()
    }

    /// Every notice and warning.
    pub(crate) fn said(&self) -> String {
        self.tape.said.lock().unwrap().clone()
    }

    /// Whether any file of this machine holds this text.
    pub(crate) fn is_on_disk(&self, needle: &str) -> bool {
        kept::holds(self.root.path(), needle)
    }

    /// The number of sealed files.
    pub(crate) fn sealed(&self) -> usize {
        kept::sealed(&self.root.path().join("state")).len()
    }
}

fn plugins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins")
}

/// The token as a program would get it.
pub(crate) fn text(released: &vestibule_app::broker::release::Released, part: &str) -> String {
    let mut channel = Vec::new();
    released.write_part(part, &mut channel).unwrap();
    String::from_utf8(channel).unwrap()
}
